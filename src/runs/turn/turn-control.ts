/**
 * Steering and interrupting one turn and no other. Owns the turn's name, which both wait for. The server answers
 * `turn/start` before the turn is active and refuses until then, so a refusal waits for the turn's next sign of life and
 * tries again. When it names another active turn, ours is over or has not begun: the other one is never touched, it may
 * be somebody else's.
 */
import type { SentUserInput } from '../../protocol/generated.js';
import type { Peer } from '../../session/peer.js';
import { type Deferred, deferred, markHandled } from '../../support/deferred.js';
import { RpcError } from '../../support/errors.js';
import type { TurnRecord } from './turn-record.js';
import type { TurnScope } from './turn-scope.js';

/** The server's words while the turn is not active: before it is, after it was, and while another one is. */
const NOT_ACTIVE = ['no active turn', 'expected active turn id'] as const;

/** Which turn it is. */
export interface ControlledTurn {
  readonly threadId: string;
  readonly scope: TurnScope;
  readonly record: TurnRecord;
}

/** Controls one turn. */
export class TurnControl {
  readonly #peer: Peer;
  readonly #threadId: string;
  readonly #scope: TurnScope;
  readonly #record: TurnRecord;
  readonly #named: Deferred<string> = deferred<string>();
  #isEnded = false;
  #nextUpdate: Deferred<void> | undefined;

  constructor(peer: Peer, { threadId, scope, record }: ControlledTurn) {
    this.#peer = peer;
    this.#threadId = threadId;
    this.#scope = scope;
    this.#record = record;
    markHandled(this.#named.promise);
  }

  /** Settles with the turn's id as soon as the server names it; rejects when it never will. */
  get named(): Promise<string> {
    return this.#named.promise;
  }

  /** The server has named the turn. */
  nameTurn(turnId: string): void {
    this.#named.resolve(turnId);
  }

  /** The server said something about the turn. */
  updated(): void {
    this.#nextUpdate?.resolve();
    this.#nextUpdate = undefined;
  }

  /** The turn is over, or never began, for this reason. */
  end(failure: unknown): void {
    this.#isEnded = true;
    this.#named.reject(failure);
    this.updated();
  }

  /** Adds input to the turn; settles with the id of the turn that took it. Rejects with the refusal once it is over. */
  async steer(input: SentUserInput[]): Promise<string> {
    const expectedTurnId = await this.named;
    const params = { threadId: this.#threadId, input, expectedTurnId };
    const steer = () => this.#peer.call('turn/steer', params);
    // A turn that has started and is not active is over, whether its end has been told or not.
    return (await this.#whenActive(steer, () => !this.#record.hasStarted)).turnId;
  }

  /** Interrupts the turn, once it has a name. A turn that is over by then is as good as interrupted. */
  async interrupt(): Promise<void> {
    await this.named.catch(() => {});
    if (this.#isOver) return;
    const named = await this.named;
    const threadId = this.#threadId;
    try {
      // Sent also when unread messages leave no room; who waits for it keeps the pipe being read.
      const interrupt = () => {
        const params = { threadId, turnId: this.#scope.activeTurnId ?? named };
        return this.#peer.call('turn/interrupt', params, {}, { isBackground: true });
      };
      await this.#whenActive(interrupt, () => true);
    } catch (error) {
      if (!(error instanceof RpcError && this.#isOver)) throw error;
    }
  }

  get #isOver(): boolean {
    return this.#isEnded || this.#record.isOver || this.#peer.closingError !== undefined;
  }

  /** Makes the call, and makes it again after each sign of life of a turn that is not active, while that may help. */
  async #whenActive<A>(call: () => Promise<A>, mayHelp: () => boolean): Promise<A> {
    for (;;) {
      this.#nextUpdate ??= deferred<void>();
      const update = this.#nextUpdate.promise;
      const isWorthTrying = mayHelp();
      try {
        return await call();
      } catch (error) {
        const mayTryAgain = error instanceof RpcError && isWorthTrying && isNotActive(error);
        if (this.#isOver || !mayTryAgain) throw error;
        await update;
        if (this.#isOver) throw error;
      }
    }
  }
}

function isNotActive({ message }: RpcError): boolean {
  return NOT_ACTIVE.some((words) => message.includes(words));
}
