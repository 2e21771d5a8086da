/**
 * A host that takes its system for another one, as far as this package asks: starts servers and ends them in the ways in
 * which a server ends there, and leaves one behind that does not heed the end of its stdin. Usage: platform-host.ts PLATFORM
 */
import { memberOf } from '../../src/support/argument-checks.js';
import type { HostReport } from './hosts.js';
// It looks at the system when it is loaded: for the real one, where there is no cmd.exe.
import 'execa';

/** What the host saw. */
export interface PlatformReport extends HostReport {
  /** Two variables of the server whose names differ by case. */
  readonly env: unknown;
  /** Whether a server is the leader of a group. */
  readonly leadsGroup: boolean;
  /** What ended a server that heeds the end of its stdin, one that heeds a signal, and one that heeds neither. */
  readonly ends: readonly unknown[];
  /** The one that is left behind. */
  readonly pid: number;
}

Object.defineProperty(process, 'platform', { value: process.argv[2] });
process.env['Host_Name'] = 'old';
const { pidOf, readLine, start } = await import('../app-server/processes.js');

const shutdownGraceMs = 100;

/** What ends a server that is stopped when it is ready. */
async function endOf(name: string): Promise<unknown> {
  const server = await start(name, [], { shutdownGraceMs });
  await readLine(server.stdout);
  await server.stop();
  const { exitCode, signal } = await server.exited;
  return signal ?? exitCode;
}

const names = { HOST_NAME: 'new', PRINT_NAMES: 'Host_Name,HOST_NAME' };
const printing = await start('prints-start', [], { env: names });
const env = memberOf(JSON.parse(await readLine(printing.stdout)), 'env');
await printing.stop();

const left = await start('ignores-stdin-end', [], { shutdownGraceMs });
await readLine(left.stdout);
const pid = pidOf(left);

function leadsGroup(): boolean {
  try {
    return process.kill(-pid, 0);
  } catch {
    return false;
  }
}

const ends = [
  await endOf('ends-with-stdin'),
  await endOf('ignores-stdin-end'),
  await endOf('ignores-sigterm'),
];
const report: PlatformReport = { problems: [], env, leadsGroup: leadsGroup(), ends, pid };
process.stdout.write(`${JSON.stringify(report)}\n`, () => process.exit(0));
