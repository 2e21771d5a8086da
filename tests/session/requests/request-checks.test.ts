/** What a request must not be given, and what the error names. */
import { InvalidArgumentError, type RequestOptions } from 'codex-async-client';
import { expect, test } from 'vitest';
import { checkMethod, checkRequestOptions } from '../../../src/session/requests/request-checks.js';

const TRACE = { traceparent: '00-1-2-03' };

test.each([[''], [undefined], [5], [null]])('L20 %j is no name of a method', (method) => {
  expect(() => checkMethod(method)).toThrow(InvalidArgumentError);
  expect(() => checkMethod(method)).toThrow('method: expected the name of a method');
});

test.each<[string, unknown]>([
  ['options.timeout', { timeout: 5 }],
  ['options.timeoutMs', { timeoutMs: -1 }],
  ['options.timeoutMs', { timeoutMs: 1.5 }],
  ['options.timeoutMs', { timeoutMs: 2 ** 31 }],
  ['options.timeoutMs', { timeoutMs: Number.NaN }],
  ['options.signal', { signal: new EventTarget() }],
  ['options.trace', { trace: '00-1-2-03' }],
  ['options.trace', { trace: {} }],
  ['options.trace', { trace: { traceparent: 5 } }],
  ['options.trace.traceState', { trace: { ...TRACE, traceState: 'a=b' } }],
  ['options.trace.tracestate', { trace: { ...TRACE, tracestate: '' } }],
  ['options', null],
  ['options', 5],
])('L20 %s is refused and named: %j', (argument, options) => {
  expect(() => checkRequestOptions(options as RequestOptions)).toThrow(expect.objectContaining({ argument }));
});

test('L20 what is no trace is told what one is', () => {
  expect(() => checkRequestOptions({ trace: {} as never })).toThrow('an object with a traceparent');
});

test.each<[RequestOptions]>([
  [{}],
  [{ timeoutMs: 0, trace: TRACE }],
  [{ timeoutMs: 2_147_483_647, signal: new AbortController().signal }],
  [{ timeoutMs: undefined, signal: undefined, trace: { ...TRACE, tracestate: 'a=b' } }],
])('%j is taken', (options) => {
  expect(() => checkMethod('thread/start')).not.toThrow();
  expect(() => checkRequestOptions(options)).not.toThrow();
});
