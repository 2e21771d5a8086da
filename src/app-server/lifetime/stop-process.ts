/**
 * The steps of stopping a process: end its stdin, wait, SIGTERM, wait, SIGKILL, wait. Takes the next step only when the
 * process is still there after the wait. Waits for the exit of the process, and once it had to be signalled also for
 * what was signalled with it; for nothing else. Always comes to an end, even over a process that no signal reaches.
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
  /** Whether something is left that `kill` reaches although the process itself has exited. Absent: nothing. */
  readonly hasRemains?: (() => boolean) | undefined;
}

/** How often remains are looked at: nothing reports their end. Milliseconds. @internal */
export const LOOK_EVERY_MS = 50;

/** Stops the process. When it outlives SIGKILL and the wait after it, its exit is given up and settled as unknown. */
export async function stopProcess({ stdin, exit, graceMs, kill, hasRemains }: Stoppable): Promise<void> {
  if (exit.hasExited) return;
  // Codex takes the end of its stdin as "finish": it flushes what it holds and exits with code 0.
  if (!stdin.destroyed && !stdin.writableEnded) stdin.end();
  if (await isGoneWithin(graceMs, exit)) return;
  kill('SIGTERM');
  if (await isGoneWithin(graceMs, exit, hasRemains)) return;
  kill('SIGKILL');
  if (await isGoneWithin(Math.max(graceMs, MIN_WAIT_AFTER_KILL_MS), exit)) return;
  exit.settle({ exitCode: null, signal: null });
}

async function isGoneWithin(graceMs: number, exit: ExitWatch, hasRemains = () => false): Promise<boolean> {
  let isOver = false;
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      isOver = true;
      resolve();
    }, graceMs);
  });
  await Promise.race([exit.promise, over]);
  while (!isOver && hasRemains()) await look();
  clearTimeout(timer);
  return exit.hasExited && !hasRemains();
}

function look(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
}
