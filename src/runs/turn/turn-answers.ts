/**
 * The standing answers of one run (L17). They are for its turn and its sub-agents, from the start of the turn to its end,
 * and never for a turn that was only joined: what that asks is its starter's to answer.
 */
import type { AnsweringRun } from '../../session/answers/scoped-answers.js';
import { type StandingAnswers, StandingAnswerTable } from '../../session/answers/standing-answers.js';
import type { MessageScope, ServerRequest } from '../../session/messages/server-message.js';
import type { Peer } from '../../session/peer.js';
import type { TurnRecord } from './turn-record.js';
import type { TurnScope } from './turn-scope.js';

/** Whose answers they are. */
export interface TurnThatAnswers {
  readonly scope: Pick<TurnScope, 'belongingOf'>;
  readonly record: Pick<TurnRecord, 'mayBeJoined'>;
}

/** Answers for one turn. */
export class TurnAnswers implements AnsweringRun {
  readonly standingAnswers: StandingAnswerTable;
  readonly #peer: Peer;
  readonly #turn: TurnThatAnswers;

  /** @throws InvalidArgumentError when the answers are bad */
  constructor(peer: Peer, answers: StandingAnswers | undefined, turn: TurnThatAnswers) {
    this.standingAnswers = new StandingAnswerTable(answers, peer.serverVersion);
    this.#peer = peer;
    this.#turn = turn;
  }

  /** The turn, or a sub-agent of it, runs on this thread. */
  enter(threadId: string): void {
    if (!this.standingAnswers.isEmpty) this.#peer.answers.enter(this, threadId);
  }

  /** The turn is over. */
  leave(): void {
    if (!this.standingAnswers.isEmpty) this.#peer.answers.leave(this);
  }

  answersFor(request: ServerRequest, of: MessageScope): boolean {
    const { scope, record } = this.#turn;
    return !record.mayBeJoined && scope.belongingOf(request, of) !== 'other';
  }
}
