/**
 * The pipes of a server that is played: lines come in, chunks go out. A chunk is asked for when somebody wants to read it,
 * and not before: a program that does not read holds the server back.
 */
import type { Buffer } from 'node:buffer';
import { Readable, Writable } from 'node:stream';
import { LineSplitter } from '../../wire/line-splitter.js';

/** Who hears what comes in. */
export interface LineReader {
  /** Something is read still. */
  readonly reads: boolean;
  /** A line that starts with `{`. */
  readLine(text: string): void;
  /** No more comes. Called while something is read. */
  inputEnded(): void;
}

/** Who has what goes out. */
export interface ChunkSource {
  /** The next chunk, when there is one now. */
  nextChunk(): Uint8Array | undefined;
}

/** What a pipe takes that nobody reads, as on Linux. */
const PIPE_BYTES = 64 * 1024;

/** The server's stdin. What does not start with `{` is skipped, as codex does. */
export class ReplayInput extends Writable {
  readonly #reader: LineReader;
  readonly #splitter = new LineSplitter(Number.POSITIVE_INFINITY);
  #unreadBytes = 0;
  /** Of a write that is never taken, because nothing more is read. */
  #stuck: ((error?: Error) => void) | undefined;

  constructor(reader: LineReader) {
    super();
    this.#reader = reader;
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error) => void): void {
    if (this.#reader.reads) this.#read(chunk);
    if (!this.#reader.reads) this.#unreadBytes += chunk.length;
    if (this.#unreadBytes <= PIPE_BYTES) done();
    else this.#stuck = done;
  }

  override _final(done: () => void): void {
    if (this.#reader.reads) this.#reader.inputEnded();
    done();
  }

  /** The server is gone: what is written now fails. One that was ended in order closes by itself. */
  close(error?: Error): void {
    queueMicrotask(() => {
      if (!this.writableEnded || this.#stuck !== undefined) this.destroy(error);
    });
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    // It is not written when nobody has taken it, whatever ends the pipe.
    this.#stuck?.(error ?? brokenPipe());
    if (this.#reader.reads) this.#reader.inputEnded();
    done(error);
  }

  #read(chunk: Buffer): void {
    for (const line of this.#splitter.push(chunk).lines) if (this.#reader.reads) this.#reader.readLine(line);
  }
}

function brokenPipe(): Error {
  return Object.assign(new Error('write EPIPE'), { code: 'EPIPE', syscall: 'write' });
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
