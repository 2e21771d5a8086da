/** The window of requests, as a server sees it: what it has unanswered, in which order, and what becomes of overload. */
import { type AsyncClient, BackpressureError, OverloadedError } from 'codex-async-client';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { outcomeOf, PipedServer, turn } from '../../helpers/piped-server.js';
import { startScripted } from '../../helpers/scripted.js';

afterEach(() => {
  vi.useRealTimers();
});

/** Requests whose place in the line is in their params. */
function callMany(client: AsyncClient, count: number) {
  return Array.from({ length: count }, (_, n) => {
    const call = client.request('x/numbered', { n }, { timeoutMs: 0 });
    call.catch(() => {});
    return call;
  });
}

describe('the window', () => {
  test('L7 the server never has more than 64 unanswered requests, and gets them in the order of the calls', async () => {
    await using client = await startScripted('count-unanswered');
    const answers = await Promise.all(callMany(client, 2_000));
    const places = answers.map((answer) => Reflect.get(Object(answer), 'place'));
    expect(places).toEqual(places.map((_, n) => n));
    expect(Math.max(...answers.map((answer) => Number(Reflect.get(Object(answer), 'most'))))).toBe(64);
    expect(client.stats().requests).toMatchObject({ inFlight: 0, waiting: 0, retried: 0 });
  });

  test('L7 every answer lets one more go, first come, first served', async () => {
    const server = new PipedServer({ maxInFlightRequests: 3 });
    callMany(server.client, 10);
    await turn();
    for (let answered = 0; answered < 10; answered += 1) {
      await server.quiet();
      const ns = server.received.map(({ params }) => params?.['n']);
      expect(ns).toEqual(ns.map((_, n) => n));
      expect(ns).toHaveLength(Math.min(10, 3 + answered));
      expect(server.client.stats().requests).toMatchObject({ waiting: Math.max(0, 7 - answered) });
      server.send({ id: server.received[answered]?.id, result: {} });
    }
  });

  test('L7 methods that answer when outside work ends take no place', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const server = new PipedServer({ maxInFlightRequests: 2 });
    const running = Array.from({ length: 100 }, () =>
      server.client.commandExec({ command: ['sleep', '1000'] }),
    );
    const others = callMany(server.client, 3);
    await server.receivedRequests(66);
    expect(server.client.stats().requests).toMatchObject({ waiting: 37, inFlight: 66 });
    // A server that says nothing has taken what it was sent a while ago.
    vi.advanceTimersByTime(1_000);
    const received = await server.receivedRequests(102);
    expect(received.filter(({ method }) => method === 'command/exec')).toHaveLength(100);
    expect(server.client.stats().requests).toMatchObject({ waiting: 1, inFlight: 102 });
    server.send(...received.map(({ id }) => ({ id, result: {} })));
    await Promise.all([...running, ...others.slice(0, 2)]);
    expect(await outcomeOf(others[2] ?? Promise.reject())).toBe('pending');
  });
});

describe('overload', () => {
  test('L7 overload loses requests that should be retried later: they are sent again, and the caller notices nothing', async () => {
    const server = new PipedServer();
    const call = server.client.request('thread/loaded/list', {});
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      const requests = await server.receivedRequests(attempt);
      server.send({ id: requests.at(-1)?.id, error: { code: -32001, message: 'Server overloaded' } });
    }
    const requests = await server.receivedRequests(4);
    server.send({ id: requests.at(-1)?.id, result: { data: [] } });
    expect(await call).toEqual({ data: [] });
    expect(server.client.stats().requests.retried).toBe(3);
  });

  test('L7 it rejects with OverloadedError, the cause attached, once the time limit leaves no room for a retry', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const server = new PipedServer();
    const call = server.client.request('thread/loaded/list', {}, { timeoutMs: 400 });
    for (let attempt = 1; (await outcomeOf(call)) === 'pending'; attempt += 1) {
      const requests = await server.receivedRequests(attempt);
      server.send({ id: requests.at(-1)?.id, error: { code: -32001, message: 'Server overloaded' } });
      await server.quiet();
      // The pause before a retry at most, and no time while that is on its way; when none fits into the limit, the call is over.
      while (server.client.stats().requests.inFlight === 0 && (await outcomeOf(call)) === 'pending')
        vi.advanceTimersByTime(1);
    }
    await expect(call).rejects.toBeInstanceOf(OverloadedError);
    await expect(call).rejects.toMatchObject({ method: 'thread/loaded/list', cause: { rpcCode: -32001 } });
    expect(server.received.length).toBeGreaterThan(1);
    expect(server.client.stats().requests).toMatchObject({ inFlight: 0, waiting: 0 });
  });
});

test('L7 requests that BackpressureError gave up leave room for new ones', async () => {
  const server = new PipedServer({ maxInFlightRequests: 1, buffer: { maxBytes: 100 } });
  const stream = server.client.events();
  for (let round = 0; round < 5; round += 1) {
    const call = server.client.request('x/y', {});
    await server.receivedRequests(round + 1);
    server.send({ method: 'warning', params: { message: 'x'.repeat(200) } });
    await expect(call).rejects.toBeInstanceOf(BackpressureError);
    await stream.next();
  }
});
