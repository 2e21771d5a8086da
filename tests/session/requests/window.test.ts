/** L7: the window of requests, against a server in this process, a scripted one, and the real one. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AsyncClient, BackpressureError, OverloadedError, RequestTimeoutError } from 'codex-async-client';
import { describe, expect, onTestFinished, test } from 'vitest';
import { microtasks, outcomeOf, PipedServer, turn } from '../../helpers/piped-server.js';
import { startScripted } from '../../helpers/scripted.js';

/** Requests whose place in the line is in their params. */
function callMany(client: AsyncClient, count: number, signal?: AbortSignal) {
  return Array.from({ length: count }, (_, n) => {
    const call = client.request('x/numbered', { n }, { signal, timeoutMs: 0 });
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
    const server = new PipedServer({ maxInFlightRequests: 2 });
    const running = Array.from({ length: 100 }, () =>
      server.client.commandExec({ command: ['sleep', '1000'] }),
    );
    const others = callMany(server.client, 3);
    const received = await server.receivedRequests(102);
    expect(received.filter(({ method }) => method === 'command/exec')).toHaveLength(100);
    expect(server.client.stats().requests).toMatchObject({ waiting: 1, inFlight: 102 });
    server.send(...received.map(({ id }) => ({ id, result: {} })));
    await Promise.all([...running, ...others.slice(0, 2)]);
    expect(await outcomeOf(others[2] ?? Promise.reject())).toBe('pending');
  });
});

describe('overload', () => {
  test('L7 a request that is turned away is sent again, and the caller notices nothing', async () => {
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
    const server = new PipedServer();
    const call = server.client.request('thread/loaded/list', {}, { timeoutMs: 400 });
    const refuseAll = async () => {
      for (let attempt = 1; (await outcomeOf(call)) === 'pending'; attempt += 1) {
        const requests = await Promise.race([server.receivedRequests(attempt), call]).catch(() => undefined);
        if (!Array.isArray(requests)) return;
        server.send({ id: requests.at(-1)?.id, error: { code: -32001, message: 'Server overloaded' } });
      }
    };
    await refuseAll();
    await expect(call).rejects.toBeInstanceOf(OverloadedError);
    await expect(call).rejects.toMatchObject({ method: 'thread/loaded/list', cause: { rpcCode: -32001 } });
    expect(server.client.stats().requests).toMatchObject({ inFlight: 0, waiting: 0 });
  });
});

describe('giving up', () => {
  test('L7 a timeout counts from the call: a request in line times out and is never sent', async () => {
    const server = new PipedServer({ maxInFlightRequests: 1 });
    const first = server.client.request('x/first', {}, { timeoutMs: 0 });
    const second = server.client.request('x/second', {}, { timeoutMs: 20 });
    const third = server.client.request('x/third', {}, { timeoutMs: 0 });
    await expect(second).rejects.toBeInstanceOf(RequestTimeoutError);
    expect(server.client.stats().requests).toMatchObject({ waiting: 1, inFlight: 1 });
    server.send({ id: server.received[0]?.id, result: 1 });
    expect(await first).toBe(1);
    const requests = await server.receivedRequests(2);
    expect(requests.map(({ method }) => method)).toEqual(['x/first', 'x/third']);
    server.send({ id: requests[1]?.id, result: 3 });
    expect(await third).toBe(3);
  });

  test('L7 an abort empties the line at once', async () => {
    const server = new PipedServer();
    const controller = new AbortController();
    const calls = callMany(server.client, 1_000, controller.signal);
    expect(server.client.stats().requests).toMatchObject({ inFlight: 64, waiting: 936 });
    controller.abort();
    expect(server.client.stats().requests).toMatchObject({ inFlight: 0, waiting: 0 });
    for (const outcome of await Promise.allSettled(calls)) expect(outcome.status).toBe('rejected');
    await microtasks(10);
    expect(server.received.length).toBeLessThanOrEqual(64);
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
});

describe('the real server', () => {
  async function startCodex(): Promise<AsyncClient> {
    const codexHome = await mkdtemp(join(tmpdir(), 'codex-window-'));
    onTestFinished(() => rm(codexHome, { recursive: true, force: true, maxRetries: 5 }));
    const client = await AsyncClient.start({ codexHome });
    onTestFinished(() => client.shutdown());
    return client;
  }

  test('L7 answers 20,000 requests made at once: none is lost, none is overloaded', async () => {
    const client = await startCodex();
    const calls = Array.from({ length: 20_000 }, () => client.threadLoadedList({}, { timeoutMs: 0 }));
    for (const { data } of await Promise.all(calls)) expect(data).toEqual([]);
    expect(client.stats().requests).toMatchObject({ inFlight: 0, waiting: 0 });
  });

  test('L7 runs 300 commands at once and goes on answering others meanwhile', async () => {
    const client = await startCodex();
    const command = ['sh', '-c', 'sleep 1; echo done'];
    const running = Array.from({ length: 300 }, () => client.commandExec({ command }));
    // They are sent a window at a time, beside the window of the others; what the server turns away all the same is retried.
    expect(client.stats().requests).toMatchObject({ inFlight: 64, waiting: 236 });
    let finished = 0;
    for (const run of running)
      run.then(
        () => (finished += 1),
        () => {},
      );
    expect((await client.threadLoadedList({})).data).toEqual([]);
    const finishedMeanwhile = finished;
    for (const { exitCode, stdout } of await Promise.all(running)) {
      expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: 'done\n' });
    }
    expect(finishedMeanwhile).toBeLessThan(300);
    expect(client.stats().requests).toMatchObject({ inFlight: 0, waiting: 0 });
  });
});
