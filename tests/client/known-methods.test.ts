/** Which methods a server knows, also one that is newer than the types. */
import { describe, expect, test } from 'vitest';
import { PROTOCOL_VERSION } from '../../src/protocol/generated.js';
import { PipedServer } from '../helpers/piped-server.js';
import { errorOf } from './scripted-client.js';

/** A client whose server has said its version. */
async function serverOfVersion(version: string): Promise<PipedServer> {
  const server = new PipedServer();
  const initializing = server.client.initialize();
  await server.receivedRequests(1);
  server.send({ id: 1, result: { userAgent: `codex-async-client/${version}` } });
  await initializing;
  return server;
}

describe('supports()', () => {
  test('asks nobody about a server of the version of the types', async () => {
    const server = await serverOfVersion(PROTOCOL_VERSION);
    expect(await server.client.supports('thread/start')).toBe(true);
    expect(await server.client.supports('thread/gone')).toBe(false);
    expect(server.received.map(({ method }) => method)).toEqual(['initialize', 'initialized']);
  });

  test.each<[string, (method: string) => object]>([
    ['answers', () => ({ result: {} })],
    [
      'refuses it without a list',
      (method) => ({ error: { code: 1, message: `unknown variant \`${method}\`` } }),
    ],
    ['refuses something else', () => ({ error: { code: 1, message: 'not `now`, only `later`' } })],
  ])('goes by the table when another server %s', async (_, answerTo) => {
    const server = await serverOfVersion('0.999.0');
    const answers = ['thread/start', 'now', 'later', 'thread/gone'].map((method) =>
      server.client.supports(method),
    );
    const [, asked] = await server.receivedRequests(2);
    server.send({ id: asked?.id, ...answerTo(`${asked?.method}`) });
    expect(await Promise.all(answers)).toEqual([true, false, false, false]);
  });

  test('takes a list of one method for a list', async () => {
    const server = await serverOfVersion('0.999.0');
    const answers = [server.client.supports('x/y'), server.client.supports('thread/start')];
    const [, asked] = await server.receivedRequests(2);
    expect(asked?.method).toBe('codex-async-client/unknown');
    const message = `unknown variant \`${asked?.method}\`, expected \`x/y\``;
    server.send({ id: asked?.id, error: { code: 1, message } });
    expect(await Promise.all(answers)).toEqual([true, false]);
    expect(await server.client.supports(', expected ')).toBe(false);
    expect(await server.client.supports('codex-async-client/unknown')).toBe(false);
  });

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
