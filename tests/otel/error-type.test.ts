/** The kind of an error is a word of few values, and never its text. */
import { RpcError } from 'codex-async-client';
import { expect, test } from 'vitest';
import { errorTypeOf, failureMessage, failureType } from '../../src/otel/error-type.js';
import type { CodexErrorInfo } from '../../src/protocol/generated.js';

const told = (codexErrorInfo: CodexErrorInfo | null) =>
  errorTypeOf({ message: 'a secret', codexErrorInfo, additionalDetails: null, misalignment: null });

test.each<[CodexErrorInfo | null, string]>([
  ['rateLimitExceeded', 'rateLimitExceeded'],
  [{ httpConnectionFailed: { httpStatusCode: 503 } }, 'httpConnectionFailed'],
  ['other', '_OTHER'],
  [{}, '_OTHER'],
  [null, '_OTHER'],
])('of %j it is %s', (info, type) => {
  expect(told(info)).toBe(type);
});

test('an error that the server does not tell of has none', () => {
  expect(errorTypeOf(null)).toBe('_OTHER');
});

test('a failure of the client has its code, another error its name, and anything else the word for others', () => {
  const refused = new RpcError('no', { method: 'turn/start', rpcCode: -32600, data: undefined });
  expect(failureType(refused)).toBe('CODEX_RPC');
  expect(failureType(new DOMException('gone', 'AbortError'))).toBe('AbortError');
  expect(failureType('why not')).toBe('_OTHER');
  expect([failureMessage(refused), failureMessage('why not')]).toEqual(['no', 'why not']);
});
