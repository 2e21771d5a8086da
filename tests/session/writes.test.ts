/** L8: writes keep the order of the calls, wait for the pipe, and fail the client rather than the host. */
import { BackpressureError, ServerClosedError } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { ask, wire } from '../helpers/messages.js';
import { outcomeOf, PipedServer, turn } from '../helpers/piped-server.js';

describe('order', () => {
  test('L8 requests, notifications and answers go out in the order of the calls', async () => {
    const server = new PipedServer();
    const { client } = server;
    server.send(wire(ask(0)), wire(ask(1)), wire(ask(2)));
    const requests = [await client.nextMessage(), await client.nextMessage(), await client.nextMessage()];
    expect(requests.map((request) => request?.kind)).toEqual(['request', 'request', 'request']);
    const expected: unknown[] = [];
    const settling: Promise<unknown>[] = [];
    for (let n = 0; n < 30; n += 1) {
      if (n % 10 < 4) {
        client.request('x/numbered', { n }).catch(() => {});
        expected.push({ method: 'x/numbered', n });
      } else if (n % 10 < 8) {
        settling.push(client.notify('x/note', { n }));
        expected.push({ method: 'x/note', n });
      } else if (n % 10 === 8) {
        settling.push(client.respondById(Math.floor(n / 10), { n }));
        expected.push({ result: { n } });
      } else if (n % 3 === 0) await turn();
    }
    await Promise.all(settling);
    const seen = server.received.map(({ method, params, result }) =>
      method === undefined ? { result } : { method, n: params?.['n'] },
    );
    expect(seen).toEqual(expected);
  });

  test('L8 a write settles only when the pipe has taken it', async () => {
    const server = new PipedServer({ pipeBytes: 16 });
    server.stopReading();
    const first = server.client.notify('x/note', { text: 'x'.repeat(100) });
    const second = server.client.notify('x/note', { text: 'y' });
    const third = turn().then(() => server.client.notify('x/note', { text: 'z' }));
    expect(await outcomeOf(third)).toBe('pending');
    server.readAgain();
    await Promise.all([first, second, third]);
    await server.receivedWhere(({ params }) => params?.['text'] === 'z');
    expect(server.received.map(({ params }) => String(params?.['text'])[0])).toEqual(['x', 'y', 'z']);
  });
});

describe('a server that does not read', () => {
  test('L8 gets one write into its pipe and no more until it reads; nothing is lost or reordered', async () => {
    const server = new PipedServer({ pipeBytes: 1_024 });
    server.stopReading();
    const writes: Promise<void>[] = [];
    let inPipe = 0;
    for (let n = 0; n < 1_000; n += 1) {
      writes.push(server.client.notify('x/note', { n, text: 'x'.repeat(500) }));
      if (n % 10 !== 0) continue;
      await turn();
      if (n >= 20) expect(server.unreadBytes).toBe(inPipe);
      inPipe = server.unreadBytes;
    }
    expect(inPipe).toBeLessThan(20_000);
    server.readAgain();
    await Promise.all(writes);
    await server.receivedWhere(({ params }) => params?.['n'] === 999);
    expect(server.received.map(({ params }) => params?.['n'])).toEqual(writes.map((_, n) => n));
  });

  test('L8 gets nothing of what was given up before the pipe had it, and nothing of that is kept', async () => {
    const server = new PipedServer({ pipeBytes: 1_024 });
    const { client } = server;
    server.stopReading();
    const text = 'x'.repeat(100_000);
    for (let n = 0; n < 2_000; n += 1) {
      const abort = new AbortController();
      const call = client.request('x/y', { n, text }, { signal: abort.signal });
      await turn();
      abort.abort(new Error('enough'));
      await expect(call).rejects.toThrow('enough');
    }
    // The first is in the pipe; what is in a pipe cannot be taken back.
    expect(client.stats().outgoing).toMatchObject({ messages: 1, bytes: expect.closeTo(100_050, -2) });
    expect(client.stats().outgoing.peakBytes).toBeLessThan(300_000);
    expect(client.stats().requests).toMatchObject({ inFlight: 0, waiting: 0 });
    server.readAgain();
    const last = client.request('x/last');
    const { id } = await server.receivedWhere(({ method }) => method === 'x/last');
    server.send({ id, result: 'answered' });
    expect(await last).toBe('answered');
    expect(server.received.map(({ params }) => params?.['n'])).toEqual([0, undefined]);
    expect(client.stats().outgoing).toMatchObject({ messages: 0, bytes: 0 });
  });

  test('L8 gets no turn and no command of a run that was left before the pipe had its request', async () => {
    const server = new PipedServer({ pipeBytes: 16 });
    const { client } = server;
    server.stopReading();
    const note = client.notify('x/note', { text: 'x'.repeat(100) });
    await turn();
    const run = client.turnRun({ threadId: 't', input: 'never' });
    const command = client.commandRun({ command: ['never'] });
    await turn();
    await Promise.all([run.return(), command.return()]);
    await expect(command.result()).rejects.toMatchObject({ name: 'AbortError' });
    server.readAgain();
    await note;
    await client.notify('x/last');
    const started = server.received.filter(
      ({ method }) => method === 'turn/start' || method === 'command/exec',
    );
    expect(started).toEqual([]);
  });

  test('L8 a time limit says of a request that it was not sent', async () => {
    const server = new PipedServer({ pipeBytes: 16 });
    server.stopReading();
    await turn();
    const calls = [1, 2].map(async (n) => {
      if (n === 2) await turn();
      return server.client.request('x/y', { text: 'x'.repeat(100) }, { timeoutMs: 20 });
    });
    await expect(calls[0]).rejects.toThrow('a late answer will be ignored');
    await expect(calls[1]).rejects.toThrow('the server does not read, and it was not sent');
  });

  test('L5 L8 past buffer.maxOutgoingBytes calls are refused, interrupts and answers pass, and it goes on', async () => {
    const server = new PipedServer({ pipeBytes: 16, buffer: { maxOutgoingBytes: 1_000 } });
    const { client } = server;
    server.send(wire(ask(0)));
    const request = await client.nextMessage();
    server.stopReading();
    const text = 'x'.repeat(400);
    const notified = [1, 2, 3].map((n) => client.notify('x/note', { n, text }));
    for (const refused of [client.notify('x/note'), client.request('x/y')]) {
      await expect(refused).rejects.toBeInstanceOf(BackpressureError);
      await expect(refused).rejects.toMatchObject({ missed: 0 });
    }
    const interrupt = client.turnInterrupt({ threadId: 't', turnId: 'u' });
    const answered = client.respondById(request?.kind === 'request' ? request.id : -1, {});
    expect(client.stats().outgoing).toMatchObject({ messages: 5 });
    server.readAgain();
    await Promise.all([...notified, answered]);
    const { id } = await server.receivedWhere(({ method }) => method === 'turn/interrupt');
    server.send({ id, result: {} });
    await interrupt;
    expect(server.received).toHaveLength(5);
    await client.notify('x/note', {});
    expect(client.stats().outgoing).toMatchObject({ messages: 0, bytes: 0 });
  });

  test('L8 L10 a stuck write rejects when the server goes', async () => {
    const server = new PipedServer({ pipeBytes: 16 });
    server.stopReading();
    const first = server.client.notify('x/note', { text: 'x'.repeat(100) });
    const rejections = Promise.allSettled([
      first,
      server.client.notify('x/note'),
      server.client.request('x/y'),
    ]);
    await turn();
    const later = Promise.allSettled([server.client.notify('x/note')]);
    server.end();
    for (const outcome of [...(await rejections).slice(2), ...(await later)])
      expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(ServerClosedError) });
    await expect(server.client.notify('x/note')).rejects.toBeInstanceOf(ServerClosedError);
  });

  test('L5 L8 a write that joins a stuck line while maxBytes is full fails, and still goes out in order', async () => {
    const server = new PipedServer({ pipeBytes: 16, buffer: { maxBytes: 100 } });
    server.client.events();
    server.stopReading();
    const first = server.client.notify('x/note', { n: 0, text: 'x'.repeat(100) });
    const settled = Promise.allSettled([first, server.client.notify('x/note', { n: 1 })]);
    await turn();
    const stuck = Promise.allSettled([server.client.notify('x/note', { n: 2 })]);
    await turn();
    server.send({ method: 'warning', params: { message: 'x'.repeat(200) } });
    expect((await stuck)[0]).toMatchObject({ reason: expect.any(BackpressureError) });
    await expect(server.client.notify('x/note', { n: 3 })).rejects.toBeInstanceOf(BackpressureError);
    await settled;
    server.readAgain();
    await server.receivedWhere(({ params }) => params?.['n'] === 3);
    expect(server.received.map(({ params }) => params?.['n'])).toEqual([0, 1, 2, 3]);
  });
});

describe('a write that fails', () => {
  test('L8 ends the client with the cause, settles everything, and throws nothing at the host', async () => {
    const server = new PipedServer();
    const call = server.client.request('x/y', {});
    const reading = server.client.nextMessage();
    const cause = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
    await turn();
    server.breakStdin(cause);
    const write = server.client.notify('x/note');
    const outcomes = await Promise.allSettled([call, reading, write, server.client.notify('x/note')]);
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(ServerClosedError) });
    const { expected, error } = await server.client.closed;
    expect(expected).toBe(false);
    expect(error).toBeInstanceOf(ServerClosedError);
    expect(error?.cause).toBeInstanceOf(Error);
  });
});
