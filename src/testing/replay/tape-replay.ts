/**
 * Replays a tape in process: a server that says what the recorded one said, when the program says what it said then.
 * This file is the door of the room; what a replay does is in `replay-server.ts`.
 */
import type { AttachableChild, AttachableExit } from '../../app-server/lifetime/attachable-child.js';
import {
  checkKnownKeys,
  checkTextList,
  checkTimeLimit,
  checkWholeNumber,
  isPlainObject,
  rejectArgument,
} from '../../support/argument-checks.js';
import { readTape } from '../tapes/read-tape.js';
import type { Tape } from '../tapes/tape.js';
import { checkFaults } from './fault-checks.js';
import type { FaultPlan } from './faults.js';
import type { ReplayReport } from './replay-report.js';
import { scriptOf } from './replay-script.js';
import { ReplayServer } from './replay-server.js';

/** How long a replay waits for a line: below the 5 seconds after which common test runners give a test up. */
const DEFAULT_STALL_MS = 4_000;

/** How a tape is replayed. */
export interface ReplayOptions {
  /**
   * `'instant'`: a line of the server goes out as soon as it is due, and no timer is used. `'recorded'`: it waits as long
   * after the line before it as it did when it was recorded.
   * @defaultValue `'instant'`
   */
  readonly speed?: 'instant' | 'recorded' | undefined;
  /** What goes wrong. @defaultValue nothing */
  readonly faults?: FaultPlan | undefined;
  /**
   * A whole number from which is drawn which bytes of the output come in one chunk, and how many turns of the event loop
   * pass between chunks: the same number gives the same chunks.
   * @defaultValue none: the lines that go out together are one chunk
   */
  readonly seed?: number | undefined;
  /** Paths that are not compared, such as `params.input.*.text`; `*` is any index or key. @defaultValue none */
  readonly ignore?: readonly string[] | undefined;
  /**
   * How long lines of the server wait for a line of the program before that is a `TapeMismatchError`. Milliseconds;
   * `Infinity` for a program that a person steps through.
   * @defaultValue 4,000
   */
  readonly stallMs?: number | undefined;
}

/**
 * A server that plays a tape: give it to `AsyncClient.attach`. It ends with the conversation, and there is nothing to
 * close.
 */
export interface TapeReplay extends AttachableChild {
  /** Settles when the server is gone, with the exit that was recorded, or that a fault or a signal brought. */
  readonly exit: Promise<AttachableExit>;
  /** Settles with `exit`; tells what was not sent, what was not played, and why. Never rejects. */
  readonly finished: Promise<ReplayReport>;
  /** Ends the server as the signal would; false when it is gone already. */
  kill(signal: 'SIGTERM' | 'SIGKILL'): boolean;
}

/**
 * Replays a recorded conversation, without codex and in this process. A line of the server goes out when every line of
 * the client before it on the tape has come in. A line that comes in stands for the first one of the same method and
 * thread that fits and has not come in; so calls that do not wait for each other may come in another order.
 *
 * The first line that fits none, and a line that does not come within `stallMs`, ends the server with exit code 1: stdout
 * breaks with a `TapeMismatchError` that shows both lines, and so it is the `cause` of the client's `ServerClosedError`.
 *
 * After its last line the server goes by itself when it did so on the tape; else it stays until its stdin ends, and exits
 * with code 0. A tape that begins after the handshake answers `initialize` by itself.
 *
 * ```ts
 * const client = AsyncClient.attach(replayTape('tapes/one-turn.jsonl'));
 * await client.initialize();
 * ```
 *
 * @param tape - the path of a tape, or what `readTape` made of it: that is read once for many replays
 * @throws InvalidArgumentError when the tape cannot be read, misses lines, or an option is bad
 */
export function replayTape(tape: string | Tape, options: ReplayOptions = {}): TapeReplay {
  return startReplay(tape, options);
}

/** {@link replayTape}, with the streams as those of Node.js. @internal */
export function startReplay(tape: string | Tape, options: ReplayOptions = {}): ReplayServer {
  checkKnownKeys('options', options, ['speed', 'faults', 'seed', 'ignore', 'stallMs']);
  const { speed = 'instant', faults = [], seed, ignore = [], stallMs = DEFAULT_STALL_MS } = options;
  if (speed !== 'instant' && speed !== 'recorded')
    rejectArgument('options.speed', speed, "'instant' or 'recorded'");
  checkWholeNumber('options.seed', seed, { min: 0, unit: 'any kind' });
  checkTextList('options.ignore', ignore);
  if (stallMs !== Number.POSITIVE_INFINITY) checkTimeLimit('options.stallMs', stallMs);
  const script = scriptOf(tapeGiven(tape));
  checkFaults(faults, script);
  return new ReplayServer(script, { speed, faults, seed, ignore, stallMs });
}

/** The tape that was meant. @throws InvalidArgumentError when it is none */
export function tapeGiven(tape: string | Tape): Tape {
  if (typeof tape === 'string') return readTape(tape);
  if (isPlainObject(tape) && isPlainObject(tape.header) && Array.isArray(tape.lines)) return tape;
  return rejectArgument('tape', tape, 'the path of a tape, or a tape that was read');
}
