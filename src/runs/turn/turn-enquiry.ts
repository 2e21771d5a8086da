/**
 * Asks how a turn stands when its messages stay away (L15). Owns when to ask: after a silence, soon when the thread is at
 * rest, at once when it was unloaded; and how often the server may leave a question without an answer. What follows from
 * an answer is the lifecycle's business.
 */
import type { Peer } from '../../session/peer.js';
import type { OpenStream } from '../../session/streams/open-stream.js';
import { SilenceWatch } from './silence-watch.js';
import { askForTurn, type TurnStanding } from './turn-oracle.js';
import type { TurnRecord } from './turn-record.js';

/** Questions in a row that the server may leave without an answer before the run gives it up. */
const MAX_UNANSWERED = 2;

/** Whose turn it is, and who is told. */
export interface TurnAsked {
  readonly peer: Peer;
  readonly threadId: string;
  readonly record: TurnRecord;
  readonly stream: OpenStream;
  /** Hears every answer that says something; it must not throw. */
  readonly told: (standing: Exclude<TurnStanding, { is: 'running' }>) => void;
}

/** Asks for one turn. */
export class TurnEnquiry {
  readonly #asked: TurnAsked;
  #silence: SilenceWatch | undefined;
  #unanswered = 0;
  #isStopped = false;

  constructor(asked: TurnAsked) {
    this.#asked = asked;
  }

  /** Asks after each silence of this length, in milliseconds; `0` never asks. */
  begin(idleTimeoutMs: number): void {
    if (idleTimeoutMs > 0 && !this.#isStopped)
      this.#silence ??= new SilenceWatch(idleTimeoutMs, () => this.#askAfterSilence());
  }

  /** The turn said something. */
  noteActivity(): void {
    this.#silence?.noteActivity();
  }

  /** The end should follow at once. */
  expectEnd(): void {
    this.#silence?.expectEnd();
  }

  /** Nothing will be said any more: what the server still knows is asked once, and a turn that "runs" is lost. */
  async askLast(why: string): Promise<void> {
    const standing = await this.#ask();
    this.#tell(standing.is === 'running' ? { is: 'lost', why, cause: undefined } : standing);
  }

  /** Asks no more, and tells no more. */
  stop(): void {
    this.#isStopped = true;
    this.#silence?.stop();
  }

  /** A reader that has messages to read is not what the silence is about. */
  async #askAfterSilence(): Promise<void> {
    const { stream } = this.#asked;
    if (stream.isRead && stream.unread > 0) return;
    const standing = await this.#ask();
    this.#unanswered = standing.is === 'unanswered' ? this.#unanswered + 1 : 0;
    if (standing.is !== 'unanswered' || this.#unanswered >= MAX_UNANSWERED) this.#tell(standing);
  }

  #ask(): Promise<TurnStanding> {
    const { peer, threadId, record } = this.#asked;
    return askForTurn(peer, threadId, record.turn);
  }

  #tell(standing: TurnStanding): void {
    if (!this.#isStopped && standing.is !== 'running') this.#asked.told(standing);
  }
}
