/** What a turn came to: the types of a result, and which of its messages is the answer. */
import type {
  MessagePhase,
  ThreadItem,
  ThreadTokenUsage,
  Turn,
  TurnCompletedNotification,
  TurnPlanStep,
  TurnStartedNotification,
  TurnStartResponse,
} from '../../protocol/generated.js';
import type { ServerMessage } from '../../session/messages/server-message.js';

/** An item of a thread by its type, for example `ItemOf<'commandExecution'>`. */
export type ItemOf<T extends ThreadItem['type']> = Extract<ThreadItem, Record<'type', T>>;

/** What the agent said in one message. */
export interface AgentMessage {
  /** The id of the item. */
  readonly id: string;
  /** `commentary` on the way, `final_answer`, or `null` where the server does not say. */
  readonly phase: MessagePhase | null;
  /** The whole text; of a message that was cut short, the pieces that came. */
  readonly text: string;
}

/** What the server sent about a turn, as received. */
export interface RawTurn {
  /**
   * The answer to `turn/start`, of a review that to `review/start`. Undefined for a turn that was adopted, and in an error's
   * result when the turn was over before the answer came.
   */
  readonly start: TurnStartResponse | undefined;
  /** `turn/started`, when it arrived. */
  readonly started: TurnStartedNotification | undefined;
  /** `turn/completed`; undefined when it never arrived and the turn was {@link TurnResult.recovered}. */
  readonly completed: TurnCompletedNotification | undefined;
  /** The turn as the server described it last. */
  readonly turn: Turn;
}

/**
 * What a turn came to: `completed`, or `interrupted` without an output. A turn that failed rejects with a
 * `TurnFailedError` that holds its result.
 */
export type TurnResult<
  Output = unknown,
  S extends Turn['status'] = 'completed' | 'interrupted',
> = S extends 'completed' ? TurnOutcome<Output, S> : TurnOutcome<undefined, S>;

/** What is known of a turn when it is over. */
export interface TurnOutcome<Output, S extends Turn['status']> {
  /** How it ended, as the server says. */
  readonly status: S;
  /**
   * The answer: the text of the last agent message of phase `final_answer`, or else of the last one without a phase.
   * Undefined when there was neither; commentary is no answer.
   */
  readonly finalMessage: string | undefined;
  /**
   * The final message as the turn's `outputSchema` has it: parsed, and validated when that is a schema of a library. Always
   * undefined without an `outputSchema`, and of a turn that did not complete.
   */
  readonly output: Output;
  /**
   * The completed items, in order. Of a turn that was adopted, what the server has of the beginning is among them. One that was not carried out is among them: a command or a file change that was
   * refused has the status `declined`.
   */
  readonly items: readonly ThreadItem[];
  /** The agent's messages, in the order in which they began. */
  readonly agentMessages: readonly AgentMessage[];
  /** What the turn changed in files, as a unified diff: the last `turn/diff/updated`; undefined when none came. */
  readonly diff: string | undefined;
  /** The steps of the agent's plan: the last `turn/plan/updated`; undefined when none came. */
  readonly plan: readonly TurnPlanStep[] | undefined;
  /** Token usage as reported last; undefined when the server reported none. */
  readonly usage: ThreadTokenUsage | undefined;
  /** The server called the turn over in answer to a question, instead of sending `turn/completed`. */
  readonly recovered: boolean;
  /** The turn was another's: it was adopted, or `turn/start` added its input to a turn that was running already. */
  readonly joined: boolean;
  /** Every message of the turn, when `collectEvents` was set. */
  readonly events: readonly ServerMessage[] | undefined;
  /** What the server sent about the turn, as received. */
  readonly raw: RawTurn;
}

/** What a turn has come to so far, before its output is read. */
export type TurnFacts = TurnOutcome<undefined, Turn['status']>;

/** What a turn came to that did not fail, before its output is read. */
export type EndedTurn = TurnOutcome<undefined, 'completed' | 'interrupted'>;

/** The text of the message that is the answer, if one is. */
export function finalMessageOf(messages: readonly AgentMessage[]): string | undefined {
  const isFinal = messages.findLast(({ phase }) => phase === 'final_answer');
  return (isFinal ?? messages.findLast(({ phase }) => phase === null))?.text;
}

/** What a result has and a run has not. */
export const RESULT_ONLY = [
  'finalMessage',
  'output',
  'items',
  'agentMessages',
  'usage',
  'status',
  'diff',
  'plan',
  'raw',
] as const satisfies readonly (keyof TurnResult)[];
