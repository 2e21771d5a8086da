/**
 * The runs of a supervisor. Owns the lines of the threads, which span lives, the keys of the turns that are on their way, and
 * the checks of what is asked.
 */
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import {
  checkGoalOptions,
  checkGoalParams,
  type GoalRunOptions,
  type GoalRunParams,
} from '../runs/goal/goal-options.js';
import type { GoalRun } from '../runs/goal/goal-run.js';
import {
  type CheckedThreadRun,
  checkedThreadRun,
  type ThreadRun,
  type ThreadRunParams,
} from '../runs/thread/thread-run.js';
import { checkUsageTold } from '../runs/turn/budget.js';
import type { CompactOptions } from '../runs/turn/compact-turn.js';
import { checkQueuedRun } from '../runs/turn/queued-params.js';
import type { TurnRun } from '../runs/turn/run.js';
import {
  checkTurnRunOptions,
  type PreparedTurn,
  preparedTurn,
  type TurnRunOptions,
  type TurnRunParams,
} from '../runs/turn/turn-options.js';
import { TurnQueues } from '../runs/turn/turn-queues.js';
import type { TurnResult } from '../runs/turn/turn-result.js';
import { memberOf, rejectArgument } from '../support/argument-checks.js';
import { InvalidArgumentError } from '../support/errors.js';
import { type FirstRuns, type GoingAlone, JoinedTurn } from './joined-turn.js';
import type { Lives } from './life.js';
import type { QueuedKeys } from './queued-keys.js';
import { compactSupervised } from './supervised-compaction.js';
import { SupervisedGoal } from './supervised-goal.js';
import { SupervisedGoalRun } from './supervised-goal-run.js';
import { SupervisedRun, type TurnSource } from './supervised-run.js';
import { SupervisedThread, SupervisedThreadRun } from './supervised-thread-run.js';
import { type AskedTurn, SupervisedTurn } from './supervised-turn.js';

/** The longest idempotency key, in characters: any id of a job fits, and a text that was meant as input does not. */
const MAX_KEY_LENGTH = 512;

/** Options of a supervised turn run. */
export interface SupervisedRunOptions extends TurnRunOptions {
  /**
   * A name for this turn, 1 to 512 characters, by which it is known again: it is sent as `clientUserMessageId`, and the server
   * keeps it with the message. Before the turn is sent, the thread is looked through for it, and a turn that the server has is
   * not sent again: the run settles with that one, however it ended. So is a run that a crash interrupts: its turn is sent again
   * only where the server kept nothing of it, and then no model has seen it. While the turn is on its way, another run with the
   * key adopts it, `joined`: leaving that one never interrupts the turn. It goes on alone where the first is given up before that
   * was sent; a first one that is given up later interrupts the turn for both. To look means to read the thread with its turns.
   * To try an interrupted turn anew, give it a new key. A turn that is left to the server's queue (`whenBusy: 'queue'`) has a
   * key in any case, its `clientUserMessageId`: its item outlives the server, and so does the run.
   * @defaultValue none: the turn is sent once, and a crash after that rejects the run
   */
  readonly idempotencyKey?: string | undefined;
}

/** A keyed turn that is on its way. */
interface Keyed {
  readonly turn: FirstRuns;
  readonly params: PreparedTurn<unknown>['params'];
}

/** Runs turns over lives. @internal */
export class SupervisedRuns {
  readonly #lives: Lives;
  readonly #queuedKeys: QueuedKeys;
  readonly #line = new TurnQueues();
  readonly #keyed = new Map<string, Keyed>();
  /** Those that are not over. */
  readonly #open = new Set<Pick<SupervisedTurn<unknown>, 'refuse'>>();
  #refusal: { readonly reason: unknown } | undefined;

  constructor(lives: Lives, queuedKeys: QueuedKeys) {
    this.#lives = lives;
    this.#queuedKeys = queuedKeys;
  }

  /**
   * Runs a turn; see `Supervisor.turnRun`.
   * @param argument - what the params are called where the caller wrote them
   * @throws InvalidArgumentError when params or options are bad; nothing was sent
   */
  turnRun<Output>(
    params: TurnRunParams,
    options: SupervisedRunOptions = {},
    argument = 'params',
  ): TurnRun<Output> {
    const version = this.#lives.living?.peer.serverVersion;
    checkTurnRunOptions(options, version, ['idempotencyKey']);
    this.#lives.living?.peer.checkHeldOptions(options);
    if (this.#lives.living !== undefined) checkUsageTold(this.#lives.living.peer, options.budget);
    const { idempotencyKey, ...runOptions } = options;
    const prepared = preparedTurn<Output>(params, version, argument);
    this.#lives.living?.peer.checkParams('turn/start', prepared.params, { argument });
    checkQueuedRun(this.#lives.living?.peer, prepared.params, options, argument);
    if (idempotencyKey !== undefined) checkKey(idempotencyKey, params, argument);
    const given = idempotencyKey ?? queuedIdOf(prepared, options);
    const key = given ?? (options.whenBusy === 'queue' ? randomUUID() : undefined);
    const asked = { prepared, options: runOptions, key, isNew: given === undefined, begunTurnId: undefined };
    return new SupervisedRun(this.#begin(asked, argument));
  }

  /**
   * Runs a goal; see `Supervisor.goalRun`.
   * @throws InvalidArgumentError when params or options are bad; nothing was sent
   */
  goalRun(params: GoalRunParams, options: GoalRunOptions = {}, argument?: string): GoalRun {
    checkGoalParams(params, argument);
    checkGoalOptions(options, this.#lives.living?.peer.serverVersion);
    this.#lives.living?.peer.checkHeldOptions(options);
    const goal = new SupervisedGoal(this.#lives, params, options);
    const over = goal.enter(this.#line);
    this.#open.add(goal);
    over.then(() => this.#open.delete(goal));
    if (this.#refusal !== undefined) goal.refuse(this.#refusal.reason);
    return new SupervisedGoalRun(goal);
  }

  /** Compacts a thread; see `SupervisedThreadHandle.compact`. @throws InvalidArgumentError when an option is bad */
  compact(threadId: string, options: CompactOptions): Promise<TurnResult> {
    return compactSupervised(this.#lives, this.#line, threadId, options);
  }

  /** Joins the turn with the key, or puts one into the line. @throws InvalidArgumentError when the key is another turn's */
  #begin<Output>(asked: AskedTurn<Output>, argument: string): TurnSource<Output> {
    const { prepared, options, key } = asked;
    const joined = key === undefined ? undefined : this.#joined(key, prepared, argument);
    if (joined !== undefined) {
      const goAlone: GoingAlone<Output> = (own, begunTurnId) =>
        this.#begin({ ...asked, options: own, begunTurnId }, argument);
      return new JoinedTurn(this.#lives, joined, prepared.form, options, goAlone);
    }
    const turn = new SupervisedTurn(this.#lives, asked);
    const over = turn.enter(this.#line);
    this.#open.add(turn);
    over.then(() => this.#open.delete(turn));
    if (key !== undefined && options.whenBusy === 'queue') {
      const { threadId } = turn;
      this.#queuedKeys.add(threadId, key);
      over.then(() => this.#queuedKeys.delete(threadId, key));
    }
    if (this.#refusal !== undefined) turn.refuse(this.#refusal.reason);
    if (key !== undefined) {
      const keyed = { turn, params: prepared.params };
      this.#keyed.set(key, keyed);
      over.then(() => this.#keyed.get(key) === keyed && this.#keyed.delete(key));
    }
    return turn;
  }

  /** No server comes any more, for this reason: what was never sent rejects at once, and so does what comes now. */
  refuseWaiting(reason: unknown): void {
    this.#refusal ??= { reason };
    for (const turn of this.#open) turn.refuse(reason);
  }

  /**
   * Starts a thread and its first turn; see `Supervisor.threadRun`.
   * @throws InvalidArgumentError when params or options are bad; nothing was sent
   */
  threadRun<Output>(params: ThreadRunParams, options: TurnRunOptions = {}): ThreadRun<Output> {
    const checked: CheckedThreadRun<Output> = checkedThreadRun(this.#lives.living?.peer, params, options);
    return new SupervisedThreadRun(new SupervisedThread(this.#lives, checked));
  }

  /** The turn with this key that is on its way. @throws InvalidArgumentError when it is another one */
  #joined(key: string, { params }: PreparedTurn<unknown>, argument: string): FirstRuns | undefined {
    const known = this.#keyed.get(key);
    // One that nobody wants any more may have been given up before it was sent: in its place in the line that is known.
    if (known === undefined || !known.turn.isJoinable) return undefined;
    if (isSame(known.params, params)) return known.turn;
    const message = `options.idempotencyKey: a turn with the key ${JSON.stringify(key)} is on its way on thread ${known.turn.threadId}, and ${argument} are not those of that turn; expected the same, or a key of its own`;
    throw new InvalidArgumentError('options.idempotencyKey', message);
  }
}

/** @throws InvalidArgumentError when the key cannot be one, or the params have another */
function checkKey(key: unknown, params: TurnRunParams, argument: string): void {
  if (typeof key !== 'string' || key === '' || key.length > MAX_KEY_LENGTH)
    rejectArgument('options.idempotencyKey', key, `a string of 1 to ${MAX_KEY_LENGTH} characters`);
  const messageId = memberOf(params, 'clientUserMessageId');
  if (messageId === undefined || messageId === null) return;
  const name = `${argument}.clientUserMessageId`;
  rejectArgument(name, messageId, 'none beside options.idempotencyKey, which is sent in its place');
}

/** The id that a queued turn is sent with is the one by which it is known again. */
function queuedIdOf(
  { params }: PreparedTurn<unknown>,
  { whenBusy }: SupervisedRunOptions,
): string | undefined {
  return whenBusy === 'queue' ? (params.clientUserMessageId ?? undefined) : undefined;
}

/** As they are sent. */
function isSame(one: object, other: object): boolean {
  const sent = (params: object): unknown => JSON.parse(JSON.stringify(params));
  return isDeepStrictEqual(sent(one), sent(other));
}
