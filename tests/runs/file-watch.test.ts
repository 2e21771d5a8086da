/** A watch against a server that the test plays. */
import { getEventListeners } from 'node:events';
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

  test('an abort fails the loop with its reason, unwatches, and takes the listener off the signal', async () => {
    const server = new PipedServer();
    const abort = new AbortController();
    const changes = server.client.fileWatch({ path: '/x' }, { signal: abort.signal });
    const request = await server.receivedWhere(({ method }) => method === 'fs/watch');
    server.send({ id: request.id, result: { path: '/x' } });
    await changes.ready;
    const next = changes.next();
    const reason = new Error('enough');
    abort.abort(reason);
    await expect(next).rejects.toBe(reason);
    const unwatch = await server.receivedWhere(({ method }) => method === 'fs/unwatch');
    expect(unwatch.params).toEqual({ watchId: changes.watchId });
    expect(getEventListeners(abort.signal, 'abort')).toHaveLength(0);
  });

  test('closing takes the listener off the signal, which then changes nothing', async () => {
    const server = new PipedServer();
    const abort = new AbortController();
    const changes = server.client.fileWatch({ path: '/x' }, { signal: abort.signal });
    await changes.return();
    expect(getEventListeners(abort.signal, 'abort')).toHaveLength(0);
    await expect(changes.ready).rejects.toMatchObject({
      name: 'AbortError',
      message: 'the watch was closed before it began',
    });
  });

  test('a command that goes by the name of a watch gets its own output', async () => {
    const { server, changes } = await started();
    const command = server.client.commandRun({ command: ['x'], processId: changes.watchId });
    await server.receivedWhere(({ method }) => method === 'command/exec');
    const output = { stream: 'stdout', deltaBase64: 'AAAA', capReached: false };
    server.send({
      method: 'command/exec/outputDelta',
      params: { processId: changes.watchId, ...output },
    });
    expect((await command.next()).value?.chunk).toHaveLength(3);
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

  test('L9 what came before the server went is read first, also when the watch was never answered', async () => {
    const { server, changes } = await started();
    server.send(changed(changes.watchId, '/x/1'));
    await server.quiet();
    server.end();
    await expect(changes.ready).rejects.toMatchObject({ code: 'CODEX_SERVER_CLOSED' });
    expect((await changes.next()).value?.changedPaths).toEqual(['/x/1']);
    await expect(changes.next()).rejects.toMatchObject({ code: 'CODEX_SERVER_CLOSED' });
  });

  test('L20 refuses bad params and sends nothing', async () => {
    const server = new PipedServer();
    const invalid = expect.objectContaining({ code: 'CODEX_INVALID_ARGUMENT' });
    expect(() => server.client.fileWatch({ path: '' })).toThrow(invalid);
    expect(() => server.client.fileWatch({ path: undefined as never })).toThrow(
      /^params\.path: expected an absolute path/,
    );
    expect(() => server.client.fileWatch('/x' as never)).toThrow(/^params: expected an object with path/);
    expect(() => server.client.fileWatch({ path: '/x', recursive: true } as never)).toThrow(
      /^params.recursive: unknown name; known names: path/,
    );
    expect(() => server.client.fileWatch({ path: '/x' }, { recursive: true } as never)).toThrow(invalid);
    expect(server.received).toEqual([]);
  });
});
