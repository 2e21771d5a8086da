/**
 * Sees to it that a server does not outlive its host. Its stdin closes by itself, and execa's exit hook (one for all
 * children, gone with the last) sends SIGTERM; codex heeds either. For a child that heeds neither, a shell outlives the
 * host by the grace and sends SIGKILL. It leaves at once when the child is gone, so that it never hits the id of a
 * later process. Adds no handler of its own to the host.
 */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/** How often the shell looks whether the child is gone. Short against any grace, long against the cost of a look. */
const LOOK_EVERY_MS = 50;

const WATCH_AND_KILL = `
looks=$2
while [ "$looks" -gt 0 ]; do
  kill -0 "$1" 2>/dev/null || exit 0
  sleep ${LOOK_EVERY_MS / 1000}
  looks=$((looks - 1))
done
kill -${constants.signals.SIGKILL} "$1" 2>/dev/null
`;

/**
 * Has a child killed that is still there `graceMs` after this process, which is exiting. Only for an exit hook.
 * On Windows it does nothing: SIGTERM ends any process there.
 */
export function killAfterHost(pid: number, graceMs: number): void {
  if (process.platform === 'win32') return;
  const looks = Math.ceil(graceMs / LOOK_EVERY_MS) + 1;
  const shell = spawn('/bin/sh', ['-c', WATCH_AND_KILL, 'sh', String(pid), String(looks)], {
    // A session of its own: the terminal's Ctrl-C and hang-up must not reach it.
    detached: true,
    stdio: 'ignore',
    cwd: '/',
    env: { PATH: '/usr/bin:/bin' },
  });
  shell.on('error', () => {});
  shell.unref();
}
