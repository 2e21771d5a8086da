/**
 * Makes a {@link ServerProcess} of a child that somebody else started. Starts nothing, and takes the child's streams
 * over at once. Its `kill` says whether it is ours to stop: a child without one is left alive, its stdin open.
 */
import { ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import { DEFAULT_SHUTDOWN_GRACE_MS } from '../../support/defaults.js';
import type { AttachableChild } from './attachable-child.js';
import { checkAttachableChild } from './attached-streams.js';
import { type ExitWatch, watchExit, watchOutput, watchProcess } from './process-exit.js';
import { ChildServer, type ServerProcess } from './server-process.js';

/** How an attached child is stopped. */
export interface AttachServerOptions {
  /** @defaultValue 2,000 */
  readonly shutdownGraceMs?: number | undefined;
}

/**
 * Takes over the child's streams: stdout is paused, stderr is read from now on.
 *
 * @throws InvalidArgumentError when `child` has no usable streams.
 */
export function attachServer(child: AttachableChild, options: AttachServerOptions = {}): ServerProcess {
  const { stdin, stdout, stderr } = checkAttachableChild(child);
  const exit = exitOf(child, stdout);
  const graceMs = options.shutdownGraceMs ?? DEFAULT_SHUTDOWN_GRACE_MS;
  const kill =
    child.kill === undefined ? undefined : (signal: 'SIGTERM' | 'SIGKILL') => sendSignal(child, signal);
  stdout.pause();
  return new ChildServer({
    pid: child.pid,
    stdin,
    stdout,
    stderr,
    exit,
    graceMs,
    kill,
    localFolder: undefined,
  });
}

function exitOf(child: AttachableChild, stdout: Readable): ExitWatch {
  if (child instanceof ChildProcess) return watchProcess(child);
  return child.exit === undefined ? watchOutput(stdout) : watchExit(child.exit);
}

/** The caller's function: when it throws, the next step of stopping may still work. */
function sendSignal(child: AttachableChild, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    child.kill?.(signal);
  } catch {
    // The exit, or its absence, is the answer.
  }
}
