/** A client over a connection: the same client, with a server that it does not own. */
import { once } from 'node:events';
import { AsyncClient, HandshakeError, ProtocolError, ServerClosedError } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { ask, delta, wire } from '../helpers/messages.js';
import { scriptedCommand } from '../helpers/scripted.js';
import { frame, SocketServer } from '../helpers/socket-server.js';
import { errorOf } from './scripted-client.js';

describe('a connected client', () => {
  test('has done the handshake, and calls and reads', async () => {
    await using server = await SocketServer.start();
    await using client = await AsyncClient.connect(server.target, { experimentalApi: true });
    expect(client.state).toBe('ready');
    expect(client.pid).toBeUndefined();
    expect(client.takeStderr()).toBeUndefined();
    expect(client.serverInfo?.version).toBe('0.169.0');
    const { params } = await server.receivedWhere(({ method }) => method === 'initialize');
    expect(params).toMatchObject({ capabilities: { experimentalApi: true } });
    await server.receivedWhere(({ method }) => method === 'initialized');
    const call = client.request('x/y', { n: 1 });
    const { id } = await server.receivedWhere(({ method }) => method === 'x/y');
    server.send(wire(delta(0)), { id, result: { ok: true } }, wire(ask(0)));
    expect(await call).toEqual({ ok: true });
    expect(await client.nextMessage()).toMatchObject(delta(0));
    expect(await client.nextMessage()).toMatchObject(ask(0));
  });

  test('L13 ends its connection, and never the server: the next one can connect', async () => {
    await using server = await SocketServer.start();
    for (const _ of ['first', 'second']) {
      const client = await AsyncClient.connect(server.target);
      const closed = once(server.socket, 'close');
      await client.shutdown();
      expect((await closed)[0]).toBe(1000);
      expect(await client.closed).toMatchObject({ expected: true, exitCode: null, signal: null });
      expect(client.state).toBe('closed');
    }
    expect(server.sockets.length).toBe(2);
  });

  test('L9 whose connection ends reads what came, and then says why', async () => {
    await using server = await SocketServer.start();
    await using client = await AsyncClient.connect(server.target);
    const call = errorOf(client.request('x/y'));
    await server.receivedWhere(({ method }) => method === 'x/y');
    server.send(wire(delta(0)));
    server.socket.close(1012, 'now');
    const error = await call;
    expect(error).toBeInstanceOf(ServerClosedError);
    expect(error).toMatchObject({ exitCode: null, signal: null, stderrTail: '' });
    expect(String(error)).toContain('(code 1012, it restarts, "now"); connect again to go on');
    expect(await client.nextMessage()).toMatchObject(delta(0));
    expect(await errorOf(client.nextMessage())).toBe(error);
    expect(client.isAlive).toBe(false);
  });

  test('L9 gives whole messages alone, and settles every call, wherever the bytes end', async () => {
    await using server = await SocketServer.start();
    const event = JSON.stringify(wire(delta(0)));
    for (let at = 0; at <= event.length + 40; at += 7) {
      await using client = await AsyncClient.connect(server.target);
      server.received.length = 0;
      const call = client.request('x/y').then(String, String);
      const { id } = await server.receivedWhere(({ method }) => method === 'x/y');
      const answer = JSON.stringify({ id, result: 'done' });
      const bytes = Buffer.concat([frame(event), frame(answer)]);
      server.stream.end(bytes.subarray(0, at));
      const hasAll = at >= bytes.length;
      expect(await call).toMatch(hasAll ? /^done$/ : /^ServerClosedError: .*ended without a word/);
      if (at >= frame(event).length) expect(await client.nextMessage()).toMatchObject(delta(0));
      expect(await errorOf(client.nextMessage())).toBeInstanceOf(ServerClosedError);
    }
  });

  test('L9 whose other end falls silent is told', async () => {
    await using server = await SocketServer.start({ autoPong: false });
    await using client = await AsyncClient.connect(server.target, { pingIntervalMs: 5, pongTimeoutMs: 5 });
    const { error } = await client.closed;
    expect(error?.message).toContain('broke: a ping was not answered within 5 ms');
    expect(error?.cause).toMatchObject({ message: expect.stringContaining('a ping was not answered') });
  });

  test('L18 that gets a message longer than maxLineBytes ends with a ProtocolError', async () => {
    await using server = await SocketServer.start();
    await using client = await AsyncClient.connect(server.target, { maxLineBytes: 1_000 });
    const call = errorOf(client.request('x/y'));
    await server.receivedWhere(({ method }) => method === 'x/y');
    server.send({ method: 'x/z', params: { text: 'x'.repeat(1_000) } });
    expect(await call).toBeInstanceOf(ProtocolError);
    expect((await client.closed).error?.message).toContain('a message that is longer than maxLineBytes');
  });

  test('L5 is never paused, and bounded by maxBytes', async () => {
    await using server = await SocketServer.start();
    const buffer = { highWaterMark: 1, maxBytes: 10_000 };
    await using client = await AsyncClient.connect(server.target, { buffer });
    await using stream = client.events({ threadId: 'thread' }, { maxHeldBytes: 5_000 });
    const first = stream.next();
    for (let n = 0; n < 1_000; n += 1) server.send(wire(delta(n)));
    const call = client.request('x/y');
    const { id } = await server.receivedWhere(({ method }) => method === 'x/y');
    server.send({ id, result: {} });
    await call;
    await first;
    const { held, paused, messages } = client.stats();
    expect(messages.received).toBe(1_000);
    expect(messages.missed).toBeGreaterThan(0);
    // What is too much is given up when it is there.
    expect(held.peakBytes).toBeLessThan(10_000 + 200);
    expect(paused.times).toBe(0);
  });

  test('has the pid and the stderr of its proxy', async () => {
    await using server = await SocketServer.start();
    const [program = '', ...args] = scriptedCommand('socket-proxy', server.socketPath);
    await using client = await AsyncClient.connect({ proxy: [program, ...args] });
    expect(client.pid).toBeGreaterThan(0);
    const lines = client.takeStderr();
    await client.shutdown();
    const read: string[] = [];
    for await (const line of lines ?? ['none']) read.push(line);
    expect(read).toEqual([]);
    expect(await client.closed).toMatchObject({ exitCode: null, expected: true });
  });
});

describe('a handshake that fails', () => {
  test('leaves no connection', async () => {
    await using server = await SocketServer.start({ answersHandshake: false });
    const connecting = errorOf(AsyncClient.connect(server.target));
    const { id } = await server.receivedWhere(({ method }) => method === 'initialize');
    const closed = once(server.socket, 'close');
    server.send({ id, error: { code: -32600, message: 'not today' } });
    expect(await connecting).toMatchObject({ code: 'CODEX_HANDSHAKE' });
    await closed;
  });

  test('because the server went says so', async () => {
    await using server = await SocketServer.start({ answersHandshake: false });
    const connecting = errorOf(AsyncClient.connect(server.target));
    await server.receivedWhere(({ method }) => method === 'initialize');
    server.socket.terminate();
    const error = await connecting;
    expect(error).toBeInstanceOf(HandshakeError);
    expect(String(error)).toContain('ended without a word');
  });

  test('because its signal fired rejects with the reason', async () => {
    await using server = await SocketServer.start({ answersHandshake: false });
    const abort = new AbortController();
    const reason = new Error('never mind');
    expect(await errorOf(AsyncClient.connect(server.target, { signal: AbortSignal.abort(reason) }))).toBe(
      reason,
    );
    const connecting = errorOf(AsyncClient.connect(server.target, { signal: abort.signal }));
    await server.receivedWhere(({ method }) => method === 'initialize');
    const closed = once(server.socket, 'close');
    abort.abort(reason);
    expect(await connecting).toBe(reason);
    await closed;
    expect(server.sockets.length).toBe(1);
  });
});
