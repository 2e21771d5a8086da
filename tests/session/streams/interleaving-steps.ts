/** What can happen in an interleaving, as data for fast-check. */
import type { EventFilter } from 'codex-async-client';
import fc from 'fast-check';

/** What a chunk of the server can hold. */
export type WireItem =
  | { readonly kind: 'delta' | 'ask'; readonly threadId: string; readonly turnId: string }
  | { readonly kind: 'noise' }
  | { readonly kind: 'answer' };

/** One thing that happens. */
export type Step =
  | {
      readonly do: 'send';
      readonly items: readonly WireItem[];
      readonly cuts: readonly number[];
      readonly jitter: number;
      /** Everything else that was under way is over when it comes, as with a real pipe. */
      readonly inOwnTurn?: true;
    }
  | { readonly do: 'call'; readonly fate: 'result' | 'error' | 'overload' | 'never' }
  | { readonly do: 'abort'; readonly call: number }
  | { readonly do: 'read'; readonly stream: number; readonly giveUpAfter: number | undefined }
  | { readonly do: 'open'; readonly filter: EventFilter }
  | { readonly do: 'close'; readonly stream: number }
  | { readonly do: 'jitter'; readonly count: number }
  | { readonly do: 'respond' | 'notify' | 'stall' | 'unstall' | 'turn' | 'end' };

/** The client's limits in one run. */
export interface Limits {
  readonly highWaterMark: number;
  readonly maxBytes: number;
  readonly maxInFlightRequests: number;
  readonly pipeBytes: number;
  /** The main stream has a user from the start, so it gives nothing up. */
  readonly opensMain: boolean;
  /** The bound of every stream that is opened, the main stream too; more than `maxBytes` is cut to that. */
  readonly maxHeldBytes: number | undefined;
  readonly neverPauses: boolean;
}

const threadId = fc.constantFrom('a', 'b');
const turnId = fc.constantFrom('u', 'v');

const items: fc.Arbitrary<WireItem> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constantFrom('delta', 'delta', 'ask'), threadId, turnId }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<WireItem>({ kind: 'noise' }, { kind: 'answer' }, { kind: 'answer' }),
  },
);

const filters: fc.Arbitrary<EventFilter> = fc.oneof(
  fc.record({ threadId }),
  fc.record({ turnId, threadId }),
  fc.record({ kind: fc.constantFrom('notification', 'request') }),
  fc.record({ methods: fc.constant(['item/agentMessage/delta'] as const) }),
);

const send: fc.Arbitrary<Step> = fc.record({
  do: fc.constant('send'),
  items: fc.array(items, { minLength: 1, maxLength: 8 }),
  cuts: fc.array(fc.nat(2_000), { maxLength: 4 }),
  jitter: fc.nat(3),
});

const read: fc.Arbitrary<Step> = fc.record({
  do: fc.constant('read'),
  stream: fc.nat(5),
  giveUpAfter: fc.option(fc.nat(10), { nil: undefined }),
});

const plain = (name: 'respond' | 'notify' | 'stall' | 'unstall' | 'turn' | 'end'): fc.Arbitrary<Step> =>
  fc.constant({ do: name });

/** Any step; `end` only when asked for. */
export function anyStep(withEnd: boolean): fc.Arbitrary<Step> {
  return fc.oneof(
    { weight: 8, arbitrary: send },
    { weight: 8, arbitrary: read },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('call' as const),
        fate: fc.constantFrom('result', 'result', 'error', 'overload', 'never'),
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('abort' as const), call: fc.nat(20) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('open' as const), filter: filters }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('close' as const), stream: fc.nat(5) }) },
    {
      weight: 4,
      arbitrary: fc.record({ do: fc.constant('jitter' as const), count: fc.integer({ min: 1, max: 8 }) }),
    },
    { weight: 4, arbitrary: plain('turn') },
    { weight: 2, arbitrary: plain('respond') },
    { weight: 2, arbitrary: plain('notify') },
    { weight: 1, arbitrary: plain('stall') },
    { weight: 1, arbitrary: plain('unstall') },
    { weight: withEnd ? 1 : 0, arbitrary: plain('end') },
  );
}

/** Limits that make every law bite: room for few messages, or for many. */
export const anyLimits: fc.Arbitrary<Limits> = fc.record({
  highWaterMark: fc.integer({ min: 1, max: 6 }),
  maxBytes: fc.constantFrom(400, 2_000, 1_000_000),
  maxInFlightRequests: fc.integer({ min: 1, max: 4 }),
  pipeBytes: fc.constantFrom(32, 16_384),
  opensMain: fc.boolean(),
  maxHeldBytes: fc.constantFrom(undefined, undefined, 300, 1_000, Number.POSITIVE_INFINITY),
  neverPauses: fc.constantFrom(false, false, false, true),
});

/** The same, and the pipe is left to fill where it may be. */
export const pausingLimits: fc.Arbitrary<Limits> = anyLimits.map((limits) => ({
  ...limits,
  neverPauses: false,
}));
