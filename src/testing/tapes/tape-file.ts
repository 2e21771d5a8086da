/**
 * The file of a tape. Owns that nobody else may read it, that one alone writes it, that what is handed over is written
 * whole, and that it is closed once. It knows nothing of tapes.
 */
import { closeSync, fchmodSync, fstatSync, openSync, type Stats, statSync, write, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import { InvalidArgumentError } from '../../support/errors.js';

/** Its owner reads and writes it. */
const PRIVATE = 0o600;

const writeSome = promisify(write);

/** The files that this program is writing: two tapes in one file would be none. */
const beingWritten = new Set<string>();

/** A file that is written from its beginning. */
export class TapeFile {
  readonly #descriptor: number;
  #name = '';
  #isClosed = false;

  /**
   * Makes the file, or empties it.
   * @throws InvalidArgumentError when it cannot be written, not be kept private, or another one of this program writes it
   */
  constructor(path: string) {
    try {
      const before = statSync(path, { throwIfNoEntry: false });
      if (before !== undefined && beingWritten.has(nameOf(before)))
        throw new Error('a tape is being written to it');
      this.#descriptor = openSync(path, 'w', PRIVATE);
    } catch (cause) {
      throw cannotWrite(path, cause);
    }
    try {
      // A file that was there keeps its mode when it is opened; a device is nobody's to change.
      const file = fstatSync(this.#descriptor);
      if (!file.isFile()) return;
      fchmodSync(this.#descriptor, PRIVATE);
      this.#name = nameOf(file);
      beingWritten.add(this.#name);
    } catch (cause) {
      this.close();
      throw cannotWrite(path, cause);
    }
  }

  /** Writes bytes behind what was written before; gives how many they were. One at a time. Rejects with the system's error. */
  async write(bytes: Uint8Array): Promise<number> {
    for (let at = 0; at < bytes.length; ) {
      const { bytesWritten } = await writeSome(this.#descriptor, bytes, at, bytes.length - at, null);
      at += bytesWritten;
    }
    return bytes.length;
  }

  /**
   * The same without leaving the event loop, where the file is on a disk: some hundred microseconds for a megabyte. In a
   * flood each turn of the loop brings more than one write a turn takes away.
   */
  async writeNow(bytes: Uint8Array): Promise<number> {
    if (this.#name === '') return this.write(bytes);
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#descriptor, bytes, at);
    return bytes.length;
  }

  /** Nothing is written any more. Idempotent; throws the system's error. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    beingWritten.delete(this.#name);
    closeSync(this.#descriptor);
  }
}

/** The same for one file, whatever path leads to it. */
function nameOf({ dev, ino }: Stats): string {
  return `${dev} ${ino}`;
}

function cannotWrite(path: string, cause: unknown): InvalidArgumentError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new InvalidArgumentError('path', `path: no tape can be written to ${path}: ${reason}`, { cause });
}
