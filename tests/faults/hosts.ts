/**
 * Runs a host program: a process that works with clients, prints one line of JSON about it, and then has to end by
 * itself, with code 0 and without another word: no handle left, no warning, no unhandled rejection.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { expect } from 'vitest';
import { programFile } from '../helpers/programs.js';

/** What every host reports. */
export interface HostReport {
  /** What was not as it must be, in sentences. */
  readonly problems: readonly string[];
}

const FLAGS = ['--trace-warnings', '--unhandled-rejections=strict'];

/** Runs a host, such as `fault-host.ts`, to its end. A host that reports problems is not waited for: one of them may be that it cannot end. */
export async function runHost<R extends HostReport>(program: string, args: readonly string[]): Promise<R> {
  const host = spawn(process.execPath, [...FLAGS, programFile(`tests/faults/${program}`), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(host, 'exit');
  const stderr = text(host.stderr);
  let stdout = '';
  for await (const chunk of host.stdout.setEncoding('utf8')) {
    stdout += chunk;
    if (stdout.endsWith('\n')) break;
  }
  // Our own host program wrote it; one that crashed wrote nothing, and its stderr says why.
  const report = stdout === '' ? undefined : (JSON.parse(stdout) as R);
  expect(report?.problems ?? (await stderr)).toEqual([]);
  expect(await exited).toEqual([0, null]);
  expect(await stderr).toBe('');
  return report as R;
}
