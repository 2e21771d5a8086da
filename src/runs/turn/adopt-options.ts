/** What adopting a turn takes: which turn, its options, and their checks. */

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
import type { TurnRunOptions } from './turn-options.js';

/** Which turn it is. */
export interface TurnReference {
  /** The thread that the turn runs on. */
  readonly threadId: string;
  /** The turn; of a review the id in the answer to `review/start`, which its items have. */
  readonly turnId: string;
}

/** Options of a turn that is adopted. */
export interface AdoptOptions
  extends HeldOptions,
    Pick<TurnRunOptions, 'idleTimeoutMs' | 'includeSubagents'> {
  /** Aborting ends the run: the stream and `result()` fail with `signal.reason`. The turn goes on. */
  readonly signal?: AbortSignal | undefined;
  /**
   * How long the run may take, in milliseconds from the call; `0` for no limit. After that the stream and `result()` fail
   * with `RequestTimeoutError`. The turn goes on.
   * @defaultValue 0
   */
  readonly timeoutMs?: number | undefined;
  /** Keeps every message of the turn that comes from the call on for `result().events`. @defaultValue false */
  readonly collectEvents?: boolean | undefined;
}

const OPTION_NAMES = [
  'signal',
  'timeoutMs',
  'idleTimeoutMs',
  'includeSubagents',
  'collectEvents',
  ...HELD_OPTION_NAMES,
] as const satisfies readonly (keyof AdoptOptions)[];

/** Options of a turn that is started, and why one that is adopted has none. */
const SENSELESS: Readonly<Record<Exclude<keyof TurnRunOptions, keyof AdoptOptions>, string>> = {
  detach: 'leaving never interrupts it',
  budget: 'what it may spend is for its starter to say',
  startTimeoutMs: 'it is not started; timeoutMs limits the run',
  trace: 'nothing is sent to start it',
  whenBusy: 'it is not waited for',
  standingAnswers: 'what it asks is for its starter to answer',
};

/** @throws InvalidArgumentError when it names no turn */
export function checkTurnReference(turn: TurnReference): void {
  if (!isPlainObject(turn)) rejectArgument('turn', turn, 'an object with threadId and turnId');
  checkKnownKeys('turn', turn, ['threadId', 'turnId']);
  for (const name of ['threadId', 'turnId'] as const) checkRequiredText(`turn.${name}`, turn[name]);
}

/** @throws InvalidArgumentError when an option is unknown, makes no sense here, or has a value that cannot work */
export function checkAdoptOptions(options: AdoptOptions): void {
  if (isPlainObject(options)) for (const name of Object.keys(options)) refuseSenseless(name);
  checkKnownKeys('options', options, OPTION_NAMES);
  checkSignal('options.signal', options.signal);
  for (const name of ['timeoutMs', 'idleTimeoutMs'] as const)
    checkTimeLimit(`options.${name}`, options[name]);
  for (const name of ['includeSubagents', 'collectEvents'] as const)
    checkBoolean(`options.${name}`, options[name]);
}

function refuseSenseless(name: string): void {
  if (!Object.hasOwn(SENSELESS, name)) return;
  const why = SENSELESS[name as keyof typeof SENSELESS];
  const message = `options.${name}: a turn that is adopted takes no such option: ${why}`;
  throw new InvalidArgumentError(`options.${name}`, message);
}
