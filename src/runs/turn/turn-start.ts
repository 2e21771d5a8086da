/**
 * The `turn/start` or `review/start` of one run, or the `thread/compact/start` of a compaction. Owns what was running on the
 * thread when it went out, by which a joined turn is known.
 */
import type {
  ReviewStartParams,
  ThreadCompactStartParams,
  ThreadCompactStartResponse,
  TurnStartParams,
  TurnStartResponse,
} from '../../protocol/generated.js';
import type { Peer } from '../../session/peer.js';
import { memberOf } from '../../support/argument-checks.js';
import { ProtocolError } from '../../support/errors.js';
import type { TurnRunOptions } from './turn-options.js';

/** Who hears of the answer, before any message that follows it on the wire. None may throw. */
export interface StartedTurn {
  readonly record: { noteSent(isBusy: boolean): void };
  /** @param joined - the turn was running before: the input was added to another's turn */
  answered(start: TurnStartResponse, joined: boolean): void;
  /** The server took the request, and names its turn when that begins. */
  accepted(): void;
  /** The server's refusal, or an answer that lacks what it promises. */
  refused(error: Error): void;
}

/** The request by which a turn starts. */
export type TurnRequest =
  | { readonly method: 'turn/start'; readonly params: TurnStartParams }
  | { readonly method: 'review/start'; readonly params: ReviewStartParams }
  | { readonly method: 'thread/compact/start'; readonly params: ThreadCompactStartParams };

/** Starts a turn, once. */
export class TurnStart {
  readonly #peer: Peer;
  readonly #request: TurnRequest;
  readonly #options: TurnRunOptions;
  readonly #recall = new AbortController();
  /** The turn that was running, if one was; its id may not be known. */
  #busyWith: { readonly turnId: string | undefined } | undefined;
  #wasSent = false;

  constructor(peer: Peer, request: TurnRequest, options: TurnRunOptions) {
    this.#peer = peer;
    this.#request = request;
    this.#options = options;
  }

  /** The server may have it: it was handed to the pipe, and the server did not turn it away. */
  get wasSent(): boolean {
    return this.#wasSent;
  }

  /**
   * Sends it; settles as the request does. Without room to read the answer those who wait for the run fail, not the
   * request, because the turn may have begun.
   */
  async send(turn: StartedTurn): Promise<void> {
    const { startTimeoutMs: timeoutMs, trace } = this.#options;
    const { method, params } = this.#request;
    const notSent = () => {
      this.#wasSent = false;
    };
    const internal = {
      isBackground: true,
      isOwnTurn: true,
      onResult: (start: TurnStartResponse | ThreadCompactStartResponse) => this.#hear(start, turn),
      onRefused: (error: Error) => turn.refused(error),
      onSent: () => {
        this.#wasSent = true;
        this.#look(turn);
      },
      onTurnedAway: notSent,
      onTakenBack: notSent,
      recall: this.#recall.signal,
    };
    const answer = this.#peer.callTyped(method, params, { timeoutMs, trace }, internal);
    this.#peer.readUntil(answer);
    await answer;
  }

  /** Takes it back unless it is at the server; {@link TurnStart.send} rejects with the reason then. */
  takeBack(reason: unknown): void {
    this.#recall.abort(reason);
  }

  #hear(start: TurnStartResponse | ThreadCompactStartResponse, turn: StartedTurn): void {
    if (this.#request.method === 'thread/compact/start') {
      turn.accepted();
      return;
    }
    if (!namesTurn(start)) {
      turn.refused(
        new ProtocolError(`${this.#request.method} was answered without a turn; the client goes on`),
      );
      return;
    }
    const turnId = start.turn.id;
    const busyWith = this.#busyWith;
    turn.answered(start, busyWith !== undefined && (busyWith.turnId ?? turnId) === turnId);
  }

  #look({ record }: StartedTurn): void {
    // Nothing else is added to a turn.
    if (this.#request.method !== 'turn/start') return;
    const { threadId } = this.#request.params;
    const { activity } = this.#peer;
    this.#busyWith = activity.isBusy(threadId) ? { turnId: activity.turnOf(threadId) } : undefined;
    record.noteSent(this.#busyWith !== undefined);
  }
}

function namesTurn(start: TurnStartResponse | ThreadCompactStartResponse): start is TurnStartResponse {
  return typeof memberOf(memberOf(start, 'turn'), 'id') === 'string';
}
