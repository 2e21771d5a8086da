/** What a turn run takes: its params, its options, and their checks. */

import type { ServerVersion } from '../../protocol/checks/known-names.js';
import { checkParamsKeys } from '../../protocol/checks/params-check.js';
import type { JsonValue, TurnStartParams } from '../../protocol/generated.js';
import { type OutputForm, outputFormOf } from '../../schemas/output-form.js';
import type { OutputSchema } from '../../schemas/output-schema.js';
import { checkStandingAnswers } from '../../session/answers/standing-answer-checks.js';
import type { StandingAnswers } from '../../session/answers/standing-answers.js';
import type { TraceContext } from '../../session/requests/request-options.js';
import { HELD_OPTION_NAMES, type HeldOptions } from '../../session/streams/held-options.js';
import {
  checkBoolean,
  checkKnownKeys,
  checkRequiredText,
  checkSignal,
  checkTimeLimit,
  isPlainObject,
  rejectArgument,
} from '../../support/argument-checks.js';
import { InvalidArgumentError } from '../../support/errors.js';
import { type Budget, checkBudget } from './budget.js';
import { userInputOf, type WithTurnInput } from './turn-input.js';

/**
 * The params of `turn/start`, with input that may be a plain text, and a schema of any kind for the output. With a `Schema` of
 * its own it is the params that have one: without it an output would not have its type.
 */
export type TurnRunParams<Schema extends OutputSchema = OutputSchema> = Omit<
  WithTurnInput<TurnStartParams>,
  'outputSchema'
> &
  (OutputSchema extends Schema
    ? Partial<WithOutputSchema<Schema | null | undefined>>
    : WithOutputSchema<Schema>);

interface WithOutputSchema<Schema> {
  /**
   * What the final message is to look like: a JSON Schema, or a schema of zod, ArkType or Valibot, which gives the
   * result's `output` its type and checks it. Sent in the form that strict mode takes: a key that may be left out is asked
   * for and may be `null`, which the output does not have again. What strict mode cannot say is refused.
   * @defaultValue none: the agent answers in its own words
   */
  readonly outputSchema: Schema;
}

/** A turn as it is sent, and the form that its output is to have. */
export interface PreparedTurn<Output> {
  readonly params: TurnStartParams;
  /** Undefined without an `outputSchema`. */
  readonly form: OutputForm<Output> | undefined;
}

/** Options of a turn run. */
export interface TurnRunOptions extends HeldOptions {
  /** Aborting interrupts the turn; the stream and `result()` fail with `signal.reason`. */
  readonly signal?: AbortSignal | undefined;
  /**
   * How long the whole run may take, in milliseconds from the call, waiting for earlier turns included; `0` for no
   * limit. After that the turn is interrupted, and the stream and `result()` fail with `RequestTimeoutError`.
   * @defaultValue 0
   */
  readonly timeoutMs?: number | undefined;
  /** The time limit of the `turn/start` (or `thread/queue/add`) request, in milliseconds. @defaultValue the client's `requestTimeoutMs` */
  readonly startTimeoutMs?: number | undefined;
  /**
   * What the run may spend, its sub-agents included, from the call on; looked at whenever the server tells what was spent,
   * whoever reads. At the first usage past it the turn and its sub-agents' are interrupted, so it can be overshot by the model
   * calls that are under way then; when the turn is over the stream and `result()` fail with `BudgetExceededError`. A turn that
   * was only joined goes on. What sub-agents spend after their turn's end is not counted.
   * @defaultValue none: it may spend what it likes
   */
  readonly budget?: Budget | undefined;
  /** W3C trace context of the request that starts it. */
  readonly trace?: TraceContext | undefined;
  /**
   * What to do while a turn that is not a run's is running on the thread: another client's, a goal's, one that was
   * started with `turnStart`. `'wait'` waits for its end, as far as the server tells of it, and rejects with
   * `ThreadBusyError` while a goal is active; `'steer'` adds the input to that turn, and the result says `joined`.
   *
   * `'queue'` leaves the turn to the server's own queue (`thread/queue/add`), also on a thread without a turn: it waits for no
   * run of this client but until those before it have begun (a goal's run: until that is over), runs between the turns of a goal
   * that is another's, and is kept on disk while it waits; the server takes 100 of a thread. Until it begins it can be taken back: `interrupt()`, leaving without `detach`, `signal`, `timeoutMs` and a shutdown
   * with `drainMs` take it out of the queue, and `result()` rejects with an `AbortError`, or what ended it. It is known again by
   * `clientUserMessageId`, made when there is none. Needs `experimentalApi: true`; besides input, that id and
   * `responsesapiClientMetadata` no params are carried. After a turn that was interrupted the server's queue stands still: it is
   * started when this turn is the first in it, or after `idleTimeoutMs` of silence.
   * @defaultValue `'wait'`
   */
  readonly whenBusy?: 'wait' | 'steer' | 'queue' | undefined;
  /**
   * Silence after which the server is asked whether the turn goes on, in milliseconds; `0` never asks. A turn that the
   * server calls over ends the run, marked `recovered`.
   * @defaultValue 30,000
   */
  readonly idleTimeoutMs?: number | undefined;
  /**
   * Leaving the run early lets the turn run on instead of interrupting it. A turn that was only joined always runs on.
   * @defaultValue false
   */
  readonly detach?: boolean | undefined;
  /**
   * Answers that are given beforehand to what the turn and its sub-agents ask; they win over those of the thread and of the
   * client. None is given to a turn that was only joined.
   * @defaultValue none
   */
  readonly standingAnswers?: StandingAnswers | undefined;
  /** Yields the messages of the turn's sub-agents too; each carries its own `threadId`. @defaultValue false */
  readonly includeSubagents?: boolean | undefined;
  /** Keeps every message of the turn for `result().events`. @defaultValue false */
  readonly collectEvents?: boolean | undefined;
}

const WHEN_BUSY: readonly unknown[] = ['wait', 'steer', 'queue'] satisfies TurnRunOptions['whenBusy'][];

const OPTION_NAMES = [
  'signal',
  'timeoutMs',
  'startTimeoutMs',
  'budget',
  'trace',
  'whenBusy',
  'idleTimeoutMs',
  'detach',
  'standingAnswers',
  'includeSubagents',
  'collectEvents',
  ...HELD_OPTION_NAMES,
] as const satisfies readonly (keyof TurnRunOptions)[];

/**
 * The params as the protocol has them, and what is to become of the answer.
 * @param server - its version, by which the names are checked
 * @param argument - what the params are called where the caller wrote them
 * @throws InvalidArgumentError when they cannot start a turn
 */
export function preparedTurn<Output>(
  params: TurnRunParams,
  server?: ServerVersion,
  argument = 'params',
): PreparedTurn<Output> {
  if (!isPlainObject(params)) rejectArgument(argument, params, 'an object with threadId and input');
  // First, so that one who wrote `thread` is told of `threadId`.
  checkParamsKeys('turn/start', params, server, { argument });
  const { threadId } = params;
  checkRequiredText(`${argument}.threadId`, threadId);
  const { outputSchema = null, ...rest } = params;
  const sent = { ...rest, input: userInputOf(`${argument}.input`, params.input) };
  if (outputSchema === null) return { params: sent, form: undefined };
  const form = outputFormOf<Output>(`${argument}.outputSchema`, outputSchema);
  // A strict form is JSON.
  return { params: { ...sent, outputSchema: form.sent as JsonValue }, form };
}

/**
 * @param more - names of options that it may have besides, and that are checked elsewhere
 * @throws InvalidArgumentError when an option is unknown or has a value that cannot work
 */
export function checkTurnRunOptions(
  options: TurnRunOptions,
  server?: ServerVersion,
  more: readonly string[] = [],
): void {
  if (isPlainObject(options) && 'completionTimeoutMs' in options) throw renamed();
  checkKnownKeys('options', options, [...more, ...OPTION_NAMES]);
  checkSignal('options.signal', options.signal);
  for (const name of ['timeoutMs', 'startTimeoutMs', 'idleTimeoutMs'] as const)
    checkTimeLimit(`options.${name}`, options[name]);
  checkBudget('options.budget', options.budget);
  const { whenBusy } = options;
  if (whenBusy !== undefined && !WHEN_BUSY.includes(whenBusy))
    rejectArgument('options.whenBusy', whenBusy, '"wait", "steer" or "queue"');
  for (const name of ['detach', 'includeSubagents', 'collectEvents'] as const)
    checkBoolean(`options.${name}`, options[name]);
  if (options.standingAnswers !== undefined)
    checkStandingAnswers('options.standingAnswers', options.standingAnswers, server);
}

function renamed(): InvalidArgumentError {
  const message =
    'options.completionTimeoutMs: it is called timeoutMs now, and limits the whole run; startTimeoutMs limits the turn/start request';
  return new InvalidArgumentError('options.completionTimeoutMs', message);
}
