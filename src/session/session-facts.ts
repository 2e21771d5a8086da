/**
 * What this end knows of its session without a request: how far it is, what was answered and asked, and what was told of threads.
 * Owns nothing; each part of the session owns its own.
 */
import type { CodexClientError } from '../support/errors.js';
import type { ScopedAnswers } from './answers/scoped-answers.js';
import type { ServerRequests } from './answers/server-requests.js';
import type { Session } from './session.js';
import type { SessionRemains } from './session-remains.js';
import type { ThreadActivity } from './thread-activity.js';
import type { ThreadSubscriptions } from './thread-subscriptions.js';
import type { ThreadUsage } from './thread-usage.js';
import type { TurnGate } from './turn-gate.js';

/** What is known of one session. */
export class SessionFacts {
  protected readonly session: Session;

  constructor(session: Session) {
    this.session = session;
  }

  /** The error of calls made now, once the session is ending. */
  get closingError(): CodexClientError | undefined {
    return this.session.closingError;
  }

  /** Names the server in what outlives it, such as the key of a request. */
  get epoch(): string {
    return this.session.epoch;
  }

  /** Grows with whatever is read. */
  get bytesReceived(): number {
    return this.session.bytesReceived;
  }

  /** Reading has stopped because enough is held unread: what the server says is not known. */
  get isPaused(): boolean {
    return this.session.flow.isPaused;
  }

  /** Somebody reads the main stream, and will see what no other stream takes. */
  get isMainAttended(): boolean {
    return this.session.streams.isMainAttended;
  }

  /** The answers that were given beforehand. */
  get answers(): ScopedAnswers {
    return this.session.responder.standingAnswers;
  }

  /** What the server asks, and waits for an answer to. */
  get asked(): Pick<ServerRequests, 'openOn' | 'isOpen' | 'asks' | 'withdrawalOf'> {
    return this.session.responder.ledger;
  }

  /** Which threads have a turn now. */
  get activity(): ThreadActivity {
    return this.session.activity;
  }

  /** Which threads this connection has. */
  get subscriptions(): ThreadSubscriptions {
    return this.session.subscriptions;
  }

  /** What threads had used when it was told last. */
  get usage(): ThreadUsage {
    return this.session.usage;
  }

  /** Whether turns may still be started. */
  get turnGate(): TurnGate {
    return this.session.turnGate;
  }

  /** What was under way when the session closed; undefined before. */
  get left(): SessionRemains | undefined {
    return this.session.left;
  }
}
