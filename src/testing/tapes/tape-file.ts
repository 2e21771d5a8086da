/**
 * The file of a tape. Owns that nobody else may read it, that what is handed over is written whole, and that it is closed
 * once. It knows nothing of tapes.
 */
import { closeSync, fchmodSync, fstatSync, openSync, write } from 'node:fs';
import { promisify } from 'node:util';
import { InvalidArgumentError } from '../../support/errors.js';

/** Its owner reads and writes it. */
const PRIVATE = 0o600;

const writeSome = promisify(write);

/** A file that is written from its beginning. */
export class TapeFile {
  readonly #descriptor: number;
  #isClosed = false;

  /** Makes the file, or empties it. @throws InvalidArgumentError when it cannot be written, or not be kept private */
  constructor(path: string) {
    try {
      this.#descriptor = openSync(path, 'w', PRIVATE);
    } catch (cause) {
      throw cannotWrite(path, cause);
    }
    try {
      // A file that was there keeps its mode when it is opened; a device is nobody's to change.
      if (fstatSync(this.#descriptor).isFile()) fchmodSync(this.#descriptor, PRIVATE);
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

  /** Nothing is written any more. Idempotent; throws the system's error. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    closeSync(this.#descriptor);
  }
}

function cannotWrite(path: string, cause: unknown): InvalidArgumentError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new InvalidArgumentError('path', `path: no tape can be written to ${path}: ${reason}`, { cause });
}
