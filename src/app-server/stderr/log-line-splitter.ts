/**
 * Splits the bytes of a log, in pieces as they arrive, into lines of text: only `\n` ends a line, a `\r` before it is
 * dropped, bytes that are no UTF-8 become U+FFFD. A line is kept up to a limit and its rest is only counted, so memory
 * is bounded whatever comes. Not for the wire, where a line must never be cut.
 */

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;

export class LogLineSplitter {
  readonly #maxLineBytes: number;
  #pieces: Buffer[] = [];
  #keptBytes = 0;
  #cutBytes = 0;

  constructor(maxLineBytes: number) {
    this.#maxLineBytes = maxLineBytes;
  }

  /** Takes a piece of output and calls `onLine` for each line that is now complete. */
  push(chunk: Buffer, onLine: (line: string) => void): void {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      this.#keep(chunk.subarray(start, end));
      onLine(this.partial);
      this.#clear();
      start = end + 1;
    }
    // A copy: the rest of a line must not hold on to the chunk it came in.
    this.#keep(Buffer.from(chunk.subarray(start, start + this.#room)), chunk.length - start);
  }

  /** The line that has not ended yet, as far as it came; empty when there is none. */
  get partial(): string {
    const bytes = Buffer.concat(this.#pieces);
    if (this.#cutBytes > 0) return `${wholeCharacters(bytes)}... [${this.#cutBytes} more bytes]`;
    const end = bytes.at(-1) === CARRIAGE_RETURN ? bytes.length - 1 : bytes.length;
    return bytes.toString('utf8', 0, end);
  }

  /** The last line when the output ended without a line end, or undefined; the splitter is empty afterwards. */
  takeRest(): string | undefined {
    const rest = this.#keptBytes === 0 ? undefined : this.partial;
    this.#clear();
    return rest;
  }

  get #room(): number {
    return this.#maxLineBytes - this.#keptBytes;
  }

  /** Keeps what there is room for of `bytes`, the beginning of `length` bytes of the line. */
  #keep(bytes: Buffer, length = bytes.length): void {
    const kept = bytes.subarray(0, this.#room);
    if (kept.length > 0) this.#pieces.push(kept);
    this.#keptBytes += kept.length;
    this.#cutBytes += length - kept.length;
  }

  #clear(): void {
    this.#pieces = [];
    this.#keptBytes = 0;
    this.#cutBytes = 0;
  }
}

/** Text of bytes that were cut anywhere: without the half character at the end. */
function wholeCharacters(bytes: Buffer): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes, { stream: true });
}
