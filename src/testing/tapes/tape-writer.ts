/**
 * The lines of a tape on their way to its file: gathered, masked and written in big pieces, one at a time. Owns the bound of
 * what is gathered, and the disk's failure, after which nothing is written. It holds nobody back: whoever adds lines asks
 * for room.
 */
import { Buffer } from 'node:buffer';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Deferred, deferred, markHandled } from '../../support/deferred.js';
import { EntryBytes, PIECE_BYTES } from './entry-bytes.js';
import type { TapeFile } from './tape-file.js';
import type { TapeEntry, TapeMasking } from './tape-masking.js';

/**
 * So many characters may be gathered while a write is under way: twice what one turn of the event loop can read from a pipe
 * (32 times 64 KiB). What comes meanwhile waits in the tap.
 * @internal
 */
export const GATHERED_MAX_CHARS = 4 * 1024 * 1024;

/** So many characters at once are a flood: they are written before anything else is read. */
const FLOOD_CHARS = 1024 * 1024;

/** Writes lines in order. */
export class TapeWriter {
  readonly #file: Pick<TapeFile, 'write' | 'writeNow' | 'close'>;
  readonly #masking: TapeMasking;
  readonly #bytesOf = new EntryBytes();
  readonly #failed = deferred<never>();
  #hasFailed = false;
  /** The first line, once it is known; empty when it is written. */
  #header: string | undefined;
  #entries: TapeEntry[] = [];
  #chars = 0;
  #writing: Promise<void> | undefined;
  #room: Deferred<void> | undefined;
  #bytes = 0;

  constructor(file: Pick<TapeFile, 'write' | 'writeNow' | 'close'>, masking: TapeMasking) {
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
    return this.#header !== undefined;
  }

  /** As much is gathered as may be. */
  get isFull(): boolean {
    return this.#chars >= GATHERED_MAX_CHARS;
  }

  /** Writes the first line; what was added before goes behind it. */
  begin(header: string): void {
    this.#header = `${header}\n`;
    this.#write();
  }

  /** Adds a line; after a failure it is let go. */
  add(entry: TapeEntry): void {
    if (this.#hasFailed) return;
    this.#entries.push(entry);
    this.#chars += entry.text.length;
    if (this.hasBegun) this.#write();
  }

  /** Settles when there is room. Never rejects. */
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
    this.#writing ??= this.#writeAll();
  }

  async #writeAll(): Promise<void> {
    try {
      while (this.#header !== '' || this.#entries.length > 0) {
        await this.#untilQuiet();
        await this.#writePieces();
      }
    } catch (error) {
      this.#fail(error);
    }
    this.#writing = undefined;
  }

  /** Until there is a piece to write, or a turn of the event loop brings nothing more. */
  async #untilQuiet(): Promise<void> {
    let before: number;
    do {
      before = this.#chars;
      await nextTurn();
    } while (this.#chars > before && this.#chars < PIECE_BYTES);
  }

  async #writePieces(): Promise<void> {
    if (this.#header !== '') this.#bytes += await this.#file.write(Buffer.from(this.#header ?? ''));
    this.#header = '';
    const isFlood = this.#chars >= FLOOD_CHARS;
    const entries = this.#masking.mask(this.#take());
    for (const piece of this.#bytesOf.pieces(entries))
      this.#bytes += await (isFlood ? this.#file.writeNow(piece) : this.#file.write(piece));
  }

  #take(): readonly TapeEntry[] {
    const entries = this.#entries;
    this.#entries = [];
    this.#chars = 0;
    this.#room?.resolve();
    this.#room = undefined;
    return entries;
  }

  #fail(error: unknown): void {
    this.#hasFailed = true;
    this.#take();
    this.#failed.reject(error);
  }
}
