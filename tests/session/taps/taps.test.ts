/**
 * What those who look on see: every message and every line, whoever gets it, in the order in which it passed. They take
 * nothing, and change nothing of what others get.
 */
import { PassThrough } from 'node:stream';
import {
  AlreadyRespondedError,
  AsyncClient,
  type EventFilter,
  type EventTap,
  type Gap,
  ProtocolError,
  ServerClosedError,
  type ServerMessage,
  type WireFrame,
  type WireTap,
} from 'codex-async-client';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { takes } from '../../helpers/filter-oracle.js';
import { ask, delta, deltas, numberOf, wire } from '../../helpers/messages.js';
import { outcomeOf, PipedServer, readyServer, turn } from '../../helpers/piped-server.js';
import { messages } from '../streams/routes.js';

const TOOL_RESULT = { contentItems: [], success: true };
const inA = { threadId: 'a', turnId: 'u' };
const inB = { threadId: 'b', turnId: 'v' };

/** Reads so many. */
async function take<T>(tap: AsyncIterator<T | Gap, undefined>, count: number): Promise<(T | Gap)[]> {
  const taken: (T | Gap)[] = [];
  while (taken.length < count) {
    const { done, value } = await tap.next();
    if (done === true) break;
    taken.push(value);
  }
  return taken;
}

/** Reads to the end. */
async function readToEnd<T>(tap: AsyncIterable<T | Gap>): Promise<(T | Gap)[]> {
  const all: (T | Gap)[] = [];
  for await (const next of tap) all.push(next);
  return all;
}

const isGap = (next: unknown): next is Gap => Object(next).kind === 'gap';
const shown = (next: ServerMessage | Gap) => (isGap(next) ? `missed ${next.missed}` : numberOf(next));
const numbersOf = async (tap: EventTap, count: number) => (await take(tap, count)).map(shown);

const ARROWS = { received: '<', sent: '>' } as const;

/** A frame as `< text` when it was received, or `> text` when it was sent. */
const line = (frame: WireFrame | Gap) =>
  isGap(frame) ? `missed ${frame.missed}` : `${ARROWS[frame.direction]} ${frame.text}`;
const linesOf = async (tap: WireTap, count: number) => (await take(tap, count)).map(line);

describe('a tap', () => {
  test('L1 sees what the main stream, a filtered stream and a run get, and takes nothing of it', async () => {
    const server = new PipedServer();
    const { client } = server;
    const tap = client.tap();
    const main = client.events();
    const filtered = client.events({ threadId: 'a' });
    const run = client.turnRun({ threadId: 'b', input: 'Hi!' });
    const [start] = await server.receivedRequests(1);
    server.send({ id: start?.id, result: { turn: { id: 'v', status: 'inProgress', items: [] } } });
    server.send(wire(delta(1)), wire(delta(2, inA)), wire(delta(3, inB)), wire(delta(4)));
    const seen = (await take(tap, 4)) as ServerMessage[];
    expect(seen.map(numberOf)).toEqual([1, 2, 3, 4]);
    // The objects are those that the readers get.
    expect((await filtered.next()).value).toBe(seen[1]);
    expect((await run.next()).value).toBe(seen[2]);
    expect((await main.next()).value).toBe(seen[0]);
    expect((await main.next()).value).toBe(seen[3]);
    expect(client.stats().messages).toMatchObject({ received: 4, delivered: 4 });
  });

  test.each<[EventFilter | undefined, readonly number[]]>([
    [undefined, [1, 2, 3, 4]],
    [{}, [1, 2, 3, 4]],
    [{ kind: 'request' }, [3]],
    [{ methods: ['item/agentMessage/delta', 'turn/completed'] }, [1, 2, 4]],
    [{ threadId: 'a' }, [1, 3]],
    [{ threadId: 'a', kind: 'notification' }, [1]],
    [{ turnId: 'v' }, [2]],
  ])('L1 with the filter %j sees %j', async (filter, numbers) => {
    const server = new PipedServer();
    const tap = filter === undefined ? server.client.tap() : server.client.tap(filter);
    server.send(wire(delta(1, inA)), wire(delta(2, inB)), wire(ask(3, inA)), wire(delta(4)));
    await server.quiet();
    server.client.shutdown();
    expect((await readToEnd(tap)).map(shown)).toEqual(numbers);
  });

  test('L1 sees a request that a standing answer answers, and the copy that the server sends again', async () => {
    const server = new PipedServer({ standingAnswers: { 'item/tool/call': TOOL_RESULT } });
    const tap = server.client.tap({ kind: 'request' });
    server.send(wire(ask(0)));
    const [request] = (await take(tap, 1)) as [ServerMessage];
    expect(request).toMatchObject({ kind: 'request', id: 0 });
    expect(await server.receivedWhere(({ id }) => id === 0)).toMatchObject({ result: TOOL_RESULT });
    const other = new PipedServer();
    const replays = other.client.tap();
    other.send(wire(ask(0)), wire(ask(0)));
    expect(await take(replays, 2)).toMatchObject([{ id: 0 }, { id: 0, replayed: true }]);
  });

  test('L12 neither sees nor misses a request that crosses with its answer; the wire has its line', async () => {
    const server = new PipedServer({ standingAnswers: { 'item/tool/call': TOOL_RESULT } });
    const [tap, lagging] = [server.client.tap(), server.client.tap(undefined, { maxHeldBytes: 1 })];
    const lines = server.client.wire();
    server.send(wire(ask(0)), wire(ask(0)), wire(ask(1)));
    expect(await take(tap, 2)).toMatchObject([{ id: 0 }, { id: 1 }]);
    expect(await take(lagging, 2)).toMatchObject([{ id: 0 }, { kind: 'gap', missed: 1 }]);
    const received = (await take(lines, 5)).filter((frame) => line(frame).startsWith('<'));
    expect(received.map((frame) => (isGap(frame) ? frame : JSON.parse(frame.text).id))).toEqual([0, 0, 1]);
  });

  test.each(['tap', 'reader'])('L12 a request is answered once, first by the %s', async (first) => {
    const server = new PipedServer();
    const { client } = server;
    const tap = client.tap({ methods: ['item/tool/call'] });
    const reader = client.events({ methods: ['item/tool/call'] });
    server.send(wire(ask(0)));
    const copies = [(await tap.next()).value, (await reader.next()).value];
    const [now, late] = first === 'tap' ? copies : copies.toReversed();
    if (now?.kind !== 'request' || late?.kind !== 'request') throw new Error('no request came');
    await client.respond(now, TOOL_RESULT);
    await expect(client.respond(late, TOOL_RESULT)).rejects.toBeInstanceOf(AlreadyRespondedError);
    expect(server.received.filter(({ id }) => id === 0)).toHaveLength(1);
  });

  test('L16 does not keep a run that nobody iterates from refusing what it is asked', async () => {
    const server = new PipedServer();
    const { client } = server;
    const tap = client.tap({ methods: ['item/tool/call'] });
    client
      .turnRun({ threadId: 'b', input: 'Hi!' })
      .result()
      .catch(() => {});
    const [start] = await server.receivedRequests(1);
    server.send({ id: start?.id, result: { turn: { id: 'v', status: 'inProgress', items: [] } } });
    server.send(wire(ask(0, inB)));
    const { value: request } = await tap.next();
    if (request?.kind !== 'request') throw new Error('no request came');
    await server.receivedWhere(({ id, result, error }) => id === 0 && (result ?? error) !== undefined);
    await expect(client.respond(request, TOOL_RESULT)).rejects.toBeInstanceOf(AlreadyRespondedError);
  });

  test('L4 that waits is no demand: what nobody reads is held back at the high-water mark', async () => {
    const server = new PipedServer({ buffer: { highWaterMark: 10 } });
    const tap = server.client.tap();
    for (let n = 0; n < 20; n += 1) {
      server.send(wire(delta(n)));
      await server.quiet();
    }
    expect(server.client.stats()).toMatchObject({ held: { messages: 10 }, paused: { now: true } });
    expect(await numbersOf(tap, 10)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const read = tap.next();
    expect(await outcomeOf(read)).toBe('pending');
    // One who reads the stream as well is the way out.
    const main = server.client.events();
    for (let n = 0; n < 20; n += 1) await main.next();
    expect(shown((await read).value as ServerMessage)).toBe(10);
  });

  test('L1 that lags holds nobody back, and says what it missed', async () => {
    const server = new PipedServer();
    const { client } = server;
    const [one] = deltas(1, 1);
    const maxHeldBytes = Buffer.byteLength(JSON.stringify(wire(one as ServerMessage))) * 2;
    const tap = client.tap(undefined, { maxHeldBytes });
    server.send(...deltas(1, 9).map(wire));
    for (let n = 1; n <= 9; n += 1) expect(numberOf(await client.nextMessage())).toBe(n);
    expect(client.stats()).toMatchObject({ taps: { open: 1, missed: 7 }, held: { messages: 0 } });
    expect(await numbersOf(tap, 3)).toEqual([1, 2, 'missed 7']);
    server.send(wire(delta(10)));
    expect(await numbersOf(tap, 1)).toEqual([10]);
  });

  test('L1 is bounded by the memory that messages of many small values take', async () => {
    const server = new PipedServer();
    const tap = server.client.tap(undefined, { maxHeldBytes: 1024 * 1024 });
    const main = server.client.events();
    // 300 KB of text, and ten times as much in memory.
    const many = { method: 'x/y', params: { list: Array.from({ length: 100_000 }, () => []) } };
    server.send(wire(delta(1)));
    await main.next();
    server.send(many, wire(delta(2)));
    for (let n = 0; n < 2; n += 1) await main.next();
    expect(await numbersOf(tap, 2)).toEqual([1, 'missed 1']);
    expect(await numbersOf(tap, 1)).toEqual([2]);
  });

  test('L11 that is left ends a read that waits, sees nothing more, and is counted no more', async () => {
    const abort = new AbortController();
    const server = new PipedServer();
    const { client } = server;
    const [left, aborted, other] = [client.tap(), client.tap({}, { signal: abort.signal }), client.tap()];
    const lines = client.wire();
    const reads = [left, aborted, lines].map((tap) => tap.next());
    expect(client.stats().taps.open).toBe(4);
    await left.return();
    await lines.return();
    abort.abort();
    const done = { done: true, value: undefined };
    expect(await Promise.all(reads)).toEqual([done, done, done]);
    expect(client.stats().taps.open).toBe(1);
    server.send(wire(delta(1)));
    expect(await numbersOf(other, 1)).toEqual([1]);
    expect(await numbersOf(left, 1)).toEqual([]);
    expect(await numbersOf(aborted, 1)).toEqual([]);
    client.tap({}, { signal: AbortSignal.abort() });
    expect(client.stats().taps.open).toBe(1);
  });

  test('L21 sees what it is for among ten thousand that look at other threads', async () => {
    const server = new PipedServer();
    const others = Array.from({ length: 10_000 }, (_, n) => server.client.tap({ threadId: `other ${n}` }));
    const tap = server.client.tap({ threadId: 'a' });
    server.send(wire(delta(1, inA)), wire(delta(2, { threadId: 'other 7' })));
    expect(await numbersOf(tap, 1)).toEqual([1]);
    expect(await numbersOf(others[7] as EventTap, 1)).toEqual([2]);
    server.client.shutdown();
    expect(await Promise.all(others.map((other) => readToEnd(other)))).toEqual(others.map(() => []));
    expect(server.client.stats().taps).toEqual({ open: 0, missed: 0 });
  });
});

describe('a tap of lines', () => {
  afterEach(() => vi.restoreAllMocks());

  test('L1 has the handshake when it is opened right after attach(), both ways and in order', async () => {
    const server = new PipedServer();
    const { client } = server;
    const lines = client.wire();
    const initialized = client.initialize(undefined, { sendInitialized: false });
    const { id } = await server.receivedWhere(({ method }) => method === 'initialize');
    const answer = { id, result: { userAgent: 'piped/0.169.0', codexHome: '/home', platformOs: 'linux' } };
    server.send(answer);
    await initialized;
    await client.initialized();
    const [first, ...rest] = await linesOf(lines, 3);
    expect(first).toMatch(/^> \{"id":1,"method":"initialize","params":\{"clientInfo":/);
    expect(rest).toEqual([`< ${JSON.stringify(answer)}`, '> {"method":"initialized"}']);
  });

  test('L1 has what a server writes before anything was sent, and before the client was attached', async () => {
    const stdout = new PassThrough();
    stdout.write('{"method":"early"}\n');
    const client = AsyncClient.attach({ stdin: new PassThrough(), stdout });
    const lines = client.wire();
    expect(await linesOf(lines, 1)).toEqual(['< {"method":"early"}']);
  });

  test('L1 has each line as it was read: white space, escapes and a carriage return', async () => {
    const server = new PipedServer();
    const lines = server.client.wire();
    const texts = ['{ "method" : "x/y" , "params":{"text":"\\u00e9 é"}}', '{"method":"x/z"}\r'];
    const bytes = Buffer.from(`${texts.join('\n')}\nnoise\n{"method":"last"}\n`);
    for (const byte of bytes) server.sendText(Uint8Array.of(byte));
    expect(await linesOf(lines, 3)).toEqual([...texts, '{"method":"last"}'].map((text) => `< ${text}`));
  });

  test('L1 says when a line passed, in milliseconds since the epoch', async () => {
    vi.spyOn(Date, 'now').mockReturnValue(1_764_000_000_000);
    const server = new PipedServer();
    const lines = server.client.wire();
    server.send({ method: 'x/y' });
    const { value } = await lines.next();
    expect(value).toEqual({
      kind: 'frame',
      direction: 'received',
      atMs: 1_764_000_000_000,
      text: '{"method":"x/y"}',
    });
  });

  test('L1 has requests, answers, refusals and notifications that are sent, each as a line', async () => {
    const server = await readyServer({ standingAnswers: { 'item/tool/call': TOOL_RESULT } });
    const { client } = server;
    const lines = client.wire();
    client.notify('x/y');
    client.request('x/z', { n: 1 }).catch(() => {});
    await server.receivedWhere(({ method }) => method === 'x/z');
    server.send(wire(ask(7)), { id: 8, method: 'x/ask', params: {} });
    const request = await client.nextMessage();
    if (request?.kind !== 'request') throw new Error('no request came');
    await client.respondError(request, -1, 'no');
    expect(await linesOf(lines, 6)).toEqual([
      '> {"method":"x/y"}',
      '> {"id":2,"method":"x/z","params":{"n":1}}',
      `< ${JSON.stringify(wire(ask(7)))}`,
      '< {"id":8,"method":"x/ask","params":{}}',
      `> {"id":7,"result":${JSON.stringify(TOOL_RESULT)}}`,
      '> {"id":8,"error":{"code":-1,"message":"no"}}',
    ]);
  });

  test('L18 has a line that is no message, and then fails as the streams do', async () => {
    const server = new PipedServer();
    const lines = server.client.wire();
    server.sendText('{"method":"x/y"}\n{ broken\n{"method":"never read"}\n');
    expect(await linesOf(lines, 2)).toEqual(['< {"method":"x/y"}', '< { broken']);
    await expect(lines.next()).rejects.toBeInstanceOf(ProtocolError);
  });

  test('L18 has no line that is longer than the longest', async () => {
    const server = new PipedServer({ maxLineBytes: 20 });
    const lines = server.client.wire();
    server.sendText('{"method":"x/y"}\n{"method":"much too long"}\n');
    expect(await linesOf(lines, 1)).toEqual(['< {"method":"x/y"}']);
    await expect(lines.next()).rejects.toBeInstanceOf(ProtocolError);
  });

  test('L1 counts a frame as more than its text, and misses what finds no room', async () => {
    const server = new PipedServer();
    const text = '{"method":"x/y"}';
    const lines = server.client.wire({ maxHeldBytes: 2 * (text.length + 96) });
    server.sendText(`${text}\n`.repeat(3));
    await server.quiet();
    expect(await linesOf(lines, 3)).toEqual([`< ${text}`, `< ${text}`, 'missed 1']);
    expect(server.client.stats().taps).toEqual({ open: 1, missed: 1 });
  });
});

describe('the end', () => {
  test('L9 after shutdown() taps end, once everything was handed out', async () => {
    const server = new PipedServer();
    const { client } = server;
    const [tap, lines] = [client.tap(), client.wire()];
    server.send(wire(delta(1)), wire(delta(2)));
    await server.quiet();
    await client.shutdown();
    expect((await readToEnd(tap)).map(shown)).toEqual([1, 2]);
    expect(await readToEnd(lines)).toHaveLength(2);
    expect(await readToEnd(client.tap())).toEqual([]);
    expect(await readToEnd(client.wire())).toEqual([]);
    expect(client.stats().taps.open).toBe(0);
  });

  test('L9 when the server goes taps throw, once everything was handed out, the half line that was its last included', async () => {
    const server = new PipedServer();
    const { client } = server;
    const [tap, lines] = [client.tap(), client.wire()];
    server.send(wire(delta(1)));
    server.sendText('{"method":"half');
    server.end();
    await client.closed;
    expect(await numbersOf(tap, 1)).toEqual([1]);
    await expect(tap.next()).rejects.toBeInstanceOf(ServerClosedError);
    expect((await linesOf(lines, 2))[1]).toBe('< {"method":"half');
    await expect(lines.next()).rejects.toBeInstanceOf(ServerClosedError);
    await expect(client.tap().next()).rejects.toBeInstanceOf(ServerClosedError);
  });
});

const filters: fc.Arbitrary<EventFilter> = fc.record(
  {
    kind: fc.constantFrom('notification' as const, 'request' as const),
    methods: fc.constant(['item/agentMessage/delta', 'configWarning'] as const),
    threadId: fc.constantFrom('a', 'b'),
    turnId: fc.constantFrom('u', 'v'),
  },
  { requiredKeys: [] },
);

const anyStep = fc.oneof(
  fc.record({
    do: fc.constant('send' as const),
    messages: fc.array(messages, { minLength: 1, maxLength: 5 }),
  }),
  fc.record({ do: fc.constant('read' as const), tap: fc.nat(1), count: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ do: fc.constant('nextMessage' as const) }),
);

test('L1 whatever is sent and read, each tap has what its filter lets through, in order, gaps counted', () =>
  fc.assert(
    fc.asyncProperty(
      fc.tuple(filters, filters),
      fc.integer({ min: 1, max: 600 }),
      fc.array(anyStep, { maxLength: 30, size: 'max' }),
      async (wanted, maxHeldBytes, steps) => {
        const server = new PipedServer();
        const { client } = server;
        const taps = wanted.map((filter) => client.tap(filter, { maxHeldBytes }));
        const lines = client.wire({ maxHeldBytes: Number.POSITIVE_INFINITY });
        const handed: (ServerMessage | Gap)[][] = [[], []];
        const reads: Promise<void>[] = [Promise.resolve(), Promise.resolve()];
        const sent: ServerMessage[] = [];
        const read: (ServerMessage | undefined)[] = [];
        let reader: Promise<unknown> = Promise.resolve();
        for (const step of steps) {
          if (step.do === 'send') {
            // An id is used again only when nobody waits for its answer.
            const numbered = step.messages.map((message, index) =>
              message.kind === 'request' ? { ...message, id: sent.length + index } : message,
            );
            sent.push(...numbered);
            server.send(...numbered.map(wire));
          } else if (step.do === 'read') {
            const tap = taps[step.tap] as EventTap;
            // One after another, each when the one before it has settled.
            reads[step.tap] = (reads[step.tap] as Promise<void>).then(async () => {
              handed[step.tap]?.push(...(await take(tap, step.count)));
            });
          } else reader = reader.then(async () => read.push(await client.nextMessage()));
          await turn();
        }
        await server.quiet();
        await client.shutdown();
        await Promise.all([...reads, reader]);
        // What the reader of the main stream gets is what it gets without taps.
        const got = read.filter((message) => message !== undefined);
        expect(got).toEqual(sent.slice(0, got.length));
        for (const [index, tap] of taps.entries()) {
          const all = [...(handed[index] ?? []), ...(await readToEnd(tap))];
          const expected = sent.filter((message) => takes(wanted[index] ?? {}, message));
          let at = 0;
          for (const next of all) {
            if (!isGap(next)) expect(next).toEqual(expected[at]);
            at += isGap(next) ? next.missed : 1;
          }
          expect(at).toBe(expected.length);
        }
        expect((await readToEnd(lines)).map(line)).toEqual(
          sent.map((message) => `< ${JSON.stringify(wire(message))}`),
        );
      },
    ),
    { numRuns: 200 },
  ));
