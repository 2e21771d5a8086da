/** Streams with bounds in a few lines: who holds what, who is cut, and what each reader gets. Knows nothing of the sources. */
import fc from 'fast-check';

/** A stream of the model, by its thread; `main` has what the others do not want. */
export type Name = 'main' | 'a' | 'b';

export interface Sent {
  readonly to: Name;
  readonly isRequest: boolean;
  readonly bytes: number;
}

/** One thing that happens. */
export type Happening =
  | { readonly do: 'chunk'; readonly sent: readonly Sent[] }
  | { readonly do: 'read'; readonly from: Name }
  | { readonly do: 'wait' | 'leave' };

export interface Bounds {
  readonly maxBytes: number;
  readonly highWaterMark: number;
  readonly of: Readonly<Record<Name, number>>;
}

export const NAMES: readonly Name[] = ['main', 'a', 'b'];

const name = fc.constantFrom<Name>('main', 'a', 'a', 'b');
const bound = fc.constantFrom(10, 60, 150, Number.POSITIVE_INFINITY);

export const anyBounds: fc.Arbitrary<Bounds> = fc.record({
  maxBytes: fc.constantFrom(100, 200, 100_000),
  highWaterMark: fc.constantFrom(3, 1_000),
  of: fc.record({ main: bound, a: bound, b: bound }),
});

const sent = fc.record({
  to: name,
  isRequest: fc.constantFrom(false, false, false, false, true),
  bytes: fc.integer({ min: 1, max: 40 }),
});

export const anyHappenings: fc.Arbitrary<readonly Happening[]> = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ do: fc.constant('chunk' as const), sent: fc.array(sent, { maxLength: 6 }) }),
    },
    { weight: 5, arbitrary: fc.record({ do: fc.constant('read' as const), from: name }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constantFrom<'wait' | 'leave'>('wait', 'leave') }) },
  ),
  { maxLength: 40, size: 'max' },
);

interface Held extends Sent {
  readonly n: number;
}

/** What a reader gets: a message's number, or how many it missed. */
export type Got = number | { readonly missed: number };

interface ModelStream {
  held: Held[];
  missed: number | undefined;
  readonly bound: number;
}

/** All of it. */
export class BoundsModel {
  readonly streams: Readonly<Record<Name, ModelStream>>;
  readonly #bounds: Bounds;
  isWaitedFor = false;
  missedTotal = 0;
  failures = 0;
  #sent = 0;
  /** Server requests that were unread behind a cut. */
  readonly #handedOn: Held[] = [];

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
    const { main, a, b } = bounds.of;
    const stream = (of: number): ModelStream => ({ held: [], missed: undefined, bound: of });
    this.streams = { main: stream(main), a: stream(a), b: stream(b) };
  }

  get heldBytes(): number {
    return NAMES.reduce((sum, of) => sum + bytesOf(this.streams[of].held), 0);
  }

  /** The pipe is read on after a chunk. */
  get isRead(): boolean {
    const { maxBytes, highWaterMark } = this.#bounds;
    const streams = NAMES.map((of) => this.streams[of]);
    const messages = streams.reduce((sum, { held }) => sum + held.length, 0);
    const hasRoom =
      messages < highWaterMark && streams.every(({ held, bound: most }) => bytesOf(held) < most);
    return this.heldBytes < maxBytes && (this.isWaitedFor || hasRoom);
  }

  chunk(messages: readonly Sent[]): void {
    for (const message of messages) {
      this.#arrive({ ...message, n: this.#sent });
      this.#sent += 1;
    }
    this.relieve();
  }

  read(from: Name): Got | undefined {
    const stream = this.streams[from];
    const held = stream.held.shift();
    if (held !== undefined) return held.n;
    if (stream.missed === undefined) return undefined;
    const { missed } = stream;
    stream.missed = undefined;
    return { missed };
  }

  /** Makes room where all is full and somebody waits, or fails those who wait. */
  relieve(): void {
    const excess = this.heldBytes - this.#bounds.maxBytes;
    if (excess < 0 || !this.isWaitedFor) return;
    const able = NAMES.map((of) => this.streams[of]).filter(
      ({ bound: most, held }) =>
        most !== Number.POSITIVE_INFINITY && held.some(({ isRequest }) => !isRequest),
    );
    const droppable = able.flatMap(({ held }) => held.filter(({ isRequest }) => !isRequest));
    if (bytesOf(droppable) <= excess) {
      this.failures += 1;
      this.isWaitedFor = false;
      return;
    }
    able.sort((one, other) => bytesOf(other.held) - bytesOf(one.held));
    for (const stream of able) this.#cut(stream);
    for (const request of this.#handedOn.splice(0)) {
      const stream = this.#askOf(request);
      stream.held = [...stream.held, request].sort((one, other) => one.n - other.n);
    }
  }

  #arrive(message: Held): void {
    const stream = this.streams[message.to];
    const isCut = stream.missed !== undefined;
    const isOver = stream.held.length > 0 && bytesOf(stream.held) + message.bytes > stream.bound;
    if (message.isRequest) this.#askOf(message).held.push(message);
    else if (isCut || (isOver && this.isWaitedFor)) this.#miss(stream);
    else stream.held.push(message);
  }

  #cut(stream: ModelStream): void {
    const requests = this.#handedOn;
    while (this.heldBytes + bytesOf(requests) - this.#bounds.maxBytes >= 0) {
      const last = stream.held.findLastIndex(({ isRequest }) => !isRequest);
      if (last === -1) break;
      requests.push(...stream.held.splice(last).slice(1));
      this.#miss(stream);
    }
  }

  /** Who is asked now is not cut. */
  #askOf({ to }: Held): ModelStream {
    return this.streams[to].missed === undefined ? this.streams[to] : this.streams.main;
  }

  #miss(stream: ModelStream): void {
    stream.missed = (stream.missed ?? 0) + 1;
    this.missedTotal += 1;
  }
}

function bytesOf(held: readonly Sent[]): number {
  return held.reduce((sum, { bytes }) => sum + bytes, 0);
}
