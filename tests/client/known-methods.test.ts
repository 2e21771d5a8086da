/** Which methods a server knows, also one that is newer than the types. */
import { describe, expect, test } from 'vitest';
import { PipedServer } from '../helpers/piped-server.js';
import { errorOf } from './scripted-client.js';

describe('supports()', () => {
  test('asks a server that is newer than the types once, before its methods are used', async () => {
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

  test('that could not ask says why, and asks again the next time', async () => {
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
