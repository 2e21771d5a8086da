/**
 * How much of one stream may be held unread, and the cut (L5). Owns whether the bound is reached, which the flow is told
 * because without demand no more is read then, and how much was missed since a cut that the reader has not been told of.
 */
import type { Flow } from './flow.js';

/** The bound of one stream. */
export class StreamBound {
  /** Undefined once what is unread counts no more. */
  #flow: Flow | undefined;
  #maxBytes = Number.POSITIVE_INFINITY;
  /** The read of the pipe since which it is reached; undefined while there is room. The flow knows. */
  #reachedSince: number | undefined;
  #missed: number | undefined;

  constructor(flow: Flow) {
    this.#flow = flow;
  }

  /** How much may be held, in bytes. */
  get maxBytes(): number {
    return this.#maxBytes;
  }

  /** How many messages were missed since a cut that the reader has not been told of; undefined when there was none. */
  get missed(): number | undefined {
    return this.#missed;
  }

  /** From now on so much may be held. */
  change(maxBytes: number, heldBytes: number): void {
    const wasReached = this.#reachedSince !== undefined;
    this.#maxBytes = maxBytes;
    this.noteHeld(heldBytes);
    if (wasReached && this.#flow?.isPaused === true) this.#flow.decide();
  }

  /** So much is held now. */
  noteHeld(bytes: number): void {
    const isReached = bytes >= this.#maxBytes;
    if (isReached === (this.#reachedSince !== undefined)) return;
    this.#reachedSince = isReached ? (this.#flow?.reads ?? 0) : undefined;
    if (isReached) this.#flow?.streamFilled();
    else this.#flow?.streamHasRoom();
  }

  /** A message was taken, and so much is held now: cheap where there was room before. */
  noteTaken(bytes: number): void {
    if (this.#reachedSince !== undefined) this.noteHeld(bytes);
  }

  /**
   * Whether so much may be held: not after a cut, nor past the bound while what comes cannot be left in the pipe.
   * @param isLagging - something is unread, and its reader does not wait for it
   */
  hasRoomFor(bytes: number, isLagging: boolean): boolean {
    if (this.#missed !== undefined) return false;
    // A reader that waits for what has just come keeps up: with it comes no more than the rest of the chunk.
    return bytes <= this.#maxBytes || !isLagging || this.#flow?.readsPast(this.#reachedSince) !== true;
  }

  /** So many messages found no room; the first cuts the stream. */
  noteMissed(count: number): 'cut' | 'missed' {
    const isFirst = this.#missed === undefined;
    this.#missed = (this.#missed ?? 0) + count;
    return isFirst ? 'cut' : 'missed';
  }

  /** How much was missed, for the reader to be told; there is room again. */
  takeMissed(): number | undefined {
    const missed = this.#missed;
    this.#missed = undefined;
    return missed;
  }

  /** What is unread counts no more. */
  disown(): void {
    if (this.#reachedSince !== undefined) this.#flow?.streamHasRoom();
    this.#flow = undefined;
  }
}
