/**
 * One turn over lives. Owns what is sent, and when: in its place in the thread's line, to a server that has the thread, and
 * again only what no server kept. A turn without a key is sent once.
 */
import type { TurnStartParams } from '../protocol/generated.js';
import { AdoptedTurn, runOf } from '../runs/turn/adopted-turn.js';
import { checkUsageTold } from '../runs/turn/budget.js';
import { deleteByKey } from '../runs/turn/queued-items.js';
import { checkQueuedRun } from '../runs/turn/queued-params.js';
import { reclaimedRun } from '../runs/turn/reclaimed-turn.js';
import type { TokenMeter } from '../runs/turn/token-meter.js';
import { neverKept, runTimeout } from '../runs/turn/turn-errors.js';
import type { PreparedTurn, TurnRunOptions } from '../runs/turn/turn-options.js';
import { TurnOutput } from '../runs/turn/turn-output.js';
import type { TurnQueues } from '../runs/turn/turn-queues.js';
import { LiveTurnRun, runPrepared } from '../runs/turn/turn-run.js';
import type { Peer } from '../session/peer.js';
import { deferred, markHandled } from '../support/deferred.js';
import { CodexClientError } from '../support/errors.js';
import type { Keeping } from './kept-turn.js';
import type { Life, Lives } from './life.js';
import { findQueued } from './queued-search.js';
import { failureOf, SupervisedWork } from './supervised-work.js';
import { searchTurn, type TurnSearch, untilReady } from './turn-search.js';

type Look = Pick<TurnSearch, 'threadId' | 'mayBeUnderWay' | 'givenUp'>;

/** A turn as it is asked for; all of it was checked. */
export interface AskedTurn<Output> {
  readonly prepared: PreparedTurn<Output>;
  readonly options: TurnRunOptions;
  /** The idempotency key, if it has one; a turn for the server's queue always has one. */
  readonly key: string | undefined;
  /** The key was made for this run: no server has anything of it before it is sent. */
  readonly isNew: boolean;
  /** The turn of a run before it with the key, whose message had begun when its server went. */
  readonly begunTurnId: string | undefined;
}

/** One turn. */
export class SupervisedTurn<Output> extends SupervisedWork<LiveTurnRun<Output>> {
  readonly #asked: AskedTurn<Output>;
  #isRefused = false;
  /** Settles when a server has it in its order, or it is over. */
  readonly #begun = deferred<void>();
  /** What was spent before the last cut; undefined without a budget. */
  #meter: TokenMeter | undefined;
  /** The turn whose message had begun when the last run was cut off. */
  #begunTurnId: string | undefined;

  constructor(lives: Lives, asked: AskedTurn<Output>) {
    super(lives, asked.options);
    this.#asked = asked;
    this.#begunTurnId = asked.begunTurnId;
    this.limit(runTimeout);
  }

  get threadId(): string {
    return this.#asked.prepared.params.threadId;
  }

  /** Another run with the key can be at it, too: it is wanted, and not over. */
  get isJoinable(): boolean {
    return !this.isUnwanted && !this.limits.isSettled;
  }

  /** Its own user has given it up. */
  get isAbandoned(): boolean {
    return this.isUnwanted && !this.#isRefused;
  }

  /** The turn whose message had begun when its server went. */
  get begunTurnId(): string | undefined {
    return this.#begunTurnId;
  }

  /** No server comes any more: one that was never sent does not wait for those before it in the line. */
  refuse(reason: unknown): void {
    if (!this.isWaiting) return;
    this.#isRefused = true;
    this.limits.giveUp(reason);
  }

  /** Takes its place in the thread's line; settles when it is over, or will never be sent. Never rejects. */
  async enter(line: TurnQueues): Promise<void> {
    const { promise: over, resolve } = deferred<void>();
    const live = async () => {
      await this.live();
      this.#begun.resolve();
      resolve();
    };
    if (this.#isQueued) line.enterBeside(this.threadId, live, this.#begun.promise);
    else line.enter(this.threadId, live, this.#begun.promise);
    await over;
  }

  protected override peerOf({ turn }: LiveTurnRun<Output>): Peer {
    return turn.peer;
  }

  protected override gaveUp(): void {
    this.isUnwanted = true;
    const isAtServer = this.current !== undefined || this.isSent;
    // What a server may run is looked for, so that it is interrupted.
    if (!isAtServer || this.#asked.key === undefined) this.release();
    if (!isAtServer) this.#begun.resolve();
  }

  /** There is something to send, or to look for. */
  protected override goesOn(): boolean {
    if (this.isUnwanted && this.isWaiting) this.neverSent();
    if (!this.limits.isSettled) return !this.isOver;
    // A server that went has interrupted what it ran, and keeps what waited in its queue.
    return this.isSent && (this.lives.areConnections || this.#isQueued);
  }

  get #isQueued(): boolean {
    return this.#asked.options.whenBusy === 'queue';
  }

  protected override async workIn(life: Life): Promise<void> {
    const { threadId } = this;
    const mayBeUnderWay = this.isSent && this.lives.areConnections;
    const look = { threadId, mayBeUnderWay, givenUp: this.released };
    const mayBeQueued = this.#isQueued && (this.isSent || !this.#asked.isNew);
    const run = await (mayBeQueued ? this.#beginQueued(life, look) : this.#beginIn(life, look));
    if (run !== undefined) await this.#follow(run, life);
  }

  async #beginIn(life: Life, look: Look): Promise<LiveTurnRun<Output> | undefined> {
    await untilReady(life, look);
    const keeping = await this.#search(life.peer, look);
    if (this.limits.isSettled && this.isWaiting) return undefined;
    return this.#begin(life, keeping);
  }

  /** It may wait in the server's queue, or have begun there. */
  async #beginQueued(life: Life, look: Look): Promise<LiveTurnRun<Output> | undefined> {
    const { form } = this.#asked.prepared;
    if (this.isUnwanted && (await deleteByKey(life.peer, this.threadId, this.#asked.key ?? ''))) {
      this.fail(neverKept());
      return undefined;
    }
    const asked = { params: this.#params, options: this.runOptions };
    const search = { ...look, begunTurnId: this.#begunTurnId, isOwn: this.isSent };
    const { turn, found } = await findQueued(life, asked, search);
    if (found.is === 'kept') return this.#found(life, { ...found, isOwn: true });
    if (found.is === 'none' && this.isUnwanted) {
      turn.discard();
      this.fail(neverKept());
      return undefined;
    }
    const run = new LiveTurnRun(turn, new TurnOutput(form));
    turn.goOn(life.queues, found.is === 'listed' ? found.itemId : undefined);
    this.begin(run);
    if (this.isUnwanted) markHandled(run.interrupt());
    return run;
  }

  async #search(peer: Peer, look: Look): Promise<Keeping | undefined> {
    const { key, options } = this.#asked;
    const isGivenUp = this.limits.isSettled && this.isWaiting;
    if (key === undefined || this.#isQueued || isGivenUp) return undefined;
    return searchTurn(peer, { ...look, key, begunTurnId: this.#begunTurnId, options });
  }

  /** The run in this life; undefined when there is none to be. */
  #begin(life: Life, keeping: Keeping | undefined): LiveTurnRun<Output> | undefined {
    if (keeping?.is === 'unknowable' && this.isSent) this.fail(this.cut);
    else if (keeping?.is === 'kept') return this.#found(life, keeping);
    else if (this.isUnwanted) this.fail(neverKept());
    else return this.#send(life);
    return undefined;
  }

  #send({ peer, queues }: Life): LiveTurnRun<Output> {
    const options = this.runOptions;
    peer.checkHeldOptions(options);
    checkUsageTold(peer, options.budget);
    checkQueuedRun(peer, this.#params, options);
    const run = runPrepared(peer, queues, { ...this.#asked.prepared, params: this.#params }, options);
    this.begin(run);
    return run;
  }

  get #params(): TurnStartParams {
    const { prepared, key } = this.#asked;
    return key === undefined ? prepared.params : { ...prepared.params, clientUserMessageId: key };
  }

  #found({ peer }: Life, found: Extract<Keeping, { is: 'kept' }>): LiveTurnRun<Output> {
    const { form } = this.#asked.prepared;
    const { threadId } = this;
    const options = { ...this.runOptions, meter: this.#meter };
    peer.checkHeldOptions(options);
    const run = found.isOwn
      ? reclaimedRun(peer, found, form, options)
      : runOf(new AdoptedTurn(peer, { threadId, turnId: found.turn.id }, options), form);
    this.runs.begin(run);
    if (this.isLeft) run.return();
    else if (this.isUnwanted && found.isOwn) markHandled(run.interrupt());
    return run;
  }

  /** Waits for the run's end, or for that of its life. */
  async #follow(run: LiveTurnRun<Output>, life: Life): Promise<void> {
    const { turn } = run;
    // One that its server's end has cut off keeps its place in the line.
    turn.begun.then(() => !life.isOver && this.#begun.resolve());
    const error = await failureOf(turn);
    const isCut = error instanceof CodexClientError && this.isCut(run, error);
    // One that was given up may run on where its server does.
    const mayRunOn = isCut || (this.limits.isSettled && life.isOver);
    if (!mayRunOn) {
      this.noteOver();
      return;
    }
    if (isCut && turn.wasSent) this.cut = error;
    if (turn.record.hasInput) this.#begunTurnId = turn.turnId;
    this.#meter = turn.meter;
    this.cutOff(run);
    if (!turn.wasSent) return;
    if (this.#asked.key === undefined) this.fail(error);
    else this.noteSent();
  }
}
