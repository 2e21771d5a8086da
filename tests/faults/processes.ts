/** A look at processes from outside, by pid. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/**
 * Which of these processes run, as `ps` sees them. A pid may have gone to somebody else's process since, so only
 * those count whose command line holds `command`.
 */
export async function runningChildren(pids: readonly number[], command: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,stat=,args='], { maxBuffer: 1 << 24 });
  const asked = new Set(pids);
  return stdout.split('\n').filter((line) => {
    const [pid, state] = line.trim().split(/\s+/);
    return asked.has(Number(pid)) && state?.startsWith('Z') !== true && line.includes(command);
  });
}
