/** Names that tell of a secret, in any spelling, and names that only sound like one. */
import { describe, expect, test } from 'vitest';
import {
  isAccountName,
  isContainerName,
  isTellingName,
  isTellingOption,
} from '../../../src/testing/tapes/telling-names.js';

describe('a telling name', () => {
  test.each([
    'token',
    'accessToken',
    'access_token',
    'ACCESS_TOKEN_2',
    'X-Auth-Token',
    'refreshTokens',
    'tokenValue',
    'authBearerToken',
    'Authorization',
    'proxy-authorization',
    'Cookie',
    'set-cookie',
    'password',
    'PGPASSWORD',
    'passwd',
    'passphrase',
    'clientSecret',
    'secret_base64',
    'apiKey',
    'api_key',
    'x-api-key',
    'OPENAI_API_KEY',
    'DEEPSEEK_KEY',
    'DB_PASS',
    'GH_PAT',
    'privateKey',
    'secretAccessKey',
    'accessKeyId',
    'AWS_ACCESS_KEY_ID',
    'credentials',
    'jwt',
    'email',
    'allegedUserEmail',
    'accountId',
    'chatgptAccountId',
    'user_id',
    'workspaceId',
    'userCode',
    'authUrl',
    'verificationUrl',
    'verification_uri_complete',
    'authorizationUrl',
  ])('is %s', (name) => {
    expect(isTellingName(name)).toBe(true);
  });

  test.each([
    'tokenLimit',
    'tokenizer',
    'bearerTokenEnvVar',
    'envKey',
    'key',
    'KEY',
    'idempotencyKey',
    'monkey',
    'bypass',
    'passed',
    'isSecretary',
    'credentialFile',
    'cliAuthCredentialsStore',
    'userAuthorization',
    'threadId',
    'turnId',
    'itemId',
    'id',
    'url',
    'originUrl',
    'exitCode',
    'text',
  ])('is not %s', (name) => {
    expect(isTellingName(name)).toBe(false);
  });
});

test('headers, cookies and the like hold secrets only', () => {
  for (const name of ['headers', 'http_headers', 'requestHeaders', 'cookies', 'secrets', 'credentials'])
    expect(isContainerName(name), name).toBe(true);
  for (const name of ['header', 'headersCount', 'token', 'env'])
    expect(isContainerName(name), name).toBe(false);
});

test('in messages about the account more names tell, but not those of threads', () => {
  for (const name of ['displayName', 'workspaceName', 'sessionId', 'loginId', 'imageUrl', 'error'])
    expect(isAccountName(name), name).toBe(true);
  for (const name of ['type', 'planType', 'status', 'threadId', 'turnId', 'limitName', 'providerId'])
    expect(isAccountName(name), name).toBe(false);
});

test('options of commands tell of what follows them', () => {
  for (const option of ['--token', '--api-key', '--client-secret', '--password'])
    expect(isTellingOption(option), option).toBe(true);
  for (const option of ['--token=abc', 'token', '--tokens-per-minute', '-t'])
    expect(isTellingOption(option), option).toBe(false);
});
