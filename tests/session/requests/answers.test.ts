/** Requests and their answers: what goes out, which call an answer settles, and when, in wire order. */
import { InvalidArgumentError, RpcError } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { errorOf, recordedLines } from '../../client/scripted-client.js';
import { delta, numberOf, wire } from '../../helpers/messages.js';
import { microtasks, PipedServer, turn } from '../../helpers/piped-server.js';
import { startScripted } from '../../helpers/scripted.js';

describe('what is sent', () => {
  test('params that are left out are sent as {}', async () => {
    await using client = await startScripted('records-lines');
    await client.request('thread/loaded/list');
    await client.request('thread/loaded/list', undefined, {});
    await client.threadLoadedList();
    await client.request('some/new', null);
    const [, , ...lines] = await recordedLines(client);
    const method = 'thread/loaded/list';
    expect(lines).toEqual([
      { id: 2, method, params: {} },
      { id: 3, method, params: {} },
      { id: 4, method, params: {} },
      { id: 5, method: 'some/new', params: null },
    ]);
  });

  test('trace travels beside the params', async () => {
    await using client = await startScripted('records-lines');
    const trace = {
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      tracestate: 'a=1',
    };
    await client.threadLoadedList({}, { trace });
    await client.threadLoadedList({});
    const [, , traced, plain] = await recordedLines(client);
    expect(traced).toEqual({ id: 2, method: 'thread/loaded/list', params: {}, trace });
    expect(plain).not.toHaveProperty('trace');
  });

  test('params are taken as they are when the call is made', async () => {
    await using client = await startScripted('records-lines');
    const params = { text: 'before' };
    const call = client.request('some/new', params);
    params.text = 'after';
    await call;
    expect((await recordedLines(client)).at(-1)).toMatchObject({ params: { text: 'before' } });
  });

  test('a notification has no id', async () => {
    await using client = await startScripted('records-lines');
    await client.notify('some/note', { a: 1 });
    await client.notify('some/note');
    expect((await recordedLines(client)).slice(2)).toEqual([
      { method: 'some/note', params: { a: 1 } },
      { method: 'some/note' },
    ]);
  });

  test('every text arrives as it was: U+2028, line ends, quotes, emoji, lone surrogates', async () => {
    await using client = await startScripted('echo-params');
    const text = 'a\u2028b\u2029c\n"\\ü漢🙂\0\ud800';
    expect(await client.request('echo/this', { text })).toEqual({ method: 'echo/this', params: { text } });
  });
});

describe('answers', () => {
  test('settle their own calls when they come out of order', async () => {
    await using client = await startScripted('answers-in-reverse', ['20']);
    const settled: number[] = [];
    const calls = Array.from({ length: 20 }, async (_, n) => {
      expect(await client.request('echo/this', { n })).toEqual({ n });
      settled.push(n);
    });
    await Promise.all(calls);
    expect(settled).toEqual(Array.from({ length: 20 }, (_, n) => 19 - n));
  });

  test('may be null, false, 0 or an empty text', async () => {
    const server = new PipedServer();
    for (const [index, result] of [null, false, 0, ''].entries()) {
      const call = server.client.request('some/new');
      await server.receivedRequests(index + 1);
      server.send({ id: index + 1, result });
      expect(await call).toBe(result);
    }
  });

  test('with an error reject with its code, message and data', async () => {
    const server = new PipedServer();
    const call = errorOf(server.client.request('thread/read', { threadId: 'x', includeTurns: false }));
    server.send({ id: 1, error: { code: -32600, message: 'no such thread', data: { threadId: 'x' } } });
    const error = await call;
    expect(error).toBeInstanceOf(RpcError);
    expect(error).toMatchObject({
      code: 'CODEX_RPC',
      method: 'thread/read',
      rpcCode: -32600,
      data: { threadId: 'x' },
      message: 'thread/read failed: no such thread (-32600)',
    });
  });

  test('nobody asked for, twice, or without an id harm no call', async () => {
    const server = new PipedServer();
    const call = server.client.request('some/new');
    server.send(
      { id: 99, result: 'nobody asked' },
      { id: '1', result: 'a text is not the number' },
      { id: null, error: { code: -32700, message: 'parse error' } },
      { id: 1, result: 'the answer' },
      { id: 1, result: 'again' },
    );
    expect(await call).toBe('the answer');
    expect(server.client.isAlive).toBe(true);
  });
});

describe('the order of answers and events', () => {
  /** Numbers of events in the order they were handed out, with `answer` where the call settled. */
  function journal(server: PipedServer) {
    const seen: (number | string | undefined)[] = [];
    const reading = (async () => {
      for await (const message of server.client.events()) seen.push(numberOf(message));
    })();
    const call = server.client.request('some/new').then(
      () => seen.push('answer'),
      () => seen.push('answer'),
    );
    return { seen, call, reading };
  }

  const answers = [
    ['result', { id: 1, result: {} }],
    ['error', { id: 1, error: { code: 1, message: 'no' } }],
  ] as const;

  test.each(answers)('L2 a %s settles before the events after it in the same chunk', async (_, answer) => {
    const server = new PipedServer();
    const { seen, reading } = journal(server);
    await server.receivedRequests(1);
    server.send(wire(delta(1)), wire(delta(2)), answer, wire(delta(3)), wire(delta(4)));
    server.end();
    await errorOf(reading);
    expect(seen).toHaveLength(5);
    expect(seen.indexOf('answer')).toBeLessThan(seen.indexOf(3));
  });

  test.each(answers)('L2 a %s settles before the events of later chunks', async (_, answer) => {
    const server = new PipedServer();
    const { seen, reading } = journal(server);
    await server.receivedRequests(1);
    for (const message of [wire(delta(1)), answer, wire(delta(2)), wire(delta(3))]) {
      server.send(message);
      await microtasks(3);
    }
    server.end();
    await errorOf(reading);
    expect(seen.indexOf('answer')).toBeLessThan(seen.indexOf(2));
  });

  test('L2 holds for nextMessage, and for an answer cut anywhere between two chunks', async () => {
    const text = `${JSON.stringify({ id: 1, result: {} })}\n${JSON.stringify(wire(delta(7)))}\n`;
    for (let cut = 1; cut < text.length; cut += 5) {
      const server = new PipedServer();
      const order: string[] = [];
      const read = server.client.nextMessage().then(() => order.push('event'));
      const call = server.client.request('some/new').then(() => order.push('answer'));
      server.sendText(text.slice(0, cut));
      await turn();
      server.sendText(text.slice(cut));
      await Promise.all([read, call]);
      expect(order).toEqual(['answer', 'event']);
    }
  });

  test('notifications before the answer are kept for whoever reads them later', async () => {
    const server = new PipedServer();
    const call = server.client.request('some/new');
    server.send(wire(delta(1)), wire(delta(2)), { id: 1, result: 'done' });
    expect(await call).toBe('done');
    expect(numberOf(await server.client.nextMessage())).toBe(1);
    expect(numberOf(await server.client.nextMessage())).toBe(2);
  });

  test('a request inside an events() loop settles, its answer behind more events', async () => {
    const server = new PipedServer();
    server.send(wire(delta(1)));
    const seen: unknown[] = [];
    for await (const message of server.client.events()) {
      seen.push(numberOf(message));
      if (seen.length === 3) break;
      if (seen.length > 1) continue;
      const call = server.client.request('some/new');
      server.send(wire(delta(2)), wire(delta(3)), { id: 1, result: 'done' });
      expect(await call).toBe('done');
    }
    expect(seen).toEqual([1, 2, 3]);
  });
});

describe('requestIds', () => {
  test('may be any iterable of texts and numbers, 0 and "" included', async () => {
    function* ids() {
      yield 0;
      yield '';
      yield '0';
      yield -1;
      yield 'ü"\u2028';
    }
    const server = new PipedServer({ requestIds: ids() });
    const calls = Array.from({ length: 5 }, (_, n) => server.client.request('some/new', { n }));
    const sent = await server.receivedRequests(5);
    expect(sent.map(({ id }) => id)).toEqual([0, '', '0', -1, 'ü"\u2028']);
    server.send(...[...sent].reverse().map(({ id, params }) => ({ id, result: params })));
    expect(await Promise.all(calls)).toEqual([0, 1, 2, 3, 4].map((n) => ({ n })));
  });

  test('that are used up fail the call, and no other', async () => {
    await using client = await startScripted('records-lines', [], { requestIds: ['a', 'b', 'c'] });
    const waiting = client.request('some/new');
    expect(await recordedLines(client)).toMatchObject([{ id: 'a' }, {}, { id: 'b' }]);
    const error = await errorOf(client.request('some/new'));
    expect(error).toBeInstanceOf(InvalidArgumentError);
    expect(error).toMatchObject({
      argument: 'options.requestIds',
      message: expect.stringContaining('ended'),
    });
    expect(await waiting).toEqual({});
    expect(client.isAlive).toBe(true);
  });

  const bad: [string, unknown[], string][] = [
    ['an object', [{}], 'expected strings or whole numbers, got an object'],
    ['null', [null], 'got null'],
    ['a fraction', [1.5], 'got 1.5'],
    ['NaN', [Number.NaN], 'got NaN'],
  ];
  test.each(bad)('L20 that give %s fail the call, and nothing is sent', async (_, ids, message) => {
    const server = new PipedServer({ requestIds: [...ids, 'good'] as string[] });
    const error = await errorOf(server.client.request('some/new'));
    expect(error).toMatchObject({ code: 'CODEX_INVALID_ARGUMENT', argument: 'options.requestIds' });
    expect(error).toMatchObject({ message: expect.stringContaining(message) });
    const call = server.client.request('some/new');
    await server.receivedRequests(1);
    expect(server.received).toEqual([{ id: 'good', method: 'some/new', params: {} }]);
    server.send({ id: 'good', result: 1 });
    expect(await call).toBe(1);
  });

  test('that repeat an unanswered id fail the call, not the one before', async () => {
    const server = new PipedServer({ requestIds: ['a', 'a', 'a'] });
    const first = server.client.request('some/new');
    const error = await errorOf(server.client.request('some/new'));
    expect(error).toMatchObject({ argument: 'options.requestIds', message: expect.stringContaining('"a"') });
    server.send({ id: 'a', result: 1 });
    expect(await first).toBe(1);
  });

  test('that throw fail the call with what they threw as the cause', async () => {
    const cause = new Error('no more');
    const requestIds = {
      [Symbol.iterator]: () => ({
        next: () => {
          throw cause;
        },
      }),
    };
    const server = new PipedServer({ requestIds });
    expect(await errorOf(server.client.request('some/new'))).toMatchObject({
      argument: 'options.requestIds',
      cause,
    });
  });
});
