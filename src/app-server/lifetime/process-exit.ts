/**
 * Knows when the server is gone. For a child process that is its `exit` event, never `close`, which a grandchild that
 * inherited the pipes can put off for ever; for bare streams it is what their owner tells, or the end of stdout. An exit happens once: what is
 * reported first stays. Waiting for it never rejects.
 */
import type { ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import { memberOf } from '../../support/argument-checks.js';
import { deferred } from '../../support/deferred.js';

/** How a process ended. Both are `null` when that cannot be known. */
export interface ProcessExit {
  readonly exitCode: number | null;
  /** The signal that ended the process, for example `SIGKILL`. */
  readonly signal: string | null;
}

/** An exit to wait for. */
export class ExitWatch {
  readonly #exit = deferred<ProcessExit>();
  #hasExited = false;

  /** Settles at the exit; never rejects. */
  get promise(): Promise<ProcessExit> {
    return this.#exit.promise;
  }

  get hasExited(): boolean {
    return this.#hasExited;
  }

  /** The process is gone; later calls change nothing. */
  settle(exit: ProcessExit): void {
    this.#hasExited = true;
    this.#exit.resolve(exit);
  }
}

const UNKNOWN_EXIT: ProcessExit = { exitCode: null, signal: null };

/** Watches a child process, which may have exited already. */
export function watchProcess(child: ChildProcess): ExitWatch {
  const watch = new ExitWatch();
  child.once('exit', (exitCode, signal) => watch.settle({ exitCode, signal }));
  // A child that could not be started has no exit. An error after the start is a failed kill: it lives on.
  child.on('error', () => {});
  if (child.pid === undefined) watch.settle(UNKNOWN_EXIT);
  if (child.exitCode !== null || child.signalCode !== null)
    watch.settle({ exitCode: child.exitCode, signal: child.signalCode });
  return watch;
}

/** Waits for an exit that somebody else tells; of what is told, only what an exit has is believed. */
export function watchExit(told: PromiseLike<unknown>): ExitWatch {
  const watch = new ExitWatch();
  told.then(
    (exit) => {
      const exitCode = memberOf(exit, 'exitCode');
      const signal = memberOf(exit, 'signal');
      watch.settle({
        exitCode: typeof exitCode === 'number' ? exitCode : null,
        signal: typeof signal === 'string' ? signal : null,
      });
    },
    () => watch.settle(UNKNOWN_EXIT),
  );
  return watch;
}

/** Watches the stdout of a process that is known by its streams only. */
export function watchOutput(stdout: Readable): ExitWatch {
  const watch = new ExitWatch();
  for (const event of ['end', 'close', 'error']) stdout.once(event, () => watch.settle(UNKNOWN_EXIT));
  if (stdout.readableEnded || stdout.destroyed) watch.settle(UNKNOWN_EXIT);
  return watch;
}
