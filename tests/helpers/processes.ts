/** A look at processes from outside, by pid, as `ps` sees them. */
import { execFile, execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { promisify } from 'node:util';

/**
 * Which of these processes run. A pid may have gone to somebody else's process since, so only those count whose
 * command line holds `command`.
 */
export async function runningOf(pids: readonly (number | undefined)[], command: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,stat=,args='], {
    maxBuffer: 1 << 24,
  });
  const asked = new Set(pids);
  return stdout.split('\n').filter((line) => {
    const [pid, state] = line.trim().split(/\s+/);
    return asked.has(Number(pid)) && state?.startsWith('Z') !== true && line.includes(command);
  });
}

/** The pids of those that a process has started, and whose command line holds `command`. */
export function childrenOf(parent: number | undefined, command: string): readonly number[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' }).split('\n');
  const fields = lines.map((line) => line.trim().split(/\s+/));
  const own = fields.filter(([, ppid, ...args]) => Number(ppid) === parent && args.includes(command));
  return own.map(([pid]) => Number(pid));
}

/** How many file descriptors this process has open; undefined where the system does not tell. */
export function openFiles(): number | undefined {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return undefined;
  }
}
