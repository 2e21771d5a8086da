/**
 * Lines out of a stream of bytes. Owns the decoder and the unfinished line, which outlive a read that failed: a reader
 * that goes on after a {@link BackpressureError} has lost nothing. Each byte is looked at once.
 */

/** Where the bytes come from. */
interface Bytes {
  next(): Promise<IteratorResult<Uint8Array, undefined>>;
  return(): Promise<unknown>;
}

/** The lines of a text, in order. */
export class TextLines implements AsyncIterableIterator<string, undefined, undefined>, AsyncDisposable {
  readonly #bytes: Bytes;
  // A byte order mark is part of what the command wrote.
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  /** Finished lines, and how many of them were handed out. */
  #lines: readonly string[] = [];
  #position = 0;
  /** The pieces of the unfinished line; joined once, because a line may span thousands of chunks. */
  #pieces: string[] = [];
  #isEnded = false;

  /** @internal */
  constructor(bytes: Bytes) {
    this.#bytes = bytes;
  }

  /** The next line. @throws what {@link ByteStream.next} does */
  async next(): Promise<IteratorResult<string, undefined>> {
    for (;;) {
      const value = this.#lines[this.#position];
      if (value !== undefined) {
        this.#position += 1;
        return { done: false, value };
      }
      if (this.#isEnded) return { done: true, value: undefined };
      const chunk = await this.#bytes.next();
      if (chunk.done === true) this.#end();
      else this.#split(this.#decoder.decode(chunk.value, { stream: true }));
    }
  }

  /** Leaves the lines, and the stream that they come from; never rejects. */
  async return(): Promise<IteratorResult<string, undefined>> {
    this.#isEnded = true;
    this.#lines = [];
    await this.#bytes.return();
    return { done: true, value: undefined };
  }

  /** Leaves the lines, for `await using`; never rejects. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #split(text: string): void {
    const parts = text.split('\n');
    const unfinished = parts.pop() ?? '';
    const first = parts[0];
    if (first !== undefined) {
      parts[0] = [...this.#pieces, first].join('');
      this.#pieces = [];
    }
    if (unfinished !== '') this.#pieces.push(unfinished);
    this.#lines = parts.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
    this.#position = 0;
  }

  #end(): void {
    const last = this.#pieces.join('') + this.#decoder.decode();
    this.#isEnded = true;
    this.#pieces = [];
    this.#lines = last === '' ? [] : [last];
    this.#position = 0;
  }
}
