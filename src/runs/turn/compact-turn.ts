/**
 * A compaction of a thread, as a turn that nobody reads. Owns how its turn is known: the server answers the request with
 * nothing, and the turn whose first item is that of a compaction is its own. It takes its place in the thread's line, because the
 * server interrupts a turn that is running when it is asked to compact.
 */
import type { TurnStartResponse } from '../../protocol/generated.js';
import type { MessageScope, ServerMessage } from '../../session/messages/server-message.js';
import type { Peer } from '../../session/peer.js';
import { checkKnownKeys, checkSignal, checkTimeLimit } from '../../support/argument-checks.js';
import { ProtocolError } from '../../support/errors.js';
import { TurnLifecycle } from './turn-lifecycle.js';
import type { TurnRunOptions } from './turn-options.js';
import type { TurnEnding } from './turn-oracle.js';
import { TurnOutput } from './turn-output.js';
import type { TurnQueues } from './turn-queues.js';
import type { TurnResult } from './turn-result.js';
import { LiveTurnRun } from './turn-run.js';
import { TurnStart } from './turn-start.js';
import { unknownTurn } from './turns-of-thread.js';

/** Options of a compaction. */
export interface CompactOptions {
  /** Aborting interrupts the compaction, or takes it out of the thread's line; the call rejects with `signal.reason`. */
  readonly signal?: AbortSignal | undefined;
  /**
   * How long it may take, in milliseconds from the call, waiting for earlier turns included; `0` for no limit. After that it
   * is interrupted, and the call rejects with `RequestTimeoutError`.
   * @defaultValue 0
   */
  readonly timeoutMs?: number | undefined;
  /** Silence after which the server is asked whether it goes on, in milliseconds; `0` never asks. @defaultValue 30,000 */
  readonly idleTimeoutMs?: TurnRunOptions['idleTimeoutMs'];
}

const OPTION_NAMES = [
  'signal',
  'timeoutMs',
  'idleTimeoutMs',
] as const satisfies readonly (keyof CompactOptions)[];

/** @throws InvalidArgumentError when an option is unknown or has a value that cannot work @internal */
export function checkCompactOptions(options: CompactOptions): void {
  checkKnownKeys('options', options, OPTION_NAMES);
  checkSignal('options.signal', options.signal);
  for (const name of ['timeoutMs', 'idleTimeoutMs'] as const)
    checkTimeLimit(`options.${name}`, options[name]);
}

/** The turn of a compaction. */
class CompactTurn extends TurnLifecycle {
  /** The turn that began before it last, while it was on its way. */
  #othersTurnId: string | undefined;

  override learn(message: ServerMessage, scope: MessageScope): void {
    super.learn(message, scope);
    const { threadId, turnId } = scope;
    if (threadId === this.threadId && turnId !== undefined && this.turnId === undefined)
      this.#tell(message, turnId);
  }

  /** Not before its item has come. */
  protected override get toldTurnId(): string | undefined {
    return this.turnId;
  }

  /** No answer has named it. */
  protected override noteStart({ turn }: TurnStartResponse): void {
    this.record.noteFound(turn);
  }

  protected override unexplained(standing: Exclude<TurnEnding, { is: 'over' }>): unknown {
    if (this.record.turn !== undefined || standing.is !== 'lost') return super.unexplained(standing);
    const message = 'thread/compact/start was taken, and the compaction never began; the client goes on';
    return new ProtocolError(message, { cause: standing.cause });
  }

  /** The first item of a turn tells whether that is the compaction; what ends without one is not. */
  #tell({ method, params }: ServerMessage, turnId: string): void {
    const isItem = method === 'item/started' || method === 'item/completed';
    if (!(isItem || method === 'turn/completed') || turnId === this.#othersTurnId) return;
    if (isItem && params.item?.type === 'contextCompaction') this.#begins(turnId);
    else this.#isOthers(turnId);
  }

  #begins(turnId: string): void {
    const { turn } = this.record;
    this.answered({ turn: turn?.id === turnId ? turn : unknownTurn(turnId) }, false);
  }

  #isOthers(turnId: string): void {
    this.#othersTurnId = turnId;
    if (this.scope.turnId === turnId) this.forgetOthers();
  }
}

/**
 * Compacts a thread; see `ThreadHandle.compact`.
 * @throws InvalidArgumentError when an option is bad; nothing was sent
 * @internal
 */
export function compactThread(
  peer: Peer,
  queues: TurnQueues,
  threadId: string,
  options: CompactOptions,
): Promise<TurnResult> {
  checkCompactOptions(options);
  const start = new TurnStart(peer, { method: 'thread/compact/start', params: { threadId } }, {});
  const turn = new CompactTurn(peer, threadId, start, options);
  const result = new LiveTurnRun(turn, new TurnOutput(undefined)).result();
  turn.enter(queues);
  return result;
}
