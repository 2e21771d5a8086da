/**
 * From messages to spans. Owns which turn a message belongs to, when the spans of a turn begin and end, and whose child a
 * turn is; what a turn's messages do to its spans is for `turn-span.ts`. It asks the server nothing.
 *
 * The invariant: of a turn that is over nothing is held but its id, beside the model of its thread.
 */
import type { Context } from '@opentelemetry/api';
import type { Turn } from '../protocol/generated.js';
import { type ServerMessage, type ServerNotification, scopeOf } from '../session/messages/server-message.js';
import { failureMessage, failureType } from './error-type.js';
import { MessageClock, toldTime } from './message-clock.js';
import type { SpanSettings, TurnEnd } from './span-parts.js';
import { KnownThreads, type ThreadFacts } from './thread-facts.js';
import { TurnSpan } from './turn-span.js';

/**
 * How long after its thread went idle a turn is waited for, by the clock of the messages: its end is told within
 * milliseconds, but to nobody who has unsubscribed from the thread.
 */
const IDLE_LIMIT_MS = 10_000;

/** How spans are made. */
export interface ConversationSettings extends SpanSettings {
  /** The context whose span is the parent of turns that are nobody's sub-agent. */
  readonly parent: Context;
  /** What is taken for true of a thread until messages tell. */
  readonly assumed: ThreadFacts;
}

/** The spans of all turns that a stream of messages tells of. */
export class ConversationSpans {
  /** What is known of the threads. */
  readonly threads = new KnownThreads();
  readonly #settings: ConversationSettings;
  readonly #clock = new MessageClock();
  /** The turn that goes on, by thread: one at a time. */
  readonly #open = new Map<string, TurnSpan>();
  /** Since when the thread of a turn that goes on is idle: its end comes next, or never. */
  readonly #idle = new Map<TurnSpan, number>();
  #hasBegun = false;

  constructor(settings: ConversationSettings) {
    this.#settings = settings;
  }

  /** How many turns go on. */
  get openTurns(): number {
    return this.#open.size;
  }

  /** Takes the next message. */
  see(message: ServerMessage): void {
    const { threadId, turnId } = scopeOf(message);
    if (threadId === undefined) return;
    if (message.kind === 'request') {
      const { startedAtMs } = Object(message.params);
      // A request has no time of its own; where it names one it is that of its item.
      this.#named(threadId, turnId)?.asked(
        message,
        Math.max(this.#clock.timeOf({}), Number(startedAtMs) || 0),
      );
      return;
    }
    const atMs = this.#clock.timeOf(message);
    this.#endIdle(atMs);
    this.#notified(message, threadId, turnId, atMs);
    // Afterwards: a turn that begins with it counts from the total before it.
    this.threads.learn(message);
  }

  /** Messages are missing. A turn that nothing was heard of since others were missed has ended, as far as one can know. */
  missed(count: number): void {
    const atMs = this.#clock.timeOf({});
    for (const turn of [...this.#open.values()]) {
      if (turn.isHeardOf) turn.missed(count, atMs);
      else this.#abandon(turn, { reason: 'gap', atMs: this.#clock.nowMs() });
    }
  }

  /** No message follows: turns that go on end now. */
  end(reason: 'left' | 'lost', failure?: unknown): void {
    const error =
      failure === undefined ? undefined : { type: failureType(failure), message: failureMessage(failure) };
    const atMs = this.#clock.nowMs();
    for (const turn of [...this.#open.values()]) this.#abandon(turn, { reason, atMs, error });
  }

  /** A run has failed; when no turn of it was heard of, its failure is all that there is of a turn. */
  fail(threadId: string, startMs: number, failure: unknown): void {
    if (!this.#hasBegun) this.#begin(threadId, undefined, startMs);
    this.end('lost', failure);
  }

  #notified(message: ServerNotification, threadId: string, turnId: string | undefined, atMs: number): void {
    switch (message.method) {
      case 'turn/started':
        this.#turnStarted(threadId, message.params.turn, atMs);
        break;
      case 'turn/completed':
        this.#turnCompleted(threadId, message.params.turn, atMs);
        break;
      case 'item/started':
      case 'item/completed':
        this.#ongoing(threadId, turnId, toldTime(message.params.item.startedAtMs, atMs))?.notified(
          message,
          atMs,
        );
        break;
      case 'thread/status/changed':
        this.#statusChanged(threadId, message.params.status.type, atMs);
        break;
      default:
        this.#named(threadId, turnId)?.notified(message, atMs);
    }
  }

  #statusChanged(threadId: string, status: string, atMs: number): void {
    const open = this.#open.get(threadId);
    if (open === undefined) return;
    if (status === 'active') this.#idle.delete(open);
    else this.#idle.set(open, atMs);
  }

  /** Turns whose thread has long been idle have ended, although nobody told. */
  #endIdle(nowMs: number): void {
    for (const [turn, sinceMs] of this.#idle) {
      if (nowMs - sinceMs <= IDLE_LIMIT_MS) continue;
      this.threads.add(turn.threadId, { lastTurnIds: turn.names });
      this.#abandon(turn, { reason: 'lost', atMs: sinceMs });
    }
  }

  #turnStarted(threadId: string, { id, rootTurnId }: Turn, atMs: number): void {
    const open = this.#open.get(threadId);
    if (open?.isCalled(id) === true) return;
    if (open?.isCalled(rootTurnId ?? id) === true) open.alsoCalled(id);
    else if (!this.#isOver(threadId, id)) this.#begin(threadId, id, atMs, rootTurnId ?? undefined);
  }

  #turnCompleted(threadId: string, turn: Turn, atMs: number): void {
    const open = this.#named(threadId, turn.id);
    if (open === undefined) return;
    this.threads.add(threadId, { lastTurnIds: open.names });
    this.#forget(open);
    open.completed(turn, atMs);
  }

  /** The turn that goes on, if the message is its own. */
  #named(threadId: string, turnId: string | undefined): TurnSpan | undefined {
    const open = this.#open.get(threadId);
    if (open?.isCalled(turnId) !== true) return undefined;
    if (turnId !== undefined) {
      open.isHeardOf = true;
      this.#idle.delete(open);
    }
    return open;
  }

  /** The turn that goes on; one whose beginning nobody has seen begins with this message. */
  #ongoing(threadId: string, turnId: string | undefined, atMs: number): TurnSpan | undefined {
    const named = this.#named(threadId, turnId);
    if (named !== undefined || turnId === undefined || this.#isOver(threadId, turnId)) return named;
    return this.#begin(threadId, turnId, atMs);
  }

  #begin(threadId: string, turnId: string | undefined, startMs: number, rootTurnId?: string): TurnSpan {
    this.#hasBegun = true;
    const before = this.#open.get(threadId);
    // One turn at a time: the end of the one before was missed.
    if (before !== undefined) this.#abandon(before, { reason: 'gap', atMs: this.#clock.nowMs() });
    const facts = { ...this.#settings.assumed, ...this.threads.of(threadId) };
    const parent = this.#parentOf(threadId, facts, rootTurnId)?.context ?? this.#settings.parent;
    const turn = new TurnSpan(this.#settings, { threadId, turnId, startMs, facts, parent });
    this.#open.set(threadId, turn);
    return turn;
  }

  /** The turn whose sub-agent a turn is: the one that goes on in the parent thread, or the root of its work. */
  #parentOf(threadId: string, { parentThreadId }: ThreadFacts, rootTurnId?: string): TurnSpan | undefined {
    const ofThread = parentThreadId === undefined ? undefined : this.#open.get(parentThreadId);
    if (ofThread !== undefined || rootTurnId === undefined) return ofThread;
    return [...this.#open.values()].find((turn) => turn.threadId !== threadId && turn.isCalled(rootTurnId));
  }

  #abandon(turn: TurnSpan, end: TurnEnd): void {
    this.#forget(turn);
    turn.abandoned(end);
  }

  /** Lets go of a turn, before its spans are ended: whatever that throws, the next turn has spans. */
  #forget(turn: TurnSpan): void {
    this.#open.delete(turn.threadId);
    this.#idle.delete(turn);
  }

  #isOver(threadId: string, turnId: string): boolean {
    return this.threads.of(threadId).lastTurnIds?.includes(turnId) === true;
  }
}
