/** Which stream a message goes to, against a model that is a few lines of lists. */
import type { EventFilter, ServerMessage } from 'codex-async-client';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MessageScope } from '../../../src/session/messages/server-message.js';
import { claimOf } from '../../../src/session/streams/event-filter.js';
import type { FlowLimits } from '../../../src/session/streams/flow.js';
import type { Follower } from '../../../src/session/streams/followers.js';
import type { OpenStream } from '../../../src/session/streams/open-stream.js';
import { Streams } from '../../../src/session/streams/streams.js';
import { takes } from '../../helpers/filter-oracle.js';
import { ask, delta, numberOf } from '../../helpers/messages.js';
import { readAll, startFlow } from './fake-flow.js';

/** Messages of a byte each. */
function startStreams(limits?: Partial<FlowLimits>) {
  const { flow, pipe, wait } = startFlow(limits);
  const streams = new Streams(flow);
  const open = (filter: EventFilter) => streams.open(claimOf(filter));
  /** One pipe read that carried these. */
  const send = (...messages: readonly ServerMessage[]) => {
    for (const message of messages) streams.dispatch(message, 1);
    flow.decide();
  };
  const held = () => flow.stats().held.messages;
  const unreadOf = (stream: OpenStream) => readAll(stream, () => stream.unread);
  const mainUnread = () => readAll(streams.main, () => streams.main.unread);
  return { streams, flow, pipe, wait, open, send, held, unreadOf, mainUnread };
}

/** A follower that notes what it was shown, and does what a test wants. */
class Noting implements Follower {
  readonly noted: string[] = [];
  readonly #onLearn: (message: ServerMessage) => void;

  constructor(onLearn: (message: ServerMessage) => void = () => {}) {
    this.#onLearn = onLearn;
  }

  learn(message: ServerMessage, scope: MessageScope): void {
    this.noted.push(`learn ${numberOf(message)} of ${scope.threadId}`);
    this.#onLearn(message);
  }

  observe(message: ServerMessage, scope: MessageScope): void {
    this.noted.push(`observe ${numberOf(message)} of ${scope.threadId}`);
  }

  ended(): void {
    this.noted.push('ended');
  }
}

describe('routing', () => {
  test('L1 the most specific stream gets a message, then the oldest, then the main stream', async () => {
    const { open, send, unreadOf, mainUnread } = startStreams();
    const thread = open({ threadId: 'a' });
    const turn = open({ turnId: 'u' });
    const laterTurn = open({ turnId: 'u' });
    send(delta(0, { threadId: 'a', turnId: 'u' }));
    send(delta(1, { threadId: 'a', turnId: 'v' }));
    send(delta(2, { threadId: 'b', turnId: 'v' }));
    expect(await unreadOf(turn)).toEqual([0]);
    expect(await unreadOf(thread)).toEqual([1]);
    expect(await mainUnread()).toEqual([2]);
    expect(laterTurn.unread).toBe(0);
  });

  test('L1 opening takes along what is unread on the main stream, and nothing of other streams', async () => {
    const { open, send, unreadOf, mainUnread } = startStreams();
    const thread = open({ threadId: 'a' });
    for (const [n, threadId] of ['a', 'b', 'c', 'b', 'a'].entries()) send(delta(n, { threadId }));
    const deltas = open({ methods: ['item/agentMessage/delta'], threadId: 'b' });
    const rest = open({ kind: 'notification' });
    expect(await unreadOf(deltas)).toEqual([1, 3]);
    expect(await unreadOf(rest)).toEqual([2]);
    expect(await unreadOf(thread)).toEqual([0, 4]);
    expect(await mainUnread()).toEqual([]);
  });

  test('L1 opening takes along nothing when it is told so', async () => {
    const { streams, send, unreadOf, mainUnread } = startStreams();
    send(delta(0, { threadId: 'a' }));
    const stream = streams.open(claimOf({ threadId: 'a' }), { takesUnread: false });
    send(delta(1, { threadId: 'a' }));
    expect(await unreadOf(stream)).toEqual([1]);
    expect(await mainUnread()).toEqual([0]);
  });

  test('L1 opening takes along only what it is told to, and sees it in order', async () => {
    const { streams, send, unreadOf, mainUnread } = startStreams();
    for (const [n, turnId] of ['u', 'v', 'u', 'w'].entries()) send(delta(n, { threadId: 'a', turnId }));
    const seen: unknown[] = [];
    const stream = streams.open(claimOf({ threadId: 'a' }), {
      takesAlong: (_, { turnId }) => turnId === 'u',
      tookAlong: (message, { threadId, turnId }) => seen.push([numberOf(message), threadId, turnId]),
    });
    send(delta(4, { threadId: 'a', turnId: 'v' }));
    expect(seen).toEqual([
      [0, 'a', 'u'],
      [2, 'a', 'u'],
    ]);
    expect(await unreadOf(stream)).toEqual([0, 2, 4]);
    expect(await mainUnread()).toEqual([1, 3]);
  });

  test('L1 a part of a stream takes along what is unread there, and nothing of the main stream', async () => {
    const { streams, open, send, unreadOf, mainUnread } = startStreams();
    send(delta(0, { threadId: 'a', turnId: 'u' }));
    const whole = streams.open(claimOf({ threadId: 'a' }), { takesUnread: false });
    send(delta(1, { threadId: 'a', turnId: 'u' }), delta(2, { threadId: 'a', turnId: 'v' }));
    const other = open({ threadId: 'b' });
    const part = streams.open(claimOf({ threadId: 'a', turnId: 'u' }), {
      takesUnread: false,
      takesFrom: whole,
    });
    send(delta(3, { threadId: 'a', turnId: 'u' }));
    expect(await unreadOf(part)).toEqual([1, 3]);
    expect(await unreadOf(whole)).toEqual([2]);
    expect(await mainUnread()).toEqual([0]);
    expect(other.unread).toBe(0);
  });

  test('L1 a part of a stream that is finished counts no more than the whole does', async () => {
    const { streams, open, send, held, unreadOf } = startStreams();
    const whole = open({ threadId: 'a' });
    send(delta(0, { threadId: 'a', turnId: 'u' }), delta(1, { threadId: 'a', turnId: 'v' }));
    whole.finish();
    expect(held()).toBe(0);
    const claim = claimOf({ threadId: 'a', turnId: 'u' });
    const part = streams.open(claim, { takesUnread: false, takesFrom: whole });
    expect(held()).toBe(0);
    expect(await unreadOf(part)).toEqual([0]);
    expect(await unreadOf(whole)).toEqual([1]);
  });

  test('L3 what moves from stream to stream stays held, and makes no room', () => {
    const { open, send, held, pipe } = startStreams({ highWaterMark: 2 });
    send(ask(0, { threadId: 'a' }), delta(1, { threadId: 'a' }));
    expect(pipe.told).toEqual(['pause']);
    const stream = open({ threadId: 'a' });
    expect(held()).toBe(2);
    expect(pipe.told).toEqual(['pause']);
    stream.close();
    expect(held()).toBe(1);
    expect(pipe.told).toEqual(['pause', 'resume']);
  });

  test('L11 closing hands server requests to the stream that wants them now, in wire order, and counts the rest', async () => {
    const { streams, open, send, held, unreadOf, mainUnread } = startStreams();
    const turn = open({ turnId: 'u' });
    const thread = open({ threadId: 'a' });
    send(delta(0, { threadId: 'a', turnId: 'v' }));
    send(ask(1, { threadId: 'a', turnId: 'u' }));
    send(delta(2, { threadId: 'a', turnId: 'u' }));
    send(delta(3, { threadId: 'a', turnId: 'v' }));
    send(ask(4, { threadId: 'b', turnId: 'u' }));
    send(delta(5, { threadId: 'b', turnId: 'v' }));
    turn.close();
    expect(streams.discarded).toBe(1);
    expect(held()).toBe(5);
    expect(await unreadOf(thread)).toEqual([0, 1, 3]);
    expect(await mainUnread()).toEqual([4, 5]);
    turn.close();
    expect(streams.discarded).toBe(1);
  });

  test('L1 finishing leaves what is unread to its reader, where it counts no more', async () => {
    const { open, send, held, unreadOf, mainUnread } = startStreams();
    const stream = open({ threadId: 'a' });
    send(delta(0, { threadId: 'a' }), ask(1, { threadId: 'a' }), delta(2, { threadId: 'b' }));
    stream.finish();
    expect(held()).toBe(1);
    send(delta(3, { threadId: 'a' }));
    expect(await unreadOf(stream)).toEqual([0, 1]);
    expect(await mainUnread()).toEqual([2, 3]);
  });
});

describe('the end', () => {
  test('L9 a stream opened after the end hands out what is left for it and then ends like the others', async () => {
    const { streams, open, send, unreadOf } = startStreams();
    send(delta(0, { threadId: 'a' }));
    const failure = new Error('gone');
    streams.end({ failure, cutOff: failure });
    const stream = open({ threadId: 'a' });
    expect(await unreadOf(stream)).toEqual([0]);
    await expect(stream.take()).rejects.toBe(failure);
  });

  test('L9 a clean end ends streams, and fails those of work that was cut off', async () => {
    const { streams, open, send } = startStreams();
    const cutOff = new Error('cut off');
    const filtered = open({ threadId: 'a' });
    const work = streams.open({ keys: { resourceId: 'p' }, precedence: 16, cutOffFails: true });
    send(delta(0, { threadId: 'a' }), delta(1));
    streams.end({ failure: undefined, cutOff });
    streams.end({ failure: new Error('later'), cutOff: new Error('later') });
    expect(numberOf(await filtered.take())).toBe(0);
    expect(await filtered.take()).toBeUndefined();
    await expect(work.take()).rejects.toBe(cutOff);
    expect(numberOf(await streams.main.take())).toBe(1);
    expect(await streams.main.take()).toBeUndefined();
    const late = streams.open({ keys: { resourceId: 'p' }, precedence: 16, cutOffFails: true });
    await expect(late.take()).rejects.toBe(cutOff);
  });

  test('L9 a failure fails every stream, and followers hear of the end first', async () => {
    const { streams, open } = startStreams();
    const failure = new Error('gone');
    const stream = open({ threadId: 'a' });
    const own = new Error('of the run');
    const follower: Follower = {
      learn: () => {},
      observe: () => {},
      ended: () => stream.finish(own),
    };
    streams.follow(follower, 'a');
    streams.end({ failure, cutOff: failure });
    await expect(stream.take()).rejects.toBe(own);
    await expect(streams.main.take()).rejects.toBe(failure);
  });

  test('L9 who begins to follow after the end is told at once', () => {
    const { streams } = startStreams();
    const follower = new Noting();
    streams.end({ failure: undefined, cutOff: new Error('cut off') });
    streams.follow(follower, 'a');
    expect(follower.noted).toEqual(['ended']);
  });
});

describe('followers', () => {
  /** A message with an item, which may tell whose the next ones are. */
  const telling = (n: number, threadId: string): ServerMessage => {
    const message = delta(n, { threadId });
    return { ...message, params: { ...message.params, item: {} } } as ServerMessage;
  };

  test('see a message before and after its stream has it, and take nothing', async () => {
    const { streams, open, send, unreadOf, mainUnread } = startStreams();
    const stream = open({ threadId: 'a' });
    const seen: number[] = [];
    const follower = new Noting(() => seen.push(stream.unread));
    streams.follow(follower, 'a');
    send(telling(0, 'a'), delta(1, { threadId: 'b' }));
    expect(follower.noted).toEqual(['learn 0 of a', 'observe 0 of a']);
    expect(seen).toEqual([0]);
    expect(await unreadOf(stream)).toEqual([0]);
    expect(await mainUnread()).toEqual([1]);
  });

  test('decide by what they learn who gets the message', async () => {
    const { streams, send, unreadOf, mainUnread } = startStreams();
    const stream = streams.open({ keys: { threadId: 'a' }, precedence: 12 });
    streams.follow(new Noting(() => stream.addThread('sub')), 'sub');
    send(delta(0, { threadId: 'sub' }), telling(1, 'sub'), delta(2, { threadId: 'sub' }));
    expect(await unreadOf(stream)).toEqual([1, 2]);
    expect(await mainUnread()).toEqual([0]);
  });

  test('are shown nothing any more once they left, also in the middle of a message', () => {
    const { streams, send } = startStreams();
    const leaving: Noting = new Noting(() => streams.unfollow(leaving));
    const staying = new Noting();
    streams.follow(leaving, 'a');
    streams.follow(staying, 'a');
    send(telling(0, 'a'), telling(1, 'a'), delta(2, { threadId: 'a' }));
    expect(leaving.noted).toEqual(['learn 0 of a']);
    expect(staying.noted).toEqual([
      'learn 0 of a',
      'observe 0 of a',
      'learn 1 of a',
      'observe 1 of a',
      'observe 2 of a',
    ]);
    streams.end({ failure: undefined, cutOff: new Error('cut off') });
    expect(leaving.noted).toHaveLength(1);
    expect(staying.noted.at(-1)).toBe('ended');
  });
});

describe('server requests that nobody would answer', () => {
  const threadless = (n: number) => ({ ...ask(n), params: {} }) as ServerMessage;

  test('L16 of no thread go to a stream that yields, at once and from the main stream; not when that is read', async () => {
    const { streams, send, mainUnread } = startStreams();
    const isWanted = () => !streams.isMainAttended;
    const stream = streams.open({ keys: { threadId: 'a' }, precedence: 12, takes: isWanted });
    send(delta(0), threadless(1), ask(2));
    expect(streams.main.requestCount).toBe(2);
    stream.yieldRequests();
    stream.yieldRequests();
    send(threadless(3));
    expect(stream.unread).toBe(2);
    const source = streams.openMain();
    send(threadless(4));
    expect([stream.unread, streams.main.requestCount]).toEqual([2, 2]);
    source.close();
    expect([stream.unread, streams.main.requestCount]).toEqual([3, 1]);
    stream.finish();
    send(threadless(5));
    expect(await mainUnread()).toEqual([0, 2, 5]);
  });
});

describe('a main stream that nobody reads', () => {
  test('L5 is known by whether it is open, or a read of it waits', async () => {
    const { streams, send } = startStreams();
    expect(streams.isMainAttended).toBe(false);
    const source = streams.openMain();
    expect(streams.isMainAttended).toBe(true);
    source.close();
    expect(streams.isMainAttended).toBe(false);
    const read = streams.main.take();
    expect(streams.isMainAttended).toBe(true);
    send(delta(0));
    await read;
    expect(streams.isMainAttended).toBe(false);
  });

  test('L5 is asked by the flow before anybody fails, and gives no more than it has to', async () => {
    const { streams, send, held, wait, pipe, mainUnread } = startStreams({ maxBytes: 5 });
    const waiting = wait();
    send(...[0, 1, 2, 3, 4, 5, 6].map((n) => delta(n)));
    expect(waiting.errors).toEqual([]);
    expect(pipe.isRead).toBe(true);
    expect(streams.main.evicted).toBe(3);
    expect(held()).toBe(4);
    await expect(streams.main.take()).rejects.toMatchObject({ missed: 3 });
    expect(await mainUnread()).toEqual([3, 4, 5, 6]);
  });

  test('L5 gives nothing of other streams', async () => {
    const { streams, open, send, wait, unreadOf } = startStreams({ maxBytes: 5 });
    const stream = open({ threadId: 'a' });
    const waiting = wait();
    send(...[0, 1, 2, 3, 4].map((n) => delta(n, { threadId: 'a' })));
    expect(waiting.errors).toHaveLength(1);
    expect(streams.main.evicted).toBe(0);
    expect(await unreadOf(stream)).toEqual([0, 1, 2, 3, 4]);
  });
});

/** One thing that happens to the streams. */
type Step =
  | {
      readonly do: 'send';
      readonly kind: 'delta' | 'ask';
      readonly threadId: string;
      readonly turnId: string;
    }
  | { readonly do: 'open'; readonly filter: EventFilter }
  | { readonly do: 'close'; readonly stream: number }
  | { readonly do: 'read'; readonly stream: number };

const threadIds = fc.constantFrom('a', 'b');
const turnIds = fc.constantFrom('u', 'v');
const filters: fc.Arbitrary<EventFilter> = fc
  .record<EventFilter>(
    {
      kind: fc.constantFrom('notification', 'request'),
      methods: fc.constant(['item/agentMessage/delta'] as const),
      threadId: threadIds,
      turnId: turnIds,
    },
    { requiredKeys: [] },
  )
  .filter((filter) => Object.keys(filter).length > 0);
const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('send' as const),
      kind: fc.constantFrom('delta', 'ask'),
      threadId: threadIds,
      turnId: turnIds,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('open' as const), filter: filters }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('close' as const), stream: fc.nat(9) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('read' as const), stream: fc.nat(9) }) },
);

/** The model: lists of messages, the main one first; the numbers are places on the wire. */
interface ModelStream {
  readonly filter: EventFilter;
  readonly age: number;
  readonly stream: OpenStream | undefined;
  unread: ServerMessage[];
}

/** Server requests look at their group first: streams that ask for them, before those that read. */
function rankOf({ filter }: ModelStream, message: ServerMessage): number {
  const { kind, methods, threadId, turnId } = filter;
  const isAsked = message.kind === 'request' && (methods !== undefined || kind === 'request');
  const weights = [kind, methods, threadId, turnId].map((member, bit) =>
    member === undefined ? 0 : 2 ** bit,
  );
  return weights.reduce((sum, weight) => sum + weight, isAsked ? 16 : 0);
}

describe('any interleaving of messages, reads, openings and closings', () => {
  test('L1 L11 leaves every stream with what the model says', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { maxLength: 60, size: 'max' }), async (run) => {
        const { streams, open, send, held, unreadOf, mainUnread } = startStreams();
        const main: ModelStream = { filter: {}, age: -1, stream: undefined, unread: [] };
        let model: ModelStream[] = [main];
        const wanting = (message: ServerMessage): ModelStream => {
          const [best] = model
            .filter((stream) => stream !== main && takes(stream.filter, message))
            .sort((a, b) => rankOf(b, message) - rankOf(a, message) || a.age - b.age);
          return best ?? main;
        };
        const pick = (index: number) => model[index % model.length] ?? main;
        let sent = 0;
        let dropped = 0;
        for (const [n, step] of run.entries()) {
          if (step.do === 'send') {
            const message = step.kind === 'delta' ? delta(n, step) : ask(n, step);
            send(message);
            sent += 1;
            wanting(message).unread.push(message);
          } else if (step.do === 'open') {
            const unread = main.unread.filter((message) => takes(step.filter, message));
            main.unread = main.unread.filter((message) => !takes(step.filter, message));
            model.push({ filter: step.filter, age: n, stream: open(step.filter), unread });
          } else if (step.do === 'close') {
            const closed = pick(step.stream);
            if (closed.stream === undefined) continue;
            closed.stream.close();
            model = model.filter((stream) => stream !== closed);
            for (const message of closed.unread) {
              if (message.kind === 'notification') {
                dropped += 1;
                continue;
              }
              const heir = wanting(message);
              heir.unread = [...heir.unread, message].sort(
                (a, b) => Number(numberOf(a)) - Number(numberOf(b)),
              );
            }
          } else {
            const stream = pick(step.stream);
            if (stream.unread.length === 0) continue;
            expect(await (stream.stream ?? streams.main).take()).toBe(stream.unread.shift());
          }
        }
        expect(streams.received).toBe(sent);
        expect(streams.discarded).toBe(dropped);
        expect(held()).toBe(model.reduce((sum, { unread }) => sum + unread.length, 0));
        for (const { stream, unread } of model) {
          const numbers = stream === undefined ? await mainUnread() : await unreadOf(stream);
          expect(numbers).toEqual(unread.map(numberOf));
        }
        expect(held()).toBe(0);
      }),
      { numRuns: 2_000 },
    );
  });
});
