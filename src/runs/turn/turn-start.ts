/** The `turn/start` of one run. Owns what was running on the thread when it went out, by which a joined turn is known. */
import type { TurnStartParams, TurnStartResponse } from '../../protocol/generated.js';
import type { Peer } from '../../session/peer.js';
import type { TurnRunOptions } from './turn-options.js';

/** Starts a turn, once. */
export class TurnStart {
  readonly #peer: Peer;
  readonly #params: TurnStartParams;
  readonly #options: TurnRunOptions;
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
   *
   * @param answered - hears the answer before any message that follows it on the wire; it must not throw
   */
  async send(answered: (start: TurnStartResponse | null) => void): Promise<void> {
    const { threadId } = this.#params;
    const { activity } = this.#peer;
    this.#busyWith = activity.isBusy(threadId) ? { turnId: activity.turnOf(threadId) } : undefined;
    const { startTimeoutMs: timeoutMs, trace } = this.#options;
    const internal = { isBackground: true, isOwnTurn: true, onResult: answered };
    const answer = this.#peer.call('turn/start', this.#params, { timeoutMs, trace }, internal);
    this.#peer.readUntil(answer);
    await answer;
  }

  /** Whether the turn that the answer names was running before: its input was added to another's turn. */
  joins(turnId: string): boolean {
    return this.#busyWith !== undefined && (this.#busyWith.turnId ?? turnId) === turnId;
  }
}
