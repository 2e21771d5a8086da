/** What a turn run takes: its params, its options, and their checks. */

import type { TurnStartParams } from '../../protocol/generated.js';
import type { TraceContext } from '../../session/requests/request-options.js';
import {
  checkBoolean,
  checkKnownKeys,
  checkSignal,
  checkText,
  checkWholeNumber,
  isPlainObject,
  rejectArgument,
} from '../../support/argument-checks.js';
import { MAX_TIMEOUT_MS } from '../../support/defaults.js';
import { type TurnInput, userInputOf } from './turn-input.js';

/** The params of `turn/start`, with input that may be a plain text. */
export type TurnRunParams = Omit<TurnStartParams, 'input'> & {
  /** A text, or texts and input items (images by URL or path, mentions, ...) in order. */
  readonly input: TurnInput;
};

/** Options of a turn run. */
export interface TurnRunOptions {
  /** Aborting interrupts the turn; the stream and `result()` fail with `signal.reason`. */
  readonly signal?: AbortSignal | undefined;
  /** The time limit of the `turn/start` request, in milliseconds. @defaultValue the client's `requestTimeoutMs` */
  readonly timeoutMs?: number | undefined;
  /** W3C trace context of the `turn/start` request. */
  readonly trace?: TraceContext | undefined;
  /**
   * How long the turn may take once it was sent, in milliseconds; `0` for no limit. After that it is interrupted, and
   * the stream and `result()` fail with {@link RequestTimeoutError}.
   * @defaultValue 0
   */
  readonly completionTimeoutMs?: number | undefined;
  /**
   * Silence after which the server is asked whether the turn goes on, in milliseconds; `0` never asks. A turn that the
   * server calls over ends the run, marked `recovered`.
   * @defaultValue 30,000
   */
  readonly idleTimeoutMs?: number | undefined;
  /** Leaving the run early lets the turn run on instead of interrupting it. @defaultValue false */
  readonly detach?: boolean | undefined;
  /** Yields the messages of the turn's sub-agents too; each carries its own `threadId`. @defaultValue false */
  readonly includeSubagents?: boolean | undefined;
  /** Keeps every message of the turn for `result().events`. @defaultValue false */
  readonly collectEvents?: boolean | undefined;
}

const OPTION_NAMES = [
  'signal',
  'timeoutMs',
  'trace',
  'completionTimeoutMs',
  'idleTimeoutMs',
  'detach',
  'includeSubagents',
  'collectEvents',
] as const satisfies readonly (keyof TurnRunOptions)[];

/** The params as the protocol has them. @throws {@link InvalidArgumentError} when they cannot start a turn */
export function turnStartParamsOf(params: TurnRunParams): TurnStartParams {
  if (!isPlainObject(params)) rejectArgument('params', params, 'an object with threadId and input');
  if (params.threadId === undefined) rejectArgument('params.threadId', params.threadId, 'a non-empty string');
  checkText('params.threadId', params.threadId);
  return { ...params, input: userInputOf('params.input', params.input) };
}

/** @throws {@link InvalidArgumentError} when an option is unknown or has a value that cannot work */
export function checkTurnRunOptions(options: TurnRunOptions): void {
  checkKnownKeys('options', options, OPTION_NAMES);
  checkSignal('options.signal', options.signal);
  for (const name of ['timeoutMs', 'completionTimeoutMs', 'idleTimeoutMs'] as const) {
    checkWholeNumber(`options.${name}`, options[name], { min: 0, max: MAX_TIMEOUT_MS, unit: 'milliseconds' });
  }
  for (const name of ['detach', 'includeSubagents', 'collectEvents'] as const)
    checkBoolean(`options.${name}`, options[name]);
}
