/**
 * One turn of a goal, from its first message to its end. Owns the parts that every turn has: which messages are its own, what
 * they tell, how it is steered and interrupted, and how it stands when they stay away.
 */
import type { MessageScope, ServerMessage } from '../../session/messages/server-message.js';
import type { Peer } from '../../session/peer.js';
import { TurnControl } from '../turn/turn-control.js';
import { TurnEnquiry } from '../turn/turn-enquiry.js';
import type { TurnEnding } from '../turn/turn-oracle.js';
import { TurnRecord } from '../turn/turn-record.js';
import type { TurnFacts } from '../turn/turn-result.js';
import { TurnScope } from '../turn/turn-scope.js';
import { unknownTurn } from '../turn/turns-of-thread.js';

/** Whose turn it is. */
export interface TurnOfGoal {
  readonly peer: Peer;
  readonly threadId: string;
  readonly turnId: string;
  /** The threads of the goal's sub-agents, those of its earlier turns included. */
  readonly subagents: Set<unknown>;
  /** Hears how the turn stands when it was asked for; it must not throw. */
  readonly told: (standing: TurnEnding) => void;
}

/** One turn. */
export class GoalTurn {
  readonly turnId: string;
  readonly scope: TurnScope;
  readonly record = new TurnRecord({ collectEvents: false });
  readonly control: TurnControl;
  readonly enquiry: TurnEnquiry;
  readonly #peer: Peer;
  readonly #threadId: string;
  #interrupting: Promise<void> | undefined;

  constructor({ peer, threadId, turnId, subagents, told }: TurnOfGoal) {
    this.#peer = peer;
    this.#threadId = threadId;
    this.turnId = turnId;
    this.scope = new TurnScope(threadId, subagents);
    this.scope.named(turnId);
    this.record.noteFound(unknownTurn(turnId));
    this.control = new TurnControl(peer, { threadId, scope: this.scope, record: this.record });
    this.control.nameTurn(turnId);
    this.enquiry = new TurnEnquiry({ peer, threadId, record: this.record, told });
  }

  /** The server called it over, or was asked and did. */
  get isOver(): boolean {
    return this.record.isOver;
  }

  /** What it came to so far. */
  get facts(): TurnFacts {
    // It was found with a name, so there is something to tell.
    return this.record.result() as TurnFacts;
  }

  /** A message of the turn. */
  note(message: ServerMessage): void {
    this.record.note(message);
    this.control.updated();
  }

  /** Anything of the thread or of a sub-agent was heard. */
  heard(message: ServerMessage, scope: MessageScope): void {
    this.enquiry.noteMessage(message, scope);
  }

  /** Interrupts it, once; what the server refused may be asked for again. Rejects as `turn/interrupt` does. */
  interrupt(): Promise<void> {
    this.#interrupting ??= this.control.interrupt().catch((error: unknown) => {
      this.#interrupting = undefined;
      throw error;
    });
    return this.#interrupting;
  }

  /** It is over, or nobody waits for its end any more. */
  end(failure?: unknown): void {
    if (this.isOver) this.#peer.activity.ended(this.#threadId, this.scope.activeTurnId);
    this.enquiry.stop();
    this.control.end(failure);
  }
}
