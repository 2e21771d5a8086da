/**
 * The pipes of a server that is played: lines come in, chunks go out. A chunk is asked for when somebody wants to read it,
 * and not before: a program that does not read holds the server back.
 */
import type { Buffer } from 'node:buffer';
import { Readable, Writable } from 'node:stream';
import { LineSplitter } from '../../wire/line-splitter.js';

/** Who hears what comes in. */
export interface LineReader {
  /** A line that starts with `{`; false when nothing more is read. */
  readLine(text: string): boolean;
  /** No more comes. */
  inputEnded(): void;
}

/** Who has what goes out. */
export interface ChunkSource {
  /** The next chunk, when there is one now. */
  nextChunk(): Uint8Array | undefined;
}

/** The server's stdin. What does not start with `{` is skipped, as codex does. */
export class ReplayInput extends Writable {
  readonly #reader: LineReader;
  readonly #splitter = new LineSplitter(Number.POSITIVE_INFINITY);
  /** Of a write that is never taken, because nothing more is read. */
  #stuck: ((error?: Error) => void) | undefined;

  constructor(reader: LineReader) {
    super();
    this.#reader = reader;
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error) => void): void {
    const reads = this.#splitter.push(chunk).lines.every((line) => this.#reader.readLine(line));
    if (reads || this.destroyed) done();
    else this.#stuck = done;
  }

  override _final(done: () => void): void {
    this.#reader.inputEnded();
    done();
  }

  /** The server is gone: what is written now fails. One that was ended in order closes by itself. */
  close(error?: Error): void {
    queueMicrotask(() => {
      if (!this.writableEnded || this.#stuck !== undefined) this.destroy(error);
    });
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#stuck?.(error ?? undefined);
    this.#reader.inputEnded();
    done(error);
  }
}

/** The server's stdout, and its stderr. */
export class ReplayOutput extends Readable {
  readonly #source: ChunkSource;
  #isWanted = false;
  #end: { readonly error: Error | undefined } | undefined;
  /** The last chunk has been handed out. */
  #isEmpty = false;

  constructor(source: ChunkSource) {
    super();
    this.#source = source;
  }

  override _read(): void {
    this.#isWanted = true;
    this.wake();
  }

  /** The reader has what it was given, so an error takes nothing away any more. */
  override read(size?: number): unknown {
    const chunk: unknown = super.read(size);
    this.#breakWhenRead();
    return chunk;
  }

  /** There may be a chunk now. */
  wake(): void {
    while (this.#isWanted && !this.#isEmpty) {
      const chunk = this.#source.nextChunk();
      if (chunk === undefined) {
        this.#finish();
        return;
      }
      this.#isWanted = false;
      if (this.push(chunk)) this.#isWanted = true;
    }
  }

  /** Nothing comes after the chunks that the source has now; the reader gets those, then the end, or the error. */
  endAfterLast(error?: Error): void {
    this.#end ??= { error };
    queueMicrotask(() => this.wake());
  }

  #finish(): void {
    if (this.#end === undefined) return;
    this.#isEmpty = true;
    if (this.#end.error === undefined) this.push(null);
    else this.#breakWhenRead();
  }

  #breakWhenRead(): void {
    if (this.#isEmpty && this.readableLength === 0 && this.#end?.error !== undefined)
      this.destroy(this.#end.error);
  }
}
