/** A reader of something that is pulled: it reads when it is let, notes what it gets, and leaves, or reads to the end. */
import { BackpressureError, type PulledStream } from 'codex-async-client';

/** What is read. */
export type ReaderKind = 'main' | 'filter' | 'run' | 'text' | 'snapshots' | 'tap' | 'wire' | 'tools';

/** How a reader reads. */
export interface Pace {
  /** Microtasks between two reads. */
  readonly microtasks: number;
  /** Leaves after so many values; undefined: reads to the end. */
  readonly leaveAfter: number | undefined;
}

/** How it ended for a reader. */
export type ReaderEnd = { readonly is: 'end' | 'left' } | { readonly is: 'error'; readonly error: unknown };

/** So many reads in a row that fail for want of room are one that fails for ever. */
const MOST_REFUSALS = 60;

/** A reader. */
export class Reading<T> {
  readonly name: string;
  readonly kind: ReaderKind;
  readonly values: T[] = [];
  /** How much it was told that it missed. */
  missed = 0;
  /** How often it was told, and where: after so many values. */
  readonly cutsAfter: number[] = [];
  end: ReaderEnd | undefined;
  isLeaving = false;
  /** It was left when its client was closed. */
  hasLeftAfterEnd = false;
  readonly #stream: PulledStream<T>;
  readonly #pace: Pace;
  readonly #got: (value: T) => Promise<void> | undefined;
  readonly #onLeave: (() => void) | undefined;
  #credit = 0;
  #refusals = 0;
  #isWaiting = false;
  #let: (() => void) | undefined;

  /**
   * @param got - what the loop does with a value before it reads on
   * @param onLeave - called right before it leaves by itself
   */
  constructor(
    kind: ReaderKind,
    name: string,
    stream: PulledStream<T>,
    pace: Pace,
    got: (value: T) => Promise<void> | undefined,
    onLeave?: () => void,
  ) {
    this.kind = kind;
    this.name = name;
    this.#stream = stream;
    this.#pace = pace;
    this.#got = got;
    this.#onLeave = onLeave;
  }

  /** A read of it waits. */
  get isWaiting(): boolean {
    return this.#isWaiting;
  }

  /** May read so many more. */
  grant(reads: number): void {
    this.#credit += reads;
    this.#let?.();
    this.#let = undefined;
  }

  /** Leaves it, whether a read waits or not. */
  leave(): Promise<unknown> {
    this.isLeaving = true;
    this.grant(1);
    return this.#stream.return();
  }

  /** A read beside the one that may be waiting. */
  readBeside(): Promise<unknown> {
    return this.#stream.next();
  }

  /** Reads until it ends, in one way or the other; never rejects. */
  async run(): Promise<void> {
    while (this.end === undefined) {
      for (let waited = 0; waited < this.#pace.microtasks; waited += 1) await undefined;
      while (this.#credit <= 0)
        await new Promise<void>((resolve) => {
          this.#let = resolve;
        });
      this.#credit -= 1;
      await this.#readOne();
    }
  }

  async #readOne(): Promise<void> {
    try {
      const read = this.#stream.next();
      this.#isWaiting = true;
      const { done, value } = await read;
      this.#isWaiting = false;
      this.#refusals = 0;
      if (done === true) this.end = { is: this.isLeaving ? 'left' : 'end' };
      else await this.#take(value);
    } catch (error) {
      this.#isWaiting = false;
      if (!(error instanceof BackpressureError) || this.#refusals > MOST_REFUSALS) {
        this.end = { is: 'error', error };
        return;
      }
      this.missed += error.missed;
      this.#refusals += 1;
      this.cutsAfter.push(this.values.length);
      // Others have to read first.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async #take(value: T): Promise<void> {
    this.values.push(value);
    await this.#got(value);
    if (this.values.length !== this.#pace.leaveAfter) return;
    this.isLeaving = true;
    this.#onLeave?.();
    await this.#stream.return();
    this.end = { is: 'left' };
  }
}
