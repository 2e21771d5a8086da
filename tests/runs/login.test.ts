/** A login against a server that the test plays. */
import { getEventListeners } from 'node:events';
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
    await expect(waiting).rejects.toMatchObject({
      code: 'CODEX_RPC',
      message: expect.stringContaining('the login was not completed: no luck'),
      method: 'account/login/completed',
      rpcCode: -32000,
      data: { loginId: 'ours', success: false, error: 'no luck' },
    });
  });

  test('says that the server gave no reason when it failed without one', async () => {
    const { server, browser } = await answered();
    server.send({
      method: 'account/login/completed',
      params: { loginId: 'ours', success: false, error: null },
    });
    await expect(browser.completed()).rejects.toThrow('not completed: the server gave no reason');
  });

  test.each([
    ['chatgpt', BROWSER, BROWSER],
    [
      'chatgptDeviceCode',
      { type: 'chatgptDeviceCode', loginId: 'd', verificationUrl: 'https://x/device', userCode: 'AB-CD' },
      { loginId: 'd', verificationUrl: 'https://x/device', userCode: 'AB-CD' },
    ],
    ['apiKey', { type: 'apiKey' }, { type: 'apiKey', loginId: undefined }],
  ])('with %s has the members that the server gave', async (type, answer, members) => {
    const server = new PipedServer();
    const starting = server.client.login({ type, apiKey: 'k' } as never);
    const { id } = await server.receivedWhere(({ method }) => method === 'account/login/start');
    server.send({ id, result: answer });
    expect(await starting).toMatchObject(members);
  });

  test('with a key has no id: its completion has none, and there is nothing to cancel', async () => {
    const server = new PipedServer();
    const starting = server.client.login({ type: 'apiKey', apiKey: 'k' });
    const { id } = await server.receivedWhere(({ method }) => method === 'account/login/start');
    server.send({ id, result: { type: 'apiKey' } });
    const withKey = await starting;
    const waiting = withKey.completed();
    expect(await withKey.cancel()).toBe('notFound');
    const outcome = expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
    await withKey[Symbol.asyncDispose]();
    await server.quiet();
    expect(server.received).toHaveLength(1);
    await outcome;
  });

  test('L10 that is let go of is waited for no more, neither by who waits nor by who asks later', async () => {
    const { server, browser } = await answered();
    const waiting = expect(browser.completed()).rejects.toMatchObject({ name: 'AbortError' });
    await browser[Symbol.asyncDispose]();
    await waiting;
    await expect(browser.completed()).rejects.toThrow('the login was let go of before it was completed');
    const cancel = await server.receivedWhere(({ method }) => method === 'account/login/cancel');
    server.send({ id: cancel.id, result: { status: 'canceled' } }, completed('ours', false));
    await server.quiet();
  });

  test('with a key is completed by the completion without an id', async () => {
    const server = new PipedServer();
    const starting = server.client.login({ type: 'apiKey', apiKey: 'k' });
    const { id } = await server.receivedWhere(({ method }) => method === 'account/login/start');
    server.send({ id, result: { type: 'apiKey' } }, completed('other'), completed(null));
    expect(await (await starting).completed()).toMatchObject({ loginId: null, success: true });
  });

  test('cancel() sends its id and settles with what the server says', async () => {
    const { server, browser } = await answered();
    const cancelled = browser.cancel();
    const cancel = await server.receivedWhere(({ method }) => method === 'account/login/cancel');
    expect(cancel.params).toEqual({ loginId: 'ours' });
    server.send({ id: cancel.id, result: { status: 'canceled' } });
    expect(await cancelled).toBe('canceled');
  });

  test('L5 a wait that fails for want of room leaves nothing at its signal, and the login goes on', async () => {
    const { server, browser } = await answered([], { maxBytes: 2_000 });
    const main = server.client.events();
    const abort = new AbortController();
    const waiting = browser.completed({ signal: abort.signal });
    const failed = expect(waiting).rejects.toMatchObject({ code: 'CODEX_BACKPRESSURE' });
    server.send({ method: 'x/large', params: { text: 'x'.repeat(3_000) } });
    await failed;
    expect(getEventListeners(abort.signal, 'abort')).toHaveLength(0);
    await main.next();
    server.send(completed('ours'));
    expect((await browser.completed()).success).toBe(true);
  });

  test('gives up waiting when the time is up or the signal fires, and can wait again', async () => {
    const { server, browser } = await answered();
    await expect(browser.completed({ timeoutMs: 1 })).rejects.toMatchObject({
      code: 'CODEX_REQUEST_TIMEOUT',
      message: expect.stringContaining('not completed within 1 ms; it goes on'),
      method: 'account/login/completed',
      timeoutMs: 1,
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
    await browser[Symbol.asyncDispose]();
    expect(server.received).toHaveLength(2);
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
    for (const params of [undefined, 'chatgpt'])
      await expect(server.client.login(params as never)).rejects.toThrow(
        /^params: expected an object with type/,
      );
    for (const params of [{}, { type: 5 }])
      await expect(server.client.login(params as never)).rejects.toThrow(
        /^params\.type: expected a kind of login/,
      );
    expect(server.received).toEqual([]);
    const { browser } = await answered();
    await expect(browser.completed({ timeoutMs: -1 })).rejects.toThrow(/^options\.timeoutMs: expected/);
    await expect(browser.completed({ signal: {} } as never)).rejects.toThrow(/^options\.signal: expected/);
    await expect(browser.completed({ timeout: 1 } as never)).rejects.toThrow(
      /^options.timeout: unknown name/,
    );
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
