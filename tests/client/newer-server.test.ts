/** A server that is newer than the types: what it sends that nobody here knows passes through unharmed. */
import type { UnknownMessage } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { PipedServer } from '../helpers/piped-server.js';
import { startScripted } from '../helpers/scripted.js';
import { errorOf } from './scripted-client.js';

describe('a newer server', () => {
  test('its unknown notifications are delivered, in order, whatever their params', async () => {
    const server = new PipedServer();
    const params: unknown[] = [{ a: 1 }, null, [1, 2], 'text', 0, { thread: null, turn: 5, threadId: {} }];
    server.send(...params.map((value) => ({ method: 'future/thing', params: value })), {
      method: 'future/thing',
    });
    const stream = server.client.events();
    for (const expected of [...params, undefined]) {
      const { value } = await stream.next();
      expect(value).toEqual({ kind: 'notification', method: 'future/thing', params: expected });
    }
  });

  test('its unknown requests are delivered and can be answered and refused', async () => {
    await using client = await startScripted('asks-the-client');
    await client.notify('ask', { id: 0, method: 'future/question', params: { size: 3 } });
    await client.notify('ask', { id: 'q', method: 'future/question', params: {} });
    const first: UnknownMessage | undefined = await client.nextMessage();
    const second = await client.nextMessage();
    expect(first).toEqual({ kind: 'request', id: 0, method: 'future/question', params: { size: 3 } });
    if (first?.id === undefined || second?.kind !== 'request') throw new Error('they are requests');
    await client.respond(first.id, { big: true });
    await client.respondError(second, -32601, 'not here', { since: 'v1' });
    expect(await client.request('answers')).toEqual([
      { id: 0, result: { big: true } },
      { id: 'q', error: { code: -32601, message: 'not here', data: { since: 'v1' } } },
    ]);
  });

  test('a known notification with other params than the types say harms nobody', async () => {
    const server = new PipedServer();
    const strange: object[] = [
      { method: 'serverRequest/resolved' },
      { method: 'serverRequest/resolved', params: null },
      { method: 'serverRequest/resolved', params: { requestId: {} } },
      { method: 'turn/completed', params: null },
      { method: 'thread/status/changed', params: [] },
    ];
    server.send(...strange, { method: 'future/thing', params: {} });
    const filtered = server.client.events({ threadId: 'x' });
    for (const message of strange) expect(await server.client.nextMessage()).toMatchObject(message);
    expect(await server.client.nextMessage()).toMatchObject({ method: 'future/thing' });
    await filtered.return();
    expect(server.client.isAlive).toBe(true);
  });

  test('a filter can name methods that the types do not know', async () => {
    const server = new PipedServer();
    const methods = ['future/thing'] as string[] as 'turn/started'[];
    const stream = server.client.events({ methods });
    server.send({ method: 'other/thing', params: {} }, { method: 'future/thing', params: {} });
    expect(await stream.next()).toMatchObject({ value: { method: 'future/thing' } });
    expect(await server.client.nextMessage()).toMatchObject({ method: 'other/thing' });
  });

  test('its methods can be asked for before they are used', async () => {
    const userAgent = 'codex-async-client/0.999.0 (newer)';
    const server = new PipedServer();
    const initializing = server.client.initialize();
    await server.receivedRequests(1);
    server.send({ id: 1, result: { userAgent } });
    await initializing;
    const answers = ['future/thing', 'thread/start', 'thread/gone'].map((method) =>
      server.client.supports(method),
    );
    const [, asked] = await server.receivedRequests(2);
    const message = `Invalid request: unknown variant \`${asked?.method}\`, expected one of \`thread/start\`, \`future/thing\``;
    server.send({ id: 2, error: { code: -32600, message } });
    expect(await Promise.all(answers)).toEqual([true, true, false]);
    expect(await server.client.supports('turn/start')).toBe(false);
    expect(server.received.filter(({ id }) => id !== undefined)).toHaveLength(2);
  });

  test('supports() that could not ask says why, and asks again the next time', async () => {
    const server = new PipedServer({ requestTimeoutMs: 20 });
    expect(await errorOf(server.client.supports('thread/start'))).toMatchObject({
      code: 'CODEX_REQUEST_TIMEOUT',
    });
    const again = server.client.supports('thread/start');
    const [, asked] = await server.receivedRequests(2);
    server.send({ id: asked?.id, error: { code: -32601, message: 'no such method' } });
    expect(await again).toBe(true);
  });
});
