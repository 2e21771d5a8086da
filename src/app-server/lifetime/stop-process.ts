/**
 * The steps of stopping a process: end its stdin, wait, SIGTERM, wait, SIGKILL, wait. Takes the next step only when the
 * process is still there after the wait. Waits for the exit of the process and for nothing else, and always comes to an
 * end, even over a process that no signal reaches.
 */
import type { Writable } from 'node:stream';
import { MIN_WAIT_AFTER_KILL_MS } from '../../support/defaults.js';
import type { ExitWatch } from './process-exit.js';

/** A process to stop. */
export interface Stoppable {
  readonly stdin: Writable;
  readonly exit: ExitWatch;
  /** The longest wait after each step; after SIGKILL never less than {@link MIN_WAIT_AFTER_KILL_MS}. Milliseconds. */
  readonly graceMs: number;
  kill(signal: 'SIGTERM' | 'SIGKILL'): void;
}

/** Stops the process. When it outlives SIGKILL and the wait after it, its exit is given up and settled as unknown. */
export async function stopProcess({ stdin, exit, graceMs, kill }: Stoppable): Promise<void> {
  if (exit.hasExited) return;
  // Codex takes the end of its stdin as "finish": it flushes what it holds and exits with code 0.
  if (!stdin.destroyed && !stdin.writableEnded) stdin.end();
  if (await exitsWithin(exit, graceMs)) return;
  kill('SIGTERM');
  if (await exitsWithin(exit, graceMs)) return;
  kill('SIGKILL');
  if (await exitsWithin(exit, Math.max(graceMs, MIN_WAIT_AFTER_KILL_MS))) return;
  exit.settle({ exitCode: null, signal: null });
}

async function exitsWithin(exit: ExitWatch, graceMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const passed = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, graceMs);
  });
  await Promise.race([exit.promise, passed]);
  clearTimeout(timer);
  return exit.hasExited;
}
