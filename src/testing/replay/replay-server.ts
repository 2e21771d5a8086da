/**
 * A server that plays a tape: what comes in moves the replay on, and what is due then goes out, with the faults of the
 * plan. It is gone when the tape or a fault says so, when its stdin ends, when it is killed, and at the first line that
 * is not on the tape. Whatever ends it, its exit is told and its report settles.
 */
import type { AttachableExit } from '../../app-server/lifetime/attachable-child.js';
import { isPlainObject } from '../../support/argument-checks.js';
import { deferred } from '../../support/deferred.js';
import { LineFit } from '../fit/line-fit.js';
import { missingLine, strayLine } from '../fit/mismatches.js';
import type { TapeMismatchError } from '../fit/tape-mismatch-error.js';
import type { TapeMessage } from '../tapes/tape.js';
import { FaultTable, type LaterFault } from './fault-table.js';
import type { FaultPlan } from './faults.js';
import { answerHandshake } from './handshake-stand-in.js';
import { ReplayLog } from './replay-log.js';
import { ReplayPauses } from './replay-pauses.js';
import { type ChunkSource, type LineReader, ReplayInput, ReplayOutput } from './replay-pipes.js';
import { ReplayProgress, type Stray } from './replay-progress.js';
import { type ReplayReport, summaryOf } from './replay-report.js';
import { isAnswer, type ReplayScript, type ScriptLine } from './replay-script.js';
import { ReplaySpeech, type Speaker } from './replay-speech.js';
import { StallWatch } from './stall-watch.js';

/** How a tape is played; everything was checked. */
export interface ReplaySettings {
  readonly speed: 'instant' | 'recorded';
  readonly faults: FaultPlan;
  readonly seed: number | undefined;
  readonly ignore: readonly string[];
  readonly stallMs: number;
}

/** The number of the tape's first line. */
const HEADER_LINE = 1;
/** What the server answers a request that it has no room for. */
const OVERLOADED = { code: -32001, message: 'Server overloaded; retry later.' };

export class ReplayServer implements LineReader, ChunkSource, Speaker {
  readonly stdin: ReplayInput;
  readonly stdout: ReplayOutput;
  readonly stderr: ReplayOutput;
  readonly #script: ReplayScript;
  readonly #settings: ReplaySettings;
  readonly #progress: ReplayProgress;
  readonly #faults: FaultTable;
  readonly #speech: ReplaySpeech;
  readonly #log = new ReplayLog();
  readonly #stall: StallWatch;
  readonly #lastPause: ReplayPauses;
  readonly #exit = deferred<AttachableExit>();
  readonly #finished = deferred<ReplayReport>();
  #isGone = false;
  /** It reads its stdin. */
  #reads = true;
  /** It has a stdout. */
  #speaks = true;
  #wakes = false;

  constructor(script: ReplayScript, settings: ReplaySettings) {
    this.#script = script;
    this.#settings = settings;
    this.#progress = new ReplayProgress(script, new LineFit(settings.ignore));
    this.#faults = new FaultTable(settings.faults);
    this.#speech = new ReplaySpeech({
      progress: this.#progress,
      faults: this.#faults,
      manner: {
        seed: settings.seed,
        gapMs: ({ line, index }) => this.#gapMs(line, script.lines[index - 1]),
      },
      speaker: this,
    });
    this.#stall = new StallWatch({
      stallMs: settings.stallMs,
      isWaiting: () => this.#reads && this.#speaks && this.#progress.waitsFor !== undefined,
      stalled: () => this.#stalled(),
    });
    this.#lastPause = new ReplayPauses(() =>
      this.#leave(script.tape.end ?? { exitCode: null, signal: null }),
    );
    this.stdin = new ReplayInput(this);
    this.stdout = new ReplayOutput(this);
    this.stderr = new ReplayOutput(this.#log);
    this.#after(HEADER_LINE);
  }

  /** Settles when the server is gone. */
  get exit(): Promise<AttachableExit> {
    return this.#exit.promise;
  }

  /** Settles with the exit; never rejects. */
  get finished(): Promise<ReplayReport> {
    return this.#finished.promise;
  }

  /** Ends the server as the signal would; false when it is gone already. */
  kill(signal: 'SIGTERM' | 'SIGKILL'): boolean {
    if (this.#isGone) return false;
    this.#leave({ exitCode: null, signal });
    return true;
  }

  nextChunk(): Uint8Array | undefined {
    const chunk = this.#speech.nextChunk();
    this.#stall.touch();
    return chunk;
  }

  get reads(): boolean {
    return this.#reads;
  }

  readLine(text: string): void {
    const message = messageOf(text);
    const { tape, hasHandshake } = this.#script;
    const handshake = hasHandshake ? undefined : answerHandshake(message, tape.header);
    if (handshake === undefined) this.#hear(message);
    else if (handshake.answer !== undefined) this.#speech.interject(handshake.answer);
    this.#stall.touch();
    this.#wakeSoon();
  }

  inputEnded(): void {
    this.#speech.finishSentence();
    this.#log.write(summaryOf(this.#script.tape.path, this.#progress.unsent));
    this.#leave({ exitCode: 0, signal: null });
  }

  passed({ line }: ScriptLine): void {
    this.#after(line.line);
  }

  wake(): void {
    this.stdout.wake();
  }

  /** The lines that came in together are heard before one of them is answered. */
  #wakeSoon(): void {
    if (this.#wakes) return;
    this.#wakes = true;
    queueMicrotask(() => {
      this.#wakes = false;
      this.wake();
    });
  }

  #hear(message: TapeMessage): void {
    const found = this.#progress.find(message);
    if (found.line === undefined) this.#hearStray(message, found);
    else if (this.#faults.turnsAway(found.line)) this.#turnAway(message['id']);
    else this.#comeIn(found.line, message);
  }

  #turnAway(id: unknown): void {
    this.#progress.turnAway();
    this.#speech.interject({ id, error: OVERLOADED });
  }

  #comeIn(line: ScriptLine, message: TapeMessage): void {
    // What was due before this line came was written before the server could go.
    if (this.#faults.endsAfter(line)) this.#speech.finishSentence();
    this.#progress.comeIn(line, message);
    this.passed(line);
  }

  #hearStray(message: TapeMessage, { nearest, differences }: Stray): void {
    const asked = isAnswer(message) ? this.#progress.askedWith(message['id']) : undefined;
    // Who is asked twice by a fault may answer twice.
    if (asked !== undefined && this.#faults.timesOf(asked) > 1) return;
    this.#fail(strayLine(this.#script.tape, message, nearest?.line, differences));
  }

  #stalled(): void {
    const { waitsFor } = this.#progress;
    if (waitsFor !== undefined)
      this.#fail(missingLine(this.#script.tape, waitsFor.line, this.#settings.stallMs));
  }

  #after(line: number): void {
    for (const fault of this.#faults.after(line)) this.#befall(fault);
    const { end } = this.#script.tape;
    if (!this.#speaks || !this.#progress.isOver || end?.by !== 'server') return;
    const gapMs = this.#gapMs(end, this.#script.lines.at(-1));
    if (gapMs > 0) this.#lastPause.time(gapMs);
    else this.#leave(end);
  }

  #befall(fault: LaterFault): void {
    if (fault.fault === 'crash') this.#leave(exitOf(fault));
    else if (fault.fault === 'endStdout') this.#endOutput();
    else if (fault.fault === 'stopReading') this.#reads = false;
    else this.#flood(fault.bytes);
  }

  #endOutput(): void {
    this.#speaks = false;
    this.#speech.end();
    this.stdout.endAfterLast();
  }

  #flood(bytes: number): void {
    this.#log.flood(bytes);
    this.stderr.wake();
  }

  /** The program and the tape part here: the rest of the tape is worth nothing. */
  #fail(mismatch: TapeMismatchError): void {
    this.#speech.finishSentence();
    if (this.#isGone) return;
    this.#log.write(`${mismatch.message}\n`);
    this.#leave({ exitCode: 1, signal: null }, mismatch);
  }

  #leave({ exitCode, signal }: AttachableExit, mismatch?: TapeMismatchError): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#reads = false;
    this.#speech.end();
    this.#stall.end();
    this.#lastPause.end();
    this.stdout.endAfterLast(mismatch);
    this.stderr.endAfterLast();
    this.#exit.resolve({ exitCode, signal });
    this.#finished.resolve(this.#report({ exitCode, signal }, mismatch));
    this.stdin.close(mismatch);
  }

  #report(exit: AttachableExit, mismatch: TapeMismatchError | undefined): ReplayReport {
    const { unsent, unplayed, cameIn } = this.#progress;
    const lines = this.#script.lines.length;
    const sent = lines - cameIn - unsent.length - unplayed.length;
    return { ...exit, mismatch, unsent, unplayed, received: cameIn, sent, fired: this.#faults.fired };
  }

  #gapMs({ atMs }: { readonly atMs: number }, before: ScriptLine | undefined): number {
    return this.#settings.speed === 'instant' ? 0 : Math.max(0, atMs - (before?.line.atMs ?? 0));
  }
}

function exitOf({ exitCode = null, signal }: Extract<LaterFault, { fault: 'crash' }>): AttachableExit {
  return { exitCode, signal: signal ?? (exitCode === null ? 'SIGKILL' : null) };
}

function messageOf(text: string): TapeMessage {
  try {
    const message: unknown = JSON.parse(text);
    if (isPlainObject(message)) return message;
  } catch {
    // It is no message, and fits nothing.
  }
  return { text };
}
