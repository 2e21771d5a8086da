/**
 * The room `stderr` reads what the server logs, keeps a bounded part of it, and hands it out. This file reads, whether
 * somebody takes the lines or not, because a full pipe would block the server. It keeps the tail for error messages and
 * a queue of lines for the one who takes them. Prints nothing, and ends even when a grandchild of the server holds the
 * pipe open.
 */
import type { Readable } from 'node:stream';
import {
  STDERR_AFTER_EXIT_MAX_BYTES,
  STDERR_LINE_MAX_BYTES,
  STDERR_QUEUE_MAX_BYTES,
  STDERR_QUEUE_MAX_LINES,
  STDERR_TAIL_MAX_BYTES,
} from '../../support/defaults.js';
import { untilQuiet } from '../../support/quiet-pipe.js';
import { LineQueue } from './line-queue.js';
import { LineTail } from './line-tail.js';
import { LogLineSplitter } from './log-line-splitter.js';
import { cleanStderrText } from './stderr-text.js';

/**
 * Turns of the event loop without output after which an exited server's pipe counts as read to its end. In the first
 * one the exit may have been noticed before the pipe; in the second the pipe was asked, and had nothing.
 */
const QUIET_TURNS_AFTER_EXIT = 2;

/** Where the log comes from. */
export interface StderrSource {
  /** `undefined` or `null`: the server's stderr goes elsewhere, and the log is empty. */
  readonly stream: Readable | null | undefined;
  /** Settles when the server has exited. */
  readonly exited: Promise<unknown>;
  /** The pipe is ours to close when the server is gone. */
  readonly owned: boolean;
}

export class StderrLog {
  /** Settles when all of stderr has been read: at its end, or once an exited server's pipe has run dry. Never rejects. */
  readonly ended: Promise<void>;
  readonly #splitter = new LogLineSplitter(STDERR_LINE_MAX_BYTES);
  readonly #queue = new LineQueue({ maxLines: STDERR_QUEUE_MAX_LINES, maxBytes: STDERR_QUEUE_MAX_BYTES });
  readonly #tail = new LineTail(STDERR_TAIL_MAX_BYTES);
  readonly #keepLine = (line: string): void => {
    this.#tail.push(line);
    this.#queue.push(line);
  };
  #taken = false;
  #receivedBytes = 0;

  constructor(source: StderrSource) {
    this.ended = this.#read(source).then(() => {
      const rest = this.#splitter.takeRest();
      if (rest !== undefined) this.#keepLine(rest);
      this.#queue.end();
    });
  }

  /** The end of stderr for an error message: whole lines where possible, no ANSI sequences, secrets masked. */
  get tail(): string {
    return cleanStderrText(this.#tail.text(this.#splitter.partial));
  }

  /** Bytes read so far. */
  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  /** Lines that were dropped because the one who took stderr lagged, or nobody took it. */
  get droppedLines(): number {
    return this.#queue.droppedLines;
  }

  /**
   * The lines as the server wrote them, from its start on; `undefined` when they were taken before. A reader that lags
   * finds one line that counts the dropped ones in their place. Ends when stderr does; leaving the loop releases it.
   */
  take(): AsyncIterable<string> | undefined {
    if (this.#taken) return undefined;
    this.#taken = true;
    return this.#queue;
  }

  async #read({ stream, exited, owned }: StderrSource): Promise<void> {
    if (stream === null || stream === undefined) return;
    const onData = (chunk: Buffer | string): void => this.#receive(chunk);
    stream.on('data', onData);
    stream.on('error', ignoreError);
    await Promise.race([endOf(stream), exited.then(() => this.#untilQuiet(stream))]);
    stream.off('data', onData);
    if (owned) stream.destroy();
    else stream.resume();
  }

  #receive(chunk: Buffer | string): void {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    this.#receivedBytes += bytes.length;
    this.#splitter.push(bytes, this.#keepLine);
  }

  #untilQuiet(stream: Readable): Promise<void> {
    return untilQuiet({
      bytesRead: () => this.#receivedBytes,
      hasEnded: () => hasEnded(stream),
      quietTurns: QUIET_TURNS_AFTER_EXIT,
      maxBytes: STDERR_AFTER_EXIT_MAX_BYTES,
    });
  }
}

/** Settles when the stream has ended, whatever ended it. */
function endOf(stream: Readable): Promise<void> {
  return new Promise((resolve) => {
    for (const event of ['end', 'close', 'error']) stream.once(event, resolve);
    if (hasEnded(stream)) resolve();
  });
}

function hasEnded(stream: Readable): boolean {
  return stream.readableEnded || stream.destroyed;
}

/** A broken stderr ends the log; the exit tells why. */
function ignoreError(): void {}
