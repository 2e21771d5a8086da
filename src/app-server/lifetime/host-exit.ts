/**
 * Sees to it that a server does not outlive a host that exits without `shutdown()`. Its stdin closes by itself then, and
 * codex heeds that. For a child that does not, a shell outlives the host and takes the steps that `shutdown()` takes.
 *
 * What it adds to the host is one listener of its `exit`, for all children, gone with the last. No signal is listened to:
 * what a signal does to the host is decided by the host, and where it dies of one, the end of stdin is all there is.
 */
import { spawn } from 'node:child_process';
import type { ExitWatch } from './process-exit.js';
import { HAS_GROUPS } from './process-group.js';

/** How often the shell looks whether the child is gone. Short against any grace, long against the cost of a look. */
const LOOK_EVERY_MS = 50;

/**
 * Waits for the leader of the group first: when it goes by itself, what it left running is left (a program that codex
 * started to notify the user). After SIGTERM it is the whole group that has to go. Leaves as soon as that is gone, so
 * that it never hits the id of a later process. Shells differ in what else they take before a negative number.
 */
const STOP_WITHOUT_HOST = `
wait_for() {
  looks=$2
  while [ "$looks" -gt 0 ]; do
    kill -0 "$1" 2>/dev/null || exit 0
    sleep ${LOOK_EVERY_MS / 1000}
    looks=$((looks - 1))
  done
}
wait_for "$1" "$2"
kill -TERM "-$1" 2>/dev/null
wait_for "-$1" "$2"
kill -KILL "-$1" 2>/dev/null
`;

/** A child that is not to outlive this process. */
export interface HostedChild {
  readonly pid: number;
  readonly exit: ExitWatch;
  /** How long each of the steps of stopping waits. Milliseconds. */
  readonly graceMs: number;
  kill(signal: 'SIGTERM'): void;
}

const children = new Set<HostedChild>();

/** From now on until the child has exited, an exit of this process ends the child. */
export function endWithHost(child: HostedChild): void {
  if (children.size === 0) process.on('exit', endChildren);
  children.add(child);
  void child.exit.promise.then(() => {
    children.delete(child);
    if (children.size === 0) process.off('exit', endChildren);
  });
}

function endChildren(): void {
  for (const child of children) {
    // Without groups, or without a shell, a signal now is all there can be.
    if (!HAS_GROUPS || !stopWithoutHost(child)) child.kill('SIGTERM');
  }
}

/** Whether there is somebody now who takes the steps. The host's exit goes on whatever stands in the way. */
function stopWithoutHost({ pid, graceMs }: HostedChild): boolean {
  const looks = Math.ceil(graceMs / LOOK_EVERY_MS) + 1;
  try {
    const shell = spawn('/bin/sh', ['-c', STOP_WITHOUT_HOST, 'sh', String(pid), String(looks)], {
      // A session of its own: the terminal's Ctrl-C and hang-up must not reach it.
      detached: true,
      stdio: 'ignore',
      cwd: '/',
      env: { PATH: '/usr/bin:/bin' },
    });
    shell.on('error', () => {});
    shell.unref();
    return shell.pid !== undefined;
  } catch {
    // Some failures, such as too little memory, are thrown.
    return false;
  }
}
