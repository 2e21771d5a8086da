/** Whether somebody is logged in, never who. */
import { type AsyncClient, RpcError } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { loginFailure, loginFinding } from '../../src/doctor/login-check.js';
import { startScripted } from '../helpers/scripted.js';

const TIMEOUT_MS = 60_000;

/** A client whose server answers so. */
const answering = (answer: object): Promise<AsyncClient> =>
  startScripted('answers-from-table', [JSON.stringify({ 'account/read': answer })]);

describe('a login', () => {
  test.each([
    ['ChatGPT', { type: 'chatgpt', email: 'me@example.com', planType: 'pro', workspaceName: 'Ours' }],
    ['a key of the API', { type: 'apiKey' }],
    ['Amazon Bedrock', { type: 'amazonBedrock', usesCodexManagedCredentials: true }],
    ['newKind', { type: 'newKind' }],
  ])('with %s is ok, and nobody is named', async (name, account) => {
    await using client = await answering({ account, userId: 'user-1', requiresOpenaiAuth: true });
    const finding = await loginFinding(client, TIMEOUT_MS);
    expect(finding).toEqual({
      check: 'login',
      status: 'ok',
      finding: `logged in with ${name}`,
      details: { account: account.type, requiresOpenaiAuth: true },
    });
  });
});

describe('nobody', () => {
  test('logged in is a failure where the provider wants it', async () => {
    await using client = await answering({ account: null, requiresOpenaiAuth: true });
    expect(await loginFinding(client, TIMEOUT_MS)).toMatchObject({
      status: 'fail',
      finding: 'not logged in',
      advice: expect.stringContaining('codex login'),
    });
  });

  test('needs to be logged in with a provider of another kind', async () => {
    await using client = await answering({ account: null, requiresOpenaiAuth: false });
    expect(await loginFinding(client, TIMEOUT_MS)).toMatchObject({ status: 'ok' });
  });
});

test('a server that does not know the question is a warning; any other error is not', () => {
  const details = { method: 'account/read', rpcCode: -32600, data: undefined };
  expect(loginFailure(new RpcError('unknown', details))).toMatchObject({ status: 'warn' });
  expect(loginFailure(new Error('gone'))).toBeUndefined();
});
