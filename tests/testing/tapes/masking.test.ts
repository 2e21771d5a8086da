/** What is masked in one message, and what stays. */
import { describe, expect, test } from 'vitest';
import { maskMessage } from '../../../src/testing/tapes/masking.js';

/** What params become. */
const maskedParams = (params: unknown, isAccount = false) =>
  maskMessage({ id: 1, method: 'any', params }, isAccount)['params'];

describe('in a message', () => {
  test.each<[string, unknown, unknown]>([
    [
      'a text under a telling name',
      { env: { API_KEY: 'a', HOME: '/b' } },
      { env: { API_KEY: '[masked]', HOME: '/b' } },
    ],
    [
      'texts in a list under one',
      { tokens: [], apiKey: ['a', { b: 'c' }] },
      { tokens: [], apiKey: ['[masked]', { b: 'c' }] },
    ],
    ['all headers', { headers: { 'X-Mine': 'a', n: 1 } }, { headers: { 'X-Mine': '[masked]', n: 1 } }],
    [
      'headers as a list, but for their names',
      { requestHeaders: [{ name: 'X-Mine', value: 'a' }] },
      { requestHeaders: [{ name: 'X-Mine', value: '[masked]' }] },
    ],
    [
      'the value beside a telling name',
      {
        env: [
          { name: 'DB_PASS', value: 'a' },
          { name: 'HOME', value: 'b' },
        ],
      },
      {
        env: [
          { name: 'DB_PASS', value: '[masked]' },
          { name: 'HOME', value: 'b' },
        ],
      },
    ],
    [
      'the argument behind an option',
      { command: ['login', '--token', 'a', 'b'] },
      { command: ['login', '--token', '[masked]', 'b'] },
    ],
    [
      'the setting that is written, by its path',
      {
        edits: [
          { keyPath: 'mcp_servers.a.env.SOME_TOKEN', value: 'a' },
          { keyPath: 'mcp_servers.a.env.DB_PASS', value: 'a' },
          { keyPath: 'mcp_servers.a.http_headers', value: { 'X-Mine': 'a' } },
          { keyPath: 'mcp_servers.a.http_headers.X-Mine', value: 'a' },
          { keyPath: 'model', value: 'a' },
        ],
        config: { 'mcp_servers.a.env.DB_PASS': 'a', 'mcp_servers.a.http_headers.X-Mine': 'a', model: 'a' },
      },
      {
        edits: [
          { keyPath: 'mcp_servers.a.env.SOME_TOKEN', value: '[masked]' },
          { keyPath: 'mcp_servers.a.env.DB_PASS', value: '[masked]' },
          { keyPath: 'mcp_servers.a.http_headers', value: { 'X-Mine': '[masked]' } },
          { keyPath: 'mcp_servers.a.http_headers.X-Mine', value: '[masked]' },
          { keyPath: 'model', value: 'a' },
        ],
        config: {
          'mcp_servers.a.env.DB_PASS': '[masked]',
          'mcp_servers.a.http_headers.X-Mine': '[masked]',
          model: 'a',
        },
      },
    ],
    [
      'the header behind an option, but for its name',
      { command: ['curl', '-H', 'X-Api-Key: abcd', '-H', 'Accept: text/html', 'X-Api-Key: abcd'] },
      { command: ['curl', '-H', 'X-Api-Key: [masked]', '-H', 'Accept: text/html', 'X-Api-Key: abcd'] },
    ],
    [
      'what looks like a key, anywhere',
      { input: [{ text: 'it is sk-abcdefgh1' }] },
      { input: [{ text: 'it is [masked]' }] },
    ],
    [
      'what is called by a dangerous name',
      JSON.parse('{"__proto__":{"token":"a"}}'),
      JSON.parse('{"__proto__":{"token":"[masked]"}}'),
    ],
  ])('%s is masked', (_what, params, masked) => {
    expect(maskedParams(params)).toEqual(masked);
  });

  test('results and errors are masked as params are', () => {
    expect(maskMessage({ id: 1, result: { authToken: 'a' } }, false)).toEqual({
      id: 1,
      result: { authToken: '[masked]' },
    });
    const error = { code: 1, message: 'no Bearer abcdef123' };
    expect(maskMessage({ id: 1, error }, false)).toEqual({
      id: 1,
      error: { code: 1, message: 'no Bearer [masked]' },
    });
  });

  test('members beside them are masked, and those by which a message is played are not', () => {
    const message = { id: 'sk-abcdefgh1', method: 'a', traceToken: 'abc', emittedAtMs: 1 };
    expect(maskMessage(message, false)).toEqual({ ...message, traceToken: '[masked]' });
  });

  test.each<[string, unknown]>([
    ['numbers, booleans and null', { token: 1, isSecret: true, password: null, totalTokens: 12 }],
    ['an empty text', { token: '', headers: { a: '' } }],
    [
      'a schema that describes secrets',
      { properties: { headers: { type: 'object' }, token: { type: 'string' } } },
    ],
    [
      'ids, prompts and outputs',
      { threadId: '0199', input: 'say hi', delta: 'me@example.com', accountName: 'a' },
    ],
  ])('%s stay, and the message is the same object', (_what, params) => {
    const message = { id: 'sk-abcdefgh1', method: 'sk-abcdefgh1', params };
    expect(maskMessage(message, false)).toBe(message);
  });
});

describe('in a message about the account', () => {
  test('names of people, devices and logins are masked', () => {
    const account = { type: 'chatgpt', email: 'me@example.com', planType: 'plus', workspaceName: 'Mine' };
    expect(maskedParams({ account, userId: 'user-1', requiresOpenaiAuth: true }, true)).toEqual({
      account: { type: 'chatgpt', email: '[masked]', planType: 'plus', workspaceName: '[masked]' },
      userId: '[masked]',
      requiresOpenaiAuth: true,
    });
    expect(maskedParams({ sessions: [{ sessionId: 'a', displayName: 'b', isActive: true }] }, true)).toEqual({
      sessions: [{ sessionId: '[masked]', displayName: '[masked]', isActive: true }],
    });
  });

  test('an address of e-mail is masked wherever it stands', () => {
    expect(maskedParams({ status: 'asked me@example.com' }, true)).toEqual({ status: 'asked [masked]' });
  });

  test('what is no secret of it stays', () => {
    const params = {
      rateLimits: { limitId: 'codex', planType: 'plus', primary: { usedPercent: 1 } },
      threadId: '0199',
    };
    expect(maskedParams(params, true)).toBe(params);
  });
});
