/** Logins on the real server, against an issuer on the loopback address. Nothing here needs an account. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AsyncClient, type ServerMessage } from 'codex-async-client';
import { LocalModelProvider } from 'codex-async-client/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

let issuer: Server;
let provider: LocalModelProvider;
let client: AsyncClient;

beforeAll(async () => {
  issuer = await startIssuer();
  provider = await LocalModelProvider.start();
  const { port } = issuer.address() as AddressInfo;
  const env = { ...provider.options.env, CODEX_APP_SERVER_LOGIN_ISSUER: `http://127.0.0.1:${port}` };
  client = await AsyncClient.start({ ...provider.options, env });
});

afterAll(async () => {
  await client?.shutdown();
  await provider?.close();
  issuer?.close();
  issuer?.closeAllConnections();
});

/** Hands out device codes, and lets nobody in. */
async function startIssuer(): Promise<Server> {
  const server = createServer((request, response) => {
    request.resume();
    const isDeviceCode = request.url?.endsWith('/deviceauth/usercode') === true;
    response.statusCode = isDeviceCode ? 200 : 403;
    response.setHeader('content-type', 'application/json');
    const code = { device_auth_id: 'd1', user_code: 'ABCD-1234', interval: '1' };
    response.end(JSON.stringify(isDeviceCode ? code : {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

/** What the browser does after the person has signed in or refused. */
async function answerBrowser(authUrl: string, answer: Record<string, string>): Promise<void> {
  const query = new URL(authUrl).searchParams;
  const callback = new URL(query.get('redirect_uri') ?? '');
  callback.hostname = '127.0.0.1';
  callback.search = String(new URLSearchParams({ state: query.get('state') ?? '', ...answer }));
  await (await fetch(callback)).text();
}

async function nextOf(stream: AsyncIterator<ServerMessage>): Promise<ServerMessage['method'] | undefined> {
  return (await stream.next()).value?.method;
}

describe('login on the real server', () => {
  test('takes an API key; the completion settles and reaches the streams as well', async () => {
    await using updates = client.events({ methods: ['account/login/completed', 'account/updated'] });
    const apiKey = await client.login({ type: 'apiKey', apiKey: 'sk-test' });
    expect(apiKey).toMatchObject({ type: 'apiKey', loginId: undefined, authUrl: undefined });
    expect(await nextOf(updates)).toBe('account/login/completed');
    expect(await nextOf(updates)).toBe('account/updated');
    expect(await apiKey.completed()).toMatchObject({ success: true, loginId: null });
    expect(await apiKey.cancel()).toBe('notFound');
    expect(await client.accountRead({})).toMatchObject({ requiresOpenaiAuth: false });
    expect(await client.accountLogout()).toEqual({});
    expect(await nextOf(updates)).toBe('account/updated');
  });

  test('starts a browser login and cancels it', async () => {
    const browser = await client.login({ type: 'chatgpt' });
    expect(new URL(browser.authUrl).pathname).toBe('/oauth/authorize');
    expect(await browser.cancel()).toBe('canceled');
    await expect(browser.completed()).rejects.toMatchObject({
      code: 'CODEX_RPC',
      method: 'account/login/completed',
      data: { loginId: browser.loginId, success: false },
    });
    expect(await browser.cancel()).toBe('notFound');
  });

  test('tells why a browser login failed', async () => {
    const refused = await client.login({ type: 'chatgpt' });
    await answerBrowser(refused.authUrl, { error: 'access_denied' });
    await expect(refused.completed()).rejects.toThrow(/access_denied/);
    const notLetIn = await client.login({ type: 'chatgpt' });
    await answerBrowser(notLetIn.authUrl, { code: 'x' });
    await expect(notLetIn.completed()).rejects.toThrow(/403/);
  });

  test('ends a login that another one replaces', async () => {
    const first = await client.login({ type: 'chatgpt' });
    await using second = await client.login({ type: 'chatgpt' });
    await expect(first.completed()).rejects.toThrow(/cancel/i);
    await expect(second.completed({ timeoutMs: 1 })).rejects.toMatchObject({ code: 'CODEX_REQUEST_TIMEOUT' });
  });

  test('shows the code of a device login, which ends with its scope', async () => {
    await using endings = client.events({ methods: ['account/login/completed'] });
    let loginId: string;
    {
      await using device = await client.login({ type: 'chatgptDeviceCode' });
      expect(device).toMatchObject({ type: 'chatgptDeviceCode', userCode: 'ABCD-1234' });
      expect(new URL(device.verificationUrl).pathname).toBe('/codex/device');
      loginId = device.loginId;
    }
    for await (const { params } of endings) {
      if (params.loginId !== loginId) continue;
      expect(params.success).toBe(false);
      break;
    }
  });

  test('rejects with the server’s refusal of a kind of login', async () => {
    const params = { type: 'chatgptAuthTokens', accessToken: 'no token', chatgptAccountId: 'x' } as const;
    await expect(client.login(params)).rejects.toMatchObject({ method: 'account/login/start' });
  });

  test('rate limits need a login, and the error says so', async () => {
    await expect(client.accountRateLimitsRead()).rejects.toMatchObject({
      code: 'CODEX_RPC',
      method: 'account/rateLimits/read',
      rpcCode: -32600,
    });
  });

  test('L10 the server’s death rejects the wait', async () => {
    const doomed = await AsyncClient.start(provider.options);
    const waiting = (await doomed.login({ type: 'chatgpt' })).completed();
    process.kill(doomed.pid ?? 0, 'SIGKILL');
    await expect(waiting).rejects.toMatchObject({ code: 'CODEX_SERVER_CLOSED' });
  });
});
