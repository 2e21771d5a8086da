/**
 * What a server that is played says, and when: the lines that are due, as chunks, with their waits. It is asked for a
 * chunk when there is room for one. Owns the chunks that were taken from the tape and not from here; knows nothing of
 * what comes in, and not when the server is gone.
 */
import { Buffer } from 'node:buffer';
import type { TapeMessage } from '../tapes/tape.js';
import { type Chunk, ChunkCutter } from './chunk-cutter.js';
import type { FaultTable } from './fault-table.js';
import { ReplayPauses } from './replay-pauses.js';
import type { ChunkSource } from './replay-pipes.js';
import type { ReplayProgress } from './replay-progress.js';
import type { ScriptLine } from './replay-script.js';

/** Lines that are due together are one chunk up to this many bytes, as much as a pipe holds. */
const RUN_MAX_BYTES = 64 * 1024;
const NEWLINE = 0x0a;

/** Who speaks. */
export interface Speaker {
  /** A line of the server is handed out, or dropped. */
  passed(line: ScriptLine): void;
  /** There may be a chunk now. */
  wake(): void;
}

/** How it speaks. */
interface Manner {
  /** How long a line waits after the one before it on the tape. Milliseconds. */
  gapMs(line: ScriptLine): number;
  readonly seed: number | undefined;
}

/** The parts of a replay that a speech needs. */
export interface SpeechParts {
  readonly progress: ReplayProgress;
  readonly faults: FaultTable;
  readonly manner: Manner;
  readonly speaker: Speaker;
}

/** The output of one server. */
export class ReplaySpeech implements ChunkSource {
  readonly #parts: SpeechParts;
  readonly #cutter: ChunkCutter;
  readonly #pauses: ReplayPauses;
  /** What was taken from the tape, and goes out from `#first` on. */
  #chunks: Chunk[] = [];
  #first = 0;
  /** What was waited for, and goes out now. */
  #waitedFor: ScriptLine | Chunk | undefined;
  /** Nothing is waited for any more. */
  #hurries = false;
  /** Nothing more is taken from the tape. */
  #isEnded = false;

  constructor(parts: SpeechParts) {
    this.#parts = parts;
    this.#cutter = new ChunkCutter({ seed: parts.manner.seed, splitBytes: parts.faults.splitBytes() });
    this.#pauses = new ReplayPauses(() => parts.speaker.wake());
  }

  nextChunk(): Uint8Array | undefined {
    if (this.#pauses.isWaiting) return undefined;
    if (this.#first === this.#chunks.length) this.#takeNextRun();
    const chunk = this.#chunks[this.#first];
    if (chunk === undefined || !this.#mayGo(chunk)) return undefined;
    this.#first += 1;
    return chunk.bytes;
  }

  /** Says something that is not on the tape, before all lines of which nothing has gone out. */
  interject(message: TapeMessage): void {
    let place = this.#first;
    while (!this.#isLineStart(place)) place += 1;
    this.#chunks.splice(place, 0, { bytes: lineOf(message), turns: 0 });
  }

  /** Takes all that is due and waits for no time, as a server does that has written it; it goes out when there is room. */
  finishSentence(): void {
    this.#hurries = true;
    this.#waitedFor = undefined;
    for (let taken = -1; taken < this.#chunks.length; ) {
      taken = this.#chunks.length;
      this.#takeRun();
    }
  }

  /** Nothing more is said than what was taken from the tape already, and that at once. */
  end(): void {
    this.#hurries = true;
    this.#isEnded = true;
    this.#pauses.end();
  }

  /** Whether a line begins with the chunk at this place; chunks may be pieces of lines. */
  #isLineStart(place: number): boolean {
    const before = this.#chunks[place - 1];
    return before === undefined || before.bytes.at(-1) === NEWLINE;
  }

  #takeNextRun(): void {
    this.#chunks = [];
    this.#first = 0;
    this.#takeRun();
  }

  /** Takes the lines that go out together. */
  #takeRun(): void {
    let open: Buffer[] = [];
    for (let bytes = 0, goesOn = true; goesOn && bytes < RUN_MAX_BYTES; ) {
      const line = this.#ripeLine(bytes > 0);
      if (line === undefined) break;
      const said = this.#say(line);
      bytes += said.length;
      const cut = this.#cutter.cut(said);
      goesOn = cut.goesOn;
      for (const [index, piece] of cut.pieces.entries()) {
        if (index > 0) open = this.#close(open);
        open.push(piece);
      }
    }
    this.#close(open);
  }

  /** What is open goes out in one chunk, or in the pieces that a fault asks for. */
  #close(open: readonly Buffer[]): Buffer[] {
    for (const chunk of this.#cutter.chunksOf(Buffer.concat(open))) this.#chunks.push(chunk);
    return [];
  }

  /** The line that is said now. One that has to wait lets those of the run go out first. */
  #ripeLine(isRunning: boolean): ScriptLine | undefined {
    const { progress, faults } = this.#parts;
    while (!this.#isEnded && progress.due !== undefined) {
      const line = progress.due;
      const waitMs = this.#waitMs(line);
      if (waitMs > 0 && (isRunning || this.#hurries)) return undefined;
      if (waitMs > 0) {
        this.#waitedFor = line;
        this.#pauses.time(waitMs);
        return undefined;
      }
      if (!faults.drops(line)) return line;
      this.#pass(line, 'dropped');
    }
    return undefined;
  }

  #waitMs(line: ScriptLine): number {
    const { faults, manner } = this.#parts;
    return this.#waitedFor === line ? 0 : faults.delayMs(line) + manner.gapMs(line);
  }

  /** Whether a chunk goes out now; if not, its wait begins. */
  #mayGo(chunk: Chunk): boolean {
    if (chunk.turns === 0 || this.#hurries || this.#waitedFor === chunk) return true;
    this.#waitedFor = chunk;
    this.#pauses.turns(chunk.turns);
    return false;
  }

  #say(line: ScriptLine): Buffer {
    const { progress, faults } = this.#parts;
    const once = lineOf(progress.wordsOf(line));
    const times = faults.timesOf(line);
    const said = times === 1 ? once : Buffer.concat(Array.from({ length: times }, () => once));
    this.#pass(line, 'handed out');
    return said;
  }

  #pass(line: ScriptLine, how: 'handed out' | 'dropped'): void {
    this.#parts.progress.pass(how);
    this.#parts.speaker.passed(line);
  }
}

function lineOf(message: TapeMessage): Buffer {
  return Buffer.from(`${JSON.stringify(message)}\n`);
}
