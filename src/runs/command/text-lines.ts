/**
 * Lines out of a stream of bytes. Owns the decoder and the unfinished line, which outlive a read that failed: a reader
 * that goes on after a {@link BackpressureError} has lost nothing but what was missed: where that was in the middle of a line,
 * its beginning stands before what came next. Each byte is looked at once.
 */
import { type PulledStream, PullStream } from '../../support/pull-stream.js';

/** Where the bytes come from. */
interface Bytes {
  next(): Promise<IteratorResult<Uint8Array, undefined>>;
  return(): Promise<unknown>;
}

/** The lines of a text, in order. Leaving them leaves the stream that they come from. */
export interface TextLines extends PulledStream<string> {}

/** The lines of a stream of bytes. */
export class LiveTextLines extends PullStream<string> implements TextLines {
  readonly #bytes: Bytes;
  // A byte order mark is part of what the command wrote.
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  /** Finished lines, the next one last. */
  #lines: string[] = [];
  /** The pieces of the unfinished line; joined once, because a line may span thousands of chunks. */
  #pieces: string[] = [];
  #isAtEnd = false;

  /** @internal */
  constructor(bytes: Bytes) {
    super();
    this.#bytes = bytes;
  }

  /** @internal */
  protected override async take(): Promise<string | undefined> {
    for (;;) {
      const line = this.#lines.pop();
      if (line !== undefined) return line;
      if (this.#isAtEnd) return undefined;
      const chunk = await this.#bytes.next();
      if (this.isLeft) return undefined;
      if (chunk.done === true) this.#end();
      else this.#split(this.#decoder.decode(chunk.value, { stream: true }));
    }
  }

  /** @internal */
  protected override leave(): void {
    this.#bytes.return();
  }

  #split(text: string): void {
    const unfinished = text.lastIndexOf('\n') + 1;
    if (unfinished > 0) {
      const finished = this.#pieces.join('') + text.slice(0, unfinished - 1);
      const lines = finished.split('\n').map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
      this.#lines = lines.reverse();
      this.#pieces = [];
    }
    this.#pieces.push(text.slice(unfinished));
  }

  #end(): void {
    const last = this.#pieces.join('') + this.#decoder.decode();
    this.#isAtEnd = true;
    if (last !== '') this.#lines.push(last);
  }
}
