/** Which stream a message goes to, against a model that is a few lines of lists. */
import type { EventFilter, ServerMessage } from 'codex-async-client';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { scopeOf } from '../../../src/session/messages/server-message.js';
import { matcherOf, specificityOf } from '../../../src/session/streams/event-filter.js';
import type { MessageBuffer } from '../../../src/session/streams/message-buffer.js';
import { type Route, Router } from '../../../src/session/streams/router.js';
import { ask, delta, numberOf } from '../../helpers/messages.js';

function startRouter() {
  const totals = { messages: 0 };
  const router = new Router(
    {
      add: () => {
        totals.messages += 1;
      },
      remove: () => {
        totals.messages -= 1;
      },
    },
    () => {},
  );
  const open = (filter: EventFilter) =>
    router.open({ matches: matcherOf(filter), specificity: specificityOf(filter) });
  return { router, totals, open };
}

async function readAll(buffer: MessageBuffer): Promise<(number | undefined)[]> {
  const numbers = [];
  while (buffer.count > 0) numbers.push(numberOf(await buffer.take()));
  return numbers;
}

describe('routing', () => {
  test('L1 the most specific stream gets a message, then the oldest, then the main stream', async () => {
    const { router, open } = startRouter();
    const thread = open({ threadId: 'a' });
    const turn = open({ turnId: 'u' });
    const laterTurn = open({ turnId: 'u' });
    router.dispatch(delta(0, { threadId: 'a', turnId: 'u' }), 1);
    router.dispatch(delta(1, { threadId: 'a', turnId: 'v' }), 1);
    router.dispatch(delta(2, { threadId: 'b', turnId: 'v' }), 1);
    expect(await readAll(turn.buffer)).toEqual([0]);
    expect(await readAll(thread.buffer)).toEqual([1]);
    expect(await readAll(router.main)).toEqual([2]);
    expect(laterTurn.buffer.count).toBe(0);
  });

  test('L1 opening takes along what is unread on the main stream, and nothing of other streams', async () => {
    const { router, open } = startRouter();
    const thread = open({ threadId: 'a' });
    for (const [n, threadId] of ['a', 'b', 'c', 'b', 'a'].entries())
      router.dispatch(delta(n, { threadId }), 1);
    const deltas = open({ methods: ['item/agentMessage/delta'], threadId: 'b' });
    const rest = open({ kind: 'notification' });
    expect(await readAll(deltas.buffer)).toEqual([1, 3]);
    expect(await readAll(rest.buffer)).toEqual([2]);
    expect(await readAll(thread.buffer)).toEqual([0, 4]);
    expect(await readAll(router.main)).toEqual([]);
  });

  test('L11 closing hands server requests to the stream that wants them now, in wire order, and counts the rest', async () => {
    const { router, totals, open } = startRouter();
    const turn = open({ turnId: 'u' });
    const thread = open({ threadId: 'a' });
    const send = (message: ServerMessage) => router.dispatch(message, 1);
    send(delta(0, { threadId: 'a', turnId: 'v' }));
    send(ask(1, { threadId: 'a', turnId: 'u' }));
    send(delta(2, { threadId: 'a', turnId: 'u' }));
    send(delta(3, { threadId: 'a', turnId: 'v' }));
    send(ask(4, { threadId: 'b', turnId: 'u' }));
    send(delta(5, { threadId: 'b', turnId: 'v' }));
    router.close(turn);
    expect(router.discarded).toBe(1);
    expect(totals.messages).toBe(5);
    expect(await readAll(thread.buffer)).toEqual([0, 1, 3]);
    expect(await readAll(router.main)).toEqual([4, 5]);
    router.close(turn);
    expect(router.discarded).toBe(1);
  });

  test('L9 a stream opened after the end hands out what is left for it and then ends like the others', async () => {
    const { router, open } = startRouter();
    router.dispatch(delta(0, { threadId: 'a' }), 1);
    const failure = new Error('gone');
    router.end(failure);
    const { buffer } = open({ threadId: 'a' });
    expect(await readAll(buffer)).toEqual([0]);
    await expect(buffer.take()).rejects.toBe(failure);
  });

  test('L5 only a main stream that was never opened gives notifications up, and never server requests', async () => {
    const { router, totals } = startRouter();
    for (let n = 0; n < 6; n += 1) router.dispatch(n % 3 === 0 ? ask(n) : delta(n), 1);
    router.evict(() => totals.messages <= 4);
    expect(router.evicted).toBe(2);
    router.evict(() => false);
    expect(router.evicted).toBe(4);
    router.dispatch(delta(6), 1);
    router.openMain();
    router.evict(() => false);
    expect(await readAll(router.main)).toEqual([0, 3, 6]);
  });
});

/** One thing that happens to a router. */
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
  readonly route: Route | undefined;
  unread: ServerMessage[];
}

describe('any interleaving of messages, reads, openings and closings', () => {
  test('L1 L11 leaves every stream with what the model says', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { maxLength: 60, size: 'max' }), async (run) => {
        const { router, totals, open } = startRouter();
        const main: ModelStream = { filter: {}, age: -1, route: undefined, unread: [] };
        let streams: ModelStream[] = [main];
        const wanting = (message: ServerMessage): ModelStream => {
          const [best] = streams
            .filter((stream) => stream !== main && matcherOf(stream.filter)(message, scopeOf(message)))
            .sort((a, b) => specificityOf(b.filter) - specificityOf(a.filter) || a.age - b.age);
          return best ?? main;
        };
        const pick = (index: number) => streams[index % streams.length] ?? main;
        for (const [n, step] of run.entries()) {
          if (step.do === 'send') {
            const message = step.kind === 'delta' ? delta(n, step) : ask(n, step);
            router.dispatch(message, 1);
            wanting(message).unread.push(message);
          } else if (step.do === 'open') {
            const matches = (message: ServerMessage) => matcherOf(step.filter)(message, scopeOf(message));
            const unread = main.unread.filter(matches);
            main.unread = main.unread.filter((message) => !matches(message));
            streams.push({ filter: step.filter, age: n, route: open(step.filter), unread });
          } else if (step.do === 'close') {
            const closed = pick(step.stream);
            if (closed.route === undefined) continue;
            router.close(closed.route);
            streams = streams.filter((stream) => stream !== closed);
            for (const message of closed.unread) {
              if (message.kind === 'notification') continue;
              const heir = wanting(message);
              heir.unread = [...heir.unread, message].sort(
                (a, b) => Number(numberOf(a)) - Number(numberOf(b)),
              );
            }
          } else {
            const stream = pick(step.stream);
            if (stream.unread.length === 0) continue;
            expect(await (stream.route?.buffer ?? router.main).take()).toBe(stream.unread.shift());
          }
        }
        expect(totals.messages).toBe(streams.reduce((sum, { unread }) => sum + unread.length, 0));
        for (const { route, unread } of streams) {
          expect(await readAll(route?.buffer ?? router.main)).toEqual(unread.map(numberOf));
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
