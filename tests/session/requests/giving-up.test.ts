/** Calls that end by their time limit or their signal: they harm no other call, wherever they are. */
import { getEventListeners } from 'node:events';
import { RequestTimeoutError } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { errorOf } from '../../client/scripted-client.js';
import { PipedServer } from '../../helpers/piped-server.js';
import { startScripted } from '../../helpers/scripted.js';

describe('a time limit', () => {
  test('a timeout of one call kills the session: it ends its own call only, and its late answer is ignored', async () => {
    await using client = await startScripted('answers-only-pings');
    const patient = client.request('never/answered');
    const error = await errorOf(client.request('never/answered', {}, { timeoutMs: 20 }));
    expect(error).toBeInstanceOf(RequestTimeoutError);
    expect(error).toMatchObject({
      code: 'CODEX_REQUEST_TIMEOUT',
      method: 'never/answered',
      timeoutMs: 20,
      message: expect.stringContaining('20 ms'),
    });
    expect(await client.request('ping')).toBe('pong');
    expect(client.state).toBe('ready');
    expect(await client.request('release')).toBe('released');
    expect(await patient).toBe('late');
    // What came too late settles nothing, and is no message.
    expect(await client.request('ping')).toBe('pong');
    expect(client.stats().messages.received).toBe(0);
    expect(client.isAlive).toBe(true);
  });

  test('is the client’s requestTimeoutMs when the call names none', async () => {
    const server = new PipedServer({ requestTimeoutMs: 20 });
    expect(await errorOf(server.client.request('never/answered'))).toMatchObject({ timeoutMs: 20 });
  });

  test('L7 counts from the call: one that waits in line is never sent, and the next in line goes', async () => {
    const server = new PipedServer({ maxInFlightRequests: 1 });
    const first = server.client.request('x/first', {}, { timeoutMs: 0 });
    const second = errorOf(server.client.request('x/second', {}, { timeoutMs: 20 }));
    const third = server.client.request('x/third', {}, { timeoutMs: 0 });
    expect(await second).toBeInstanceOf(RequestTimeoutError);
    expect(await second).toMatchObject({
      code: 'CODEX_REQUEST_TIMEOUT',
      message: expect.stringContaining('was not sent'),
    });
    expect(server.client.stats().requests).toMatchObject({ waiting: 1, inFlight: 1 });
    server.send({ id: server.received[0]?.id, result: 1 });
    expect(await first).toBe(1);
    const requests = await server.receivedRequests(2);
    expect(requests.map(({ method }) => method)).toEqual(['x/first', 'x/third']);
    server.send({ id: requests[1]?.id, result: 3 });
    expect(await third).toBe(3);
    expect(server.client.stats().requests).toMatchObject({ waiting: 0, inFlight: 0 });
  });

  test('with maxInFlightRequests: 1, requests that are never answered do not close the window', async () => {
    await using client = await startScripted('answers-only-pings', [], { maxInFlightRequests: 1 });
    for (let count = 0; count < 5; count += 1) {
      const error = await errorOf(client.request('never/answered', {}, { timeoutMs: 10 }));
      expect(error).toBeInstanceOf(RequestTimeoutError);
    }
    expect(await client.request('ping')).toBe('pong');
    expect(client.stats().requests).toMatchObject({ inFlight: 0, waiting: 0 });
  });

  test('a late answer cannot settle a later call', async () => {
    const server = new PipedServer();
    await errorOf(server.client.request('some/new', {}, { timeoutMs: 10 }));
    const call = server.client.request('some/new');
    const [late, now] = await server.receivedRequests(2);
    server.send({ id: late?.id, result: 'late' }, { id: now?.id, result: 'now' });
    expect(await call).toBe('now');
  });
});

describe('an abort', () => {
  test('rejects with the signal’s reason, whatever it is, and harms no other call', async () => {
    const server = new PipedServer();
    const other = server.client.request('some/new');
    for (const reason of [new Error('mine'), 'a text', 0, null]) {
      const controller = new AbortController();
      const call = errorOf(server.client.request('some/new', {}, { signal: controller.signal }));
      controller.abort(reason);
      expect(await call).toBe(reason);
    }
    server.send({ id: 1, result: 'mine' });
    expect(await other).toBe('mine');
  });

  test('before the call sends nothing', async () => {
    const server = new PipedServer();
    const reason = new Error('mine');
    expect(await errorOf(server.client.request('a/b', {}, { signal: AbortSignal.abort(reason) }))).toBe(
      reason,
    );
    const call = server.client.request('c/d');
    const [sent] = await server.receivedRequests(1);
    server.send({ id: sent?.id, result: 1 });
    expect(await call).toBe(1);
    expect(server.received.map(({ method }) => method)).toEqual(['c/d']);
  });

  test('L7 in line sends nothing, and the next in line goes', async () => {
    const server = new PipedServer({ maxInFlightRequests: 1 });
    const first = server.client.request('first/one');
    const controller = new AbortController();
    const second = errorOf(server.client.request('second/one', {}, { signal: controller.signal }));
    const third = server.client.request('third/one');
    controller.abort('enough');
    expect(await second).toBe('enough');
    server.send({ id: 1, result: 1 });
    expect(await first).toBe(1);
    await server.receivedRequests(2);
    server.send({ id: 2, result: 3 });
    expect(await third).toBe(3);
    expect(server.received.map(({ method }) => method)).toEqual(['first/one', 'third/one']);
  });

  test('after the answer changes nothing', async () => {
    const server = new PipedServer();
    const controller = new AbortController();
    const call = server.client.request('some/new', {}, { signal: controller.signal });
    server.send({ id: 1, result: 'done' });
    expect(await call).toBe('done');
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
    controller.abort();
    expect(server.client.stats().requests.inFlight).toBe(0);
  });

  test('L7 of many calls by one signal empties the line at once and leaves no listener behind', async () => {
    const server = new PipedServer();
    const controller = new AbortController();
    const { signal } = controller;
    const calls = Array.from({ length: 1_000 }, () => errorOf(server.client.request('a/b', {}, { signal })));
    expect(server.client.stats().requests).toMatchObject({ inFlight: 64, waiting: 936 });
    expect(getEventListeners(signal, 'abort')).not.toEqual([]);
    controller.abort('enough');
    expect(server.client.stats().requests).toMatchObject({ inFlight: 0, waiting: 0 });
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['enough']));
    await server.quiet();
    expect(server.received.length).toBeLessThanOrEqual(64);
  });
});
