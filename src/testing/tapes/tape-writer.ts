/**
 * The lines of a tape on their way to its file: gathered, masked and written in big pieces, one at a time. Owns the bound of
 * what is gathered, and the disk's failure, after which nothing is written. It holds nobody back: whoever adds lines asks
 * for room.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Deferred, deferred, markHandled } from '../../support/deferred.js';
import type { TapeFile } from './tape-file.js';
import type { TapeMasking } from './tape-masking.js';

/**
 * So many characters may be gathered while a write is under way: some thousands of lines, which a disk takes in
 * milliseconds. What comes meanwhile waits in the tap.
 */
export const GATHERED_MAX_CHARS = 1024 * 1024;

/** Writes lines in order. */
export class TapeWriter {
  readonly #file: Pick<TapeFile, 'write' | 'close'>;
  readonly #masking: TapeMasking;
  readonly #failed = deferred<never>();
  #hasFailed = false;
  #hasBegun = false;
  #gathered = '';
  /** Where the last line of the server begins in what is gathered. */
  #lastReceived: number | undefined;
  #writing: Promise<void> | undefined;
  #room: Deferred<void> | undefined;
  #bytes = 0;

  constructor(file: Pick<TapeFile, 'write' | 'close'>, masking: TapeMasking) {
    this.#file = file;
    this.#masking = masking;
    markHandled(this.#failed.promise);
  }

  /** Rejects with the system's error when the disk fails; never settles otherwise. */
  get failed(): Promise<never> {
    return this.#failed.promise;
  }

  /** The first line was given. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** As much is gathered as may be. */
  get isFull(): boolean {
    return this.#gathered.length >= GATHERED_MAX_CHARS;
  }

  /** Writes the first line; what was added before goes behind it. */
  begin(line: string): void {
    this.#hasBegun = true;
    this.#gathered = line + this.#gathered;
    if (this.#lastReceived !== undefined) this.#lastReceived += line.length;
    this.#write();
  }

  /** Adds a line that ends as lines do; after a failure it is let go. */
  add(line: string, isReceived: boolean): void {
    if (this.#hasFailed) return;
    if (isReceived) this.#lastReceived = this.#gathered.length;
    this.#gathered += line;
    if (this.#hasBegun) this.#write();
  }

  /** Settles when there is room again. Never rejects. */
  untilRoom(): Promise<void> {
    if (!this.isFull) return Promise.resolve();
    this.#room ??= deferred();
    return this.#room.promise;
  }

  /** Closes the file once all is written; gives the bytes that it has. Rejects with the system's error. */
  async end(): Promise<number> {
    while (this.#writing !== undefined) await this.#writing;
    try {
      this.#file.close();
    } catch (error) {
      this.#fail(error);
    }
    if (this.#hasFailed) await this.#failed.promise;
    return this.#bytes;
  }

  #write(): void {
    this.#writing ??= this.#writePieces();
  }

  async #writePieces(): Promise<void> {
    try {
      while (this.#gathered !== '') {
        // What is added within one turn of the event loop goes out in one piece.
        await nextTurn();
        this.#bytes += await this.#file.write(this.#take());
      }
    } catch (error) {
      this.#fail(error);
    }
    this.#writing = undefined;
  }

  #take(): string {
    const text = this.#gathered;
    const lastReceived = this.#lastReceived;
    this.#gathered = '';
    this.#lastReceived = undefined;
    this.#room?.resolve();
    this.#room = undefined;
    // What a server said last may be what ended the conversation, because it was no message.
    return this.#masking.mask(text, lastReceived);
  }

  #fail(error: unknown): void {
    this.#hasFailed = true;
    this.#gathered = '';
    this.#room?.resolve();
    this.#room = undefined;
    this.#failed.reject(error);
  }
}
