/**
 * The last lines of a log, as many as fit into a number of bytes; an error message ends with them. Whole lines, the
 * oldest given up first. One line alone is kept whatever its length: who splits the log bounds the length of a line.
 */

/** The last lines of a log. */
export class LineTail {
  readonly #maxBytes: number;
  readonly #lines: string[] = [];
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Adds a line, at the price of the oldest ones. */
  push(line: string): void {
    this.#lines.push(line);
    this.#bytes += sizeOf(line);
    while (this.#bytes > this.#maxBytes && this.#lines.length > 1)
      this.#bytes -= sizeOf(this.#lines.shift() ?? '');
  }

  /** The lines, and after them one that has not ended yet, in place of as many old ones as it needs. */
  text(partial: string): string {
    if (partial === '') return this.#lines.join('\n');
    const lines = [...this.#lines, partial];
    let bytes = this.#bytes + sizeOf(partial);
    while (bytes > this.#maxBytes && lines.length > 1) bytes -= sizeOf(lines.shift() ?? '');
    return lines.join('\n');
  }
}

/** The bytes of a line and of its end. */
function sizeOf(line: string): number {
  return Buffer.byteLength(line) + 1;
}
