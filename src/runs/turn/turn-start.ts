/** The `turn/start` of one run. Owns what was running on the thread when it went out, by which a joined turn is known. */
import type { TurnStartParams, TurnStartResponse } from '../../protocol/generated.js';
import type { Peer } from '../../session/peer.js';
import { ProtocolError } from '../../support/errors.js';
import type { TurnRunOptions } from './turn-options.js';

/** Who hears of the answer, before any message that follows it on the wire. None may throw. */
export interface StartedTurn {
  readonly record: { noteSent(isBusy: boolean): void };
  /** @param joined - the turn was running before: the input was added to another's turn */
  answered(start: TurnStartResponse, joined: boolean): void;
  /** The server's refusal, or an answer that lacks what it promises. */
  refused(error: Error): void;
}

/** Starts a turn, once. */
export class TurnStart {
  readonly #peer: Peer;
  readonly #params: TurnStartParams;
  readonly #options: TurnRunOptions;
  readonly #recall = new AbortController();
  /** The turn that was running, if one was; its id may not be known. */
  #busyWith: { readonly turnId: string | undefined } | undefined;

  constructor(peer: Peer, params: TurnStartParams, options: TurnRunOptions) {
    this.#peer = peer;
    this.#params = params;
    this.#options = options;
  }

  /**
   * Sends it; settles as the request does. Without room to read the answer those who wait for the run fail, not the
   * request, because the turn may have begun.
   */
  async send(turn: StartedTurn): Promise<void> {
    const { startTimeoutMs: timeoutMs, trace } = this.#options;
    const internal = {
      isBackground: true,
      isOwnTurn: true,
      onResult: (start: TurnStartResponse | null) => this.#hear(start, turn),
      onRefused: (error: Error) => turn.refused(error),
      onSent: () => this.#look(turn),
      recall: this.#recall.signal,
    };
    const answer = this.#peer.callTyped('turn/start', this.#params, { timeoutMs, trace }, internal);
    this.#peer.readUntil(answer);
    await answer;
  }

  /** Takes it back unless it is at the server; {@link TurnStart.send} rejects with the reason then. */
  takeBack(reason: unknown): void {
    this.#recall.abort(reason);
  }

  #hear(start: TurnStartResponse | null, turn: StartedTurn): void {
    const turnId = start?.turn?.id;
    if (start === null || typeof turnId !== 'string') {
      turn.refused(new ProtocolError('turn/start was answered without a turn; the client goes on'));
      return;
    }
    const busyWith = this.#busyWith;
    turn.answered(start, busyWith !== undefined && (busyWith.turnId ?? turnId) === turnId);
  }

  #look({ record }: StartedTurn): void {
    const { threadId } = this.#params;
    const { activity } = this.#peer;
    this.#busyWith = activity.isBusy(threadId) ? { turnId: activity.turnOf(threadId) } : undefined;
    record.noteSent(this.#busyWith !== undefined);
  }
}
