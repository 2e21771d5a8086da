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
    this.#bytes = fitted(this.#lines, this.#bytes + sizeOf(line), this.#maxBytes);
  }

  /** The lines, and after them one that has not ended yet, in place of as many old ones as it needs. */
  text(partial: string): string {
    if (partial === '') return this.#lines.join('\n');
    const lines = [...this.#lines, partial];
    fitted(lines, this.#bytes + sizeOf(partial), this.#maxBytes);
    return lines.join('\n');
  }
}

/** Removes the oldest of the lines, which have these bytes, until they fit; gives the bytes of those that stay. */
function fitted(lines: string[], bytes: number, maxBytes: number): number {
  let left = bytes;
  while (left > maxBytes && lines.length > 1) left -= sizeOf(lines.shift() ?? '');
  return left;
}

/** The bytes of a line and of its end. */
function sizeOf(line: string): number {
  return Buffer.byteLength(line) + 1;
}
