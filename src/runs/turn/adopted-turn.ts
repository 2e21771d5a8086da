/**
 * A turn that this run did not start, from the moment at which it is adopted to its end. Owns what is made of it: the
 * messages that are still unread on the main stream, those that come, and what the server has of the beginning. It is
 * followed before the server is asked, so nothing falls in the gap. One that is somebody else's is interrupted by `interrupt()`
 * alone.
 */
import type { Thread } from '../../protocol/generated.js';
import type { OutputForm } from '../../schemas/output-form.js';
import type { MessageScope, ServerMessage } from '../../session/messages/server-message.js';
import type { Peer } from '../../session/peer.js';
import { DEFAULT_IDLE_TIMEOUT_MS } from '../../support/defaults.js';
import {
  type AdoptOptions,
  checkAdoptOptions,
  checkTurnReference,
  type TurnReference,
} from './adopt-options.js';
import { RUN_STATE } from './followed-run.js';
import { FollowedTurn, type FollowedTurnOptions } from './followed-turn.js';
import type { TurnRun } from './run.js';
import { adoptTimeout, noSuchTurn, unexplainedEnd } from './turn-errors.js';
import { findTurn, type TurnFinding } from './turn-finding.js';
import type { TurnEnding } from './turn-oracle.js';
import { TurnOutput } from './turn-output.js';
import { LiveTurnRun } from './turn-run.js';
import { activeTurnIdIn, unknownTurn } from './turns-of-thread.js';

/** One turn that began elsewhere. */
export class AdoptedTurn extends FollowedTurn {
  readonly #asked: string;
  /** The turn whose work it may be; of a review, the name by which everything of it goes. */
  #rootTurnId: string | null = null;
  /** A message of the turn has come, or the server has it. */
  #isKnown = false;
  #found: Promise<Thread | undefined> | undefined;

  constructor(peer: Peer, { threadId, turnId }: TurnReference, options: FollowedTurnOptions) {
    super(peer, threadId, options);
    this.#asked = turnId;
    this.scope.named(turnId);
    this.control.nameTurn(turnId);
    if (!this.isOurs) this.record.noteAdopted();
  }

  override get turnId(): string {
    return this.scope.turnId ?? this.#asked;
  }

  override get isResumed(): boolean {
    return this.isOurs;
  }

  override get found(): Promise<Thread | undefined> | undefined {
    return this.#found;
  }

  /** Takes the turn's messages from now on, and asks what came before. */
  begin(): void {
    if (this.peer.closingError !== undefined) this.ended();
    this.limit(adoptTimeout);
    // It may have been given up before it began.
    if (this.state !== RUN_STATE.queued) return;
    this.advance(RUN_STATE.starting);
    this.#openInTheMiddle();
    this.peer.activity.startSent(this.threadId);
    this.#found = this.#find();
  }

  override learn(message: ServerMessage, scope: MessageScope): void {
    if (scope.threadId === this.threadId && scope.turnId === this.#rootTurnId)
      this.#isWithin(this.#rootTurnId);
    super.learn(message, scope);
  }

  override observe(message: ServerMessage, scope: MessageScope): void {
    this.#isKnown ||= scope.turnId === this.turnId && scope.threadId === this.threadId;
    super.observe(message, scope);
  }

  /** It was begun here, or for the same user. */
  protected get isOurs(): boolean {
    return false;
  }

  /** Asks the server for it. Never rejects. */
  protected ask(): Promise<TurnFinding> {
    return findTurn(this.peer, this.threadId, this.#asked);
  }

  /** Another's goes on, and its end is still heard. */
  protected override get goesOnUnread(): boolean {
    return !this.isOurs || super.goesOnUnread;
  }

  protected override get endsWhenGivenUp(): boolean {
    return !this.isOurs || super.endsWhenGivenUp;
  }

  protected override end(failure?: unknown): void {
    super.end(failure);
    // Who heard nothing of its beginning knows the thread to be busy with what was asked for.
    if (this.record.isOver) this.peer.activity.ended(this.threadId, this.#asked);
  }

  protected override unexplained(standing: Exclude<TurnEnding, { is: 'over' }>): unknown {
    const isMissing = standing.is === 'lost' && !this.#isKnown;
    return isMissing ? noSuchTurn(this, standing) : unexplainedEnd(standing, this.record.result());
  }

  /** The thread is known to be busy with another turn. */
  get #isOthers(): boolean {
    return this.peer.activity.isOthers(this.threadId, this.#asked);
  }

  /** What is about the thread as a whole may be older than the turn, and stays where it is. */
  #openInTheMiddle(): void {
    const unread: [ServerMessage, MessageScope][] = [];
    this.open({
      takesAlong: (_, { turnId }) => turnId === this.#asked,
      tookAlong: (...told) => unread.push(told),
    });
    this.peer.follow(this, this.#asked);
    for (const told of unread) {
      this.learn(...told);
      this.observe(...told);
    }
  }

  /** Never rejects. */
  async #find(): Promise<Thread | undefined> {
    const finding = await this.ask();
    const isOver = finding.is === 'found' && finding.turn.status !== 'inProgress';
    const isRunning = finding.is !== 'refused' && !isOver && !this.record.isOver;
    const isBusyWithIt = isRunning && !this.#isOthers;
    this.peer.activity.startSettled(this.threadId, isBusyWithIt ? this.#asked : undefined);
    if (this.state !== RUN_STATE.over) this.#heed(finding);
    return 'thread' in finding ? finding.thread : undefined;
  }

  #heed(finding: TurnFinding): void {
    this.advance(RUN_STATE.running);
    if (finding.is === 'refused' && !this.#isKnown) {
      this.settlement.reject(finding.cause);
      this.end(finding.cause);
      return;
    }
    const turn = finding.is === 'found' ? finding.turn : unknownTurn(this.#asked);
    if (finding.is === 'found') this.#name(finding);
    // Of a turn that has said something the end is on its way, with what the server does not keep.
    const isToldAlone = turn.status !== 'inProgress' && !this.#isKnown;
    this.#isKnown ||= finding.is === 'found';
    this.record.noteFound({ ...turn, status: 'inProgress' });
    if (isToldAlone) this.record.noteRecovered(turn);
    this.stream?.lookForRequests();
    this.control.updated();
    if (this.record.isOver) this.overAtServer();
    else this.#watch(turn.status !== 'inProgress' || this.#isOthers || isAtRest(finding));
    this.heedBudget();
  }

  #name({ turn, thread }: Extract<TurnFinding, { is: 'found' }>): void {
    if (turn.id !== this.turnId) this.#isWithin(turn.id);
    else if (turn.rootTurnId !== turn.id) this.#rootTurnId = turn.rootTurnId;
    else if (turn.status === 'inProgress') this.scope.runsAs(activeTurnIdIn(thread, turn.id));
  }

  /** It is the turn that a review runs as; what the review says and how it ends goes by the name of the review. */
  #isWithin(reviewId: string): void {
    this.#rootTurnId = null;
    this.scope.named(reviewId);
    this.scope.runsAs(this.#asked);
    this.peer.follow(this, reviewId);
  }

  /** Where its end is due, or it was never there, that is asked soon, and anyhow. */
  #watch(isEndDue: boolean): void {
    const { idleTimeoutMs = DEFAULT_IDLE_TIMEOUT_MS } = this.options;
    this.enquiry.begin(isEndDue ? idleTimeoutMs || DEFAULT_IDLE_TIMEOUT_MS : idleTimeoutMs);
    if (isEndDue) this.enquiry.expectEnd();
  }
}

/** The thread has no turn that runs. */
function isAtRest(finding: TurnFinding): boolean {
  return 'thread' in finding && finding.thread.status?.type !== 'active';
}

/**
 * Adopts a turn that somebody else started.
 * @throws InvalidArgumentError when it names no turn, or an option is bad; nothing was sent
 * @internal
 */
export function adoptTurn(peer: Peer, name: TurnReference, options: AdoptOptions = {}): TurnRun {
  checkTurnReference(name);
  checkAdoptOptions(options);
  peer.checkHeldOptions(options);
  return runOf(new AdoptedTurn(peer, name, options), undefined);
}

/**
 * The run of a turn that was started elsewhere, from now on.
 * @param form - what its output is to look like; undefined for whatever comes
 * @internal
 */
export function runOf<Output>(turn: AdoptedTurn, form: OutputForm<Output> | undefined): LiveTurnRun<Output> {
  turn.begin();
  return new LiveTurnRun(turn, new TurnOutput(form));
}
