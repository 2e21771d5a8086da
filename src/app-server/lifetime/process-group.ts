/**
 * A server that was started here leads a process group of its own, and is signalled with all of it: a launcher or a
 * shell around codex goes together with its codex. What codex runs itself has further groups; codex ends those when it
 * is let end in order. On Windows there are no groups, and the process alone is meant.
 */
import type { ChildProcess } from 'node:child_process';

/**
 * Whether a server is started as the leader of a group, which is also a session without a terminal: what a terminal
 * sends (Ctrl-C, Ctrl-Z, hang-up) then reaches the host alone. Windows would open a console window for it; there
 * `windowsHide` keeps the child off the host's console, and so off its Ctrl-C.
 */
export const HAS_GROUPS = process.platform !== 'win32';

/** Signals the group that the child leads, or, where it leads none, the child. Never throws. */
export function signalGroup(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (child.pid === undefined || !HAS_GROUPS || !reachesGroup(child.pid, signal)) child.kill(signal);
}

/** Whether anything of the group is left; its leader may have gone. A group's id is not given away before that. */
export function hasGroup(pid: number): boolean {
  return HAS_GROUPS && reachesGroup(pid, 0);
}

function reachesGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-pid, signal);
  } catch {
    // There is no such group.
    return false;
  }
}
