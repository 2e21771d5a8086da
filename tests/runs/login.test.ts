/** A login against a server that the test plays. */
import { describe, expect, expectTypeOf, test } from 'vitest';
import type { login } from '../../src/runs/login.js';
import { PipedServer } from '../helpers/piped-server.js';

function completed(loginId: string | null, success = true): object {
  const params = { loginId, success, error: success ? null : 'no luck', onboardingEntrypoint: null };
  return { method: 'account/login/completed', params };
}

const BROWSER = { type: 'chatgpt', loginId: 'ours', authUrl: 'http://127.0.0.1/login' };

/** A browser login that was answered, after some other messages. */
async function answered(before: readonly object[] = [], buffer: object = {}) {
  const server = new PipedServer({ buffer });
  const starting = server.client.login({ type: 'chatgpt' });
  const { id } = await server.receivedWhere(({ method }) => method === 'account/login/start');
  server.send(...before, { id, result: BROWSER });
  return { server, browser: await starting };
}

describe('login', () => {
  test('is completed even if the completion came before the answer, and leaves it to the streams', async () => {
    const { server, browser } = await answered([completed('other', false), completed('ours')]);
    expect(await browser.completed()).toMatchObject({ loginId: 'ours', success: true });
    expect(await browser.completed()).toMatchObject({ loginId: 'ours' });
    for (const loginId of ['other', 'ours'])
      expect(await server.client.nextMessage()).toMatchObject({ params: { loginId } });
    await browser[Symbol.asyncDispose]();
    expect(server.received).toHaveLength(1);
  });

  test('waits for its own completion, and says why it failed', async () => {
    const { server, browser } = await answered();
    const waiting = browser.completed();
    server.send(completed('other'), completed('ours', false));
    await expect(waiting).rejects.toThrow(/no luck/);
  });

  test('gives up waiting when the time is up or the signal fires, and can wait again', async () => {
    const { server, browser } = await answered();
    await expect(browser.completed({ timeoutMs: 1 })).rejects.toMatchObject({
      code: 'CODEX_REQUEST_TIMEOUT',
    });
    const reason = new Error('enough');
    await expect(browser.completed({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const controller = new AbortController();
    const waiting = browser.completed({ signal: controller.signal });
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    server.send(completed('ours'));
    expect((await browser.completed()).success).toBe(true);
  });

  test('L3 a wait for it that gave up is no demand any more', async () => {
    const { server, browser } = await answered([], { highWaterMark: 2 });
    await expect(browser.completed({ timeoutMs: 1 })).rejects.toMatchObject({
      code: 'CODEX_REQUEST_TIMEOUT',
    });
    await expect(browser.completed({ signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError',
    });
    for (let n = 0; n < 4; n += 1) {
      server.send({ method: 'x/y', params: {} });
      await server.quiet();
    }
    expect(server.client.stats()).toMatchObject({ held: { messages: 2 }, paused: { now: true } });
  });

  test('is cancelled at the end of its scope while it is pending', async () => {
    const { server, browser } = await answered();
    const disposed = browser[Symbol.asyncDispose]();
    const cancel = await server.receivedWhere(({ method }) => method === 'account/login/cancel');
    expect(cancel.params).toEqual({ loginId: 'ours' });
    server.send({ id: cancel.id, result: { status: 'canceled' } });
    await disposed;
  });

  test('L10 rejects the wait when the server goes or the client is shut down', async () => {
    for (const end of [(s: PipedServer) => s.end(), (s: PipedServer) => void s.client.shutdown()]) {
      const { server, browser } = await answered();
      const waiting = browser.completed();
      end(server);
      await expect(waiting).rejects.toMatchObject({ code: 'CODEX_SERVER_CLOSED' });
      await browser[Symbol.asyncDispose]();
    }
  });

  test('L20 refuses bad params and options and sends nothing', async () => {
    const server = new PipedServer();
    const invalid = { code: 'CODEX_INVALID_ARGUMENT' };
    for (const params of [undefined, 'chatgpt', {}, { type: 5 }])
      await expect(server.client.login(params as never)).rejects.toMatchObject(invalid);
    expect(server.received).toEqual([]);
    const { browser } = await answered();
    await expect(browser.completed({ timeoutMs: -1 })).rejects.toMatchObject(invalid);
  });

  test('has a type in which what a kind of login says is certain', () => {
    type Started<P extends { type: 'chatgpt' | 'chatgptDeviceCode' } | { type: 'apiKey'; apiKey: string }> =
      Awaited<ReturnType<typeof login<P>>>;
    expectTypeOf<Started<{ type: 'chatgpt' }>['authUrl']>().toEqualTypeOf<string>();
    expectTypeOf<Started<{ type: 'chatgptDeviceCode' }>['userCode']>().toEqualTypeOf<string>();
    expectTypeOf<Started<{ type: 'apiKey'; apiKey: string }>['authUrl']>().toEqualTypeOf<
      string | undefined
    >();
  });
});
