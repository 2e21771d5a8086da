/** A watch against a server that the test plays. */
import { describe, expect, test } from 'vitest';
import { PipedServer } from '../helpers/piped-server.js';

function changed(watchId: string, path: string): object {
  return { method: 'fs/changed', params: { watchId, changedPaths: [path] } };
}

async function started() {
  const server = new PipedServer();
  const changes = server.client.fileWatch({ path: '/x' });
  const request = await server.receivedWhere(({ method }) => method === 'fs/watch');
  return { server, changes, request };
}

describe('fileWatch', () => {
  test('L1 takes a change that comes before the answer, and only its own', async () => {
    const { server, changes, request } = await started();
    expect(request.params).toEqual({ path: '/x', watchId: changes.watchId });
    server.send(changed('other', '/y'), changed(changes.watchId, '/x/1'), {
      id: request.id,
      result: { path: '/x' },
    });
    await changes.ready;
    expect((await changes.next()).value?.changedPaths).toEqual(['/x/1']);
    expect((await server.client.nextMessage())?.method).toBe('fs/changed');
  });

  test('L11 closing ends the waiting loop and drops what comes until the server has unwatched', async () => {
    const { server, changes, request } = await started();
    server.send({ id: request.id, result: { path: '/x' } });
    await changes.ready;
    const next = changes.next();
    const closed = Promise.all([changes.close(), changes[Symbol.asyncDispose]()]);
    const unwatch = await server.receivedWhere(({ method }) => method === 'fs/unwatch');
    expect(unwatch.params).toEqual({ watchId: changes.watchId });
    server.send(changed(changes.watchId, '/x/late'), { id: unwatch.id, result: {} });
    await closed;
    expect(await next).toEqual({ done: true, value: undefined });
    expect(server.client.stats().held.messages).toBe(0);
    expect(server.received).toHaveLength(2);
  });

  test('a watch that is not answered in time is given up, and unwatched', async () => {
    const server = new PipedServer();
    const changes = server.client.fileWatch({ path: '/x' }, { timeoutMs: 1 });
    await expect(changes.next()).rejects.toMatchObject({ code: 'CODEX_REQUEST_TIMEOUT' });
    await expect(changes.ready).rejects.toMatchObject({ code: 'CODEX_REQUEST_TIMEOUT' });
    await server.receivedWhere(({ method }) => method === 'fs/unwatch');
  });

  test('L9 a shutdown fails the loop after what was received', async () => {
    const { server, changes, request } = await started();
    server.send({ id: request.id, result: { path: '/x' } }, changed(changes.watchId, '/x/1'));
    await changes.ready;
    await server.client.shutdown();
    expect((await changes.next()).value?.changedPaths).toEqual(['/x/1']);
    await expect(changes.next()).rejects.toMatchObject({ code: 'CODEX_SERVER_CLOSED' });
  });

  test('L20 refuses bad params and sends nothing', async () => {
    const server = new PipedServer();
    const invalid = expect.objectContaining({ code: 'CODEX_INVALID_ARGUMENT' });
    expect(() => server.client.fileWatch({ path: '' })).toThrow(invalid);
    expect(() => server.client.fileWatch({ path: undefined as never })).toThrow(invalid);
    expect(() => server.client.fileWatch({ path: '/x' }, { recursive: true } as never)).toThrow(invalid);
    expect(server.received).toEqual([]);
  });
});
