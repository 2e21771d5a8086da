/**
 * Asks how a turn stands when its messages stay away (L15). Owns when to ask: after a silence, soon when the thread is at
 * rest, at once when it was unloaded. What follows from an answer is the lifecycle's business.
 */

import type { MessageScope, ServerMessage } from '../../session/messages/server-message.js';
import type { Peer } from '../../session/peer.js';
import { markHandled } from '../../support/deferred.js';
import { SilenceWatch } from './silence-watch.js';
import { askForTurn, type TurnEnding, TurnQuestions } from './turn-oracle.js';
import type { TurnRecord } from './turn-record.js';

/** Whose turn it is, and who is told. */
export interface TurnAsked {
  readonly peer: Peer;
  readonly threadId: string;
  readonly record: TurnRecord;
  /** Hears every answer that says something; it must not throw. */
  readonly told: (standing: TurnEnding) => void;
}

/** Asks for one turn. */
export class TurnEnquiry {
  readonly #asked: TurnAsked;
  readonly #questions = new TurnQuestions();
  #silence: SilenceWatch | undefined;
  #isStopped = false;

  constructor(asked: TurnAsked) {
    this.#asked = asked;
  }

  /** Asks after each silence of this length, in milliseconds; `0` never asks. */
  begin(idleTimeoutMs: number): void {
    if (idleTimeoutMs > 0 && !this.#isStopped)
      this.#silence ??= new SilenceWatch(idleTimeoutMs, () => this.#askAfterSilence());
  }

  /** The turn, its thread or one of its sub-agents said something. */
  noteMessage(message: ServerMessage, { turnId }: MessageScope): void {
    this.#silence?.noteActivity();
    // What is about the thread as a whole names no turn.
    if (turnId !== undefined) return;
    if (message.method !== 'thread/closed' && message.method !== 'thread/status/changed') return;
    if (message.params.threadId !== this.#asked.threadId) return;
    if (message.method === 'thread/closed') this.#threadGone();
    else this.#statusChanged(message.params.status?.type);
  }

  /** The end should follow at once. */
  expectEnd(): void {
    this.#silence?.expectEnd();
  }

  /** Asks no more, and tells no more. */
  stop(): void {
    this.#isStopped = true;
    this.#silence?.stop();
  }

  #statusChanged(status: string | undefined): void {
    if (status === 'notLoaded') this.#threadGone();
    else if (status !== 'active') this.expectEnd();
  }

  /** The server has unloaded the thread: no message of the turn will come. One without a name waits for its answer. */
  #threadGone(): void {
    if (this.#asked.record.turn !== undefined) markHandled(this.#askLast());
  }

  /** Nothing will be said any more: what the server still knows is asked once, and a turn that "runs" is lost. */
  async #askLast(): Promise<void> {
    const { peer, threadId, record } = this.#asked;
    const standing = await askForTurn(peer, threadId, record.turn);
    const lost = { is: 'lost', why: 'the thread was closed', cause: undefined } as const;
    if (standing.is !== 'unasked') this.#tell(standing.is === 'running' ? lost : standing);
  }

  /** While nothing is read, because enough is held, the silence is ours and not the server's. */
  async #askAfterSilence(): Promise<void> {
    const { peer, threadId, record } = this.#asked;
    if (peer.isPaused) return;
    const asked = record.turn;
    const ending = await this.#questions.ask(peer, threadId, asked);
    // A turn that was named meanwhile may have begun behind the answer.
    const isTooSoon = asked === undefined && record.turn !== undefined;
    if (ending !== undefined && !isTooSoon) this.#tell(ending);
  }

  #tell(ending: TurnEnding): void {
    if (!this.#isStopped) this.#asked.told(ending);
  }
}
