/** Pending requests against a fake wire: the window, retries, and calls that were given up. */
import { InvalidArgumentError, OverloadedError, RequestTimeoutError, RpcError } from 'codex-async-client';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { CallSpec } from '../../../src/session/requests/call.js';
import { countingIds, suppliedIds } from '../../../src/session/requests/request-ids.js';
import { Requests } from '../../../src/session/requests/requests.js';
import type { RequestId } from '../../../src/wire/wire-message.js';
import { outcomeOf, turn } from '../../helpers/piped-server.js';

function startRequests(window: number, ids = countingIds()) {
  const sent: { readonly id: RequestId; readonly method: string }[] = [];
  const requests = new Requests(window, ids, { send: (line) => sent.push(JSON.parse(line)) });
  const ask = (method: string, spec: Partial<CallSpec> = {}) => {
    const answer = requests.request({
      method,
      paramsJson: '{}',
      traceJson: undefined,
      timeoutMs: 0,
      signal: undefined,
      isLongRunning: false,
      isBackground: false,
      ...spec,
    });
    answer.catch(() => {});
    return answer;
  };
  const idOf = (method: string) => sent.findLast((request) => request.method === method)?.id ?? 'not sent';
  const answer = (method: string) => requests.answered({ kind: 'result', id: idOf(method), result: method });
  const refuse = (method: string, code = -32001) =>
    requests.answered({ kind: 'error', id: idOf(method), error: { code, message: 'no' } });
  const methods = () => sent.map(({ method }) => method);
  return { requests, sent, ask, answer, refuse, methods };
}

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('answers', () => {
  test('answers settle their own calls, in any order', async () => {
    const { requests, ask, answer, refuse } = startRequests(3);
    const calls = ['a', 'b', 'c'].map((method) => ask(method));
    answer('c');
    refuse('b', -32600);
    answer('a');
    expect(await calls[0]).toBe('a');
    await expect(calls[1]).rejects.toMatchObject({ method: 'b', rpcCode: -32600 });
    await expect(calls[1]).rejects.toBeInstanceOf(RpcError);
    expect(await calls[2]).toBe('c');
    expect(requests.isAwaited).toBe(false);
    expect(requests.stats()).toEqual({ inFlight: 0, waiting: 0, retried: 0 });
  });

  test('an answer that nobody asked for, or that comes twice, changes nothing', async () => {
    const { requests, ask, answer } = startRequests(1);
    expect(requests.answered({ kind: 'result', id: 99, result: {} })).toBe(false);
    const call = ask('a');
    expect(answer('a')).toBe(true);
    expect(answer('a')).toBe(false);
    expect(await call).toBe('a');
  });

  test('background calls are no demand, and settle like others', async () => {
    const { requests, ask, answer } = startRequests(1);
    const call = ask('a', { isBackground: true });
    expect(requests.isAwaited).toBe(false);
    answer('a');
    expect(await call).toBe('a');
    expect(requests.isAwaited).toBe(false);
  });
});

describe('calls that are given up', () => {
  test('L7 an abort leaves the line at once and the request is never sent', async () => {
    const { requests, ask, answer, methods } = startRequests(1);
    const controller = new AbortController();
    ask('a');
    const waiting = ask('b', { signal: controller.signal });
    ask('c');
    expect(requests.stats().waiting).toBe(2);
    controller.abort(new Error('enough'));
    expect(requests.stats().waiting).toBe(1);
    await expect(waiting).rejects.toThrow('enough');
    answer('a');
    await turn();
    expect(methods()).toEqual(['a', 'c']);
  });

  test('L7 a timeout counts from the call, in line as well', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const { requests, ask, methods } = startRequests(1);
    ask('a');
    const waiting = ask('b', { timeoutMs: 1_000 });
    vi.advanceTimersByTime(999);
    expect(requests.stats().waiting).toBe(1);
    vi.advanceTimersByTime(1);
    expect(requests.stats().waiting).toBe(0);
    await expect(waiting).rejects.toBeInstanceOf(RequestTimeoutError);
    await expect(waiting).rejects.toThrow('it was still waiting in line and was not sent');
    expect(methods()).toEqual(['a']);
  });

  test('the late answer of a call that was given up is ignored and harms no other', async () => {
    const { ask, answer } = startRequests(2);
    const controller = new AbortController();
    const given = ask('a', { signal: controller.signal });
    controller.abort(new Error('enough'));
    const other = ask('b');
    expect(answer('a')).toBe(true);
    await expect(given).rejects.toThrow('enough');
    expect(await outcomeOf(other)).toBe('pending');
    answer('b');
    expect(await other).toBe('b');
  });

  test('L7 a window of one goes on however many requests the server never answers', async () => {
    const { requests, ask, answer, methods } = startRequests(1);
    for (const method of ['a', 'b', 'c', 'd']) {
      const controller = new AbortController();
      ask(method, { signal: controller.signal });
      await turn();
      controller.abort(new Error('enough'));
      await turn();
    }
    const call = ask('e');
    await turn();
    expect(methods()).toEqual(['a', 'b', 'c', 'd', 'e']);
    answer('e');
    expect(await call).toBe('e');
    expect(requests.stats()).toEqual({ inFlight: 0, waiting: 0, retried: 0 });
  });

  test('L7 the server never holds more than two windows of requests while some answer comes in', async () => {
    const { requests, ask, answer, methods } = startRequests(4);
    const controller = new AbortController();
    for (let n = 0; n < 40; n += 1) ask(`given up ${n}`, { signal: controller.signal });
    await turn();
    const first = methods().length;
    expect(first).toBe(4);
    controller.abort(new Error('enough'));
    const second = new AbortController();
    for (let n = 0; n < 40; n += 1) ask(`also given up ${n}`, { signal: second.signal });
    await turn();
    expect(methods()).toHaveLength(8);
    second.abort(new Error('enough'));
    for (let n = 0; n < 4; n += 1) ask(`wanted ${n}`);
    await turn();
    // One place is never kept, so that an answer can show that the server goes on.
    expect(methods()).toHaveLength(9);
    answer('wanted 0');
    await turn();
    expect(methods().slice(9)).toEqual(['wanted 1', 'wanted 2', 'wanted 3']);
    expect(requests.stats().waiting).toBe(0);
  });

  test('L7 an overload is no sign that the server took what came before', async () => {
    const { ask, refuse, methods } = startRequests(2);
    for (const name of ['a', 'b']) {
      const controller = new AbortController();
      ask(`${name}1`, { signal: controller.signal });
      ask(`${name}2`, { signal: controller.signal });
      await turn();
      controller.abort(new Error('enough'));
    }
    ask('c');
    ask('d');
    await turn();
    expect(methods()).toEqual(['a1', 'a2', 'b1', 'b2', 'c']);
    refuse('c');
    await turn();
    expect(methods()).toEqual(['a1', 'a2', 'b1', 'b2', 'c']);
  });
});

describe('overload', () => {
  test('L7 an overloaded request is sent again with growing pauses, and its place is kept meanwhile', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const { requests, ask, answer, refuse, methods, sent } = startRequests(1);
    const call = ask('a');
    ask('b');
    const pauses: number[] = [];
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      refuse('a');
      const from = performance.now();
      expect(methods()).toHaveLength(attempt);
      while (methods().length === attempt) vi.advanceTimersByTime(1);
      pauses.push(performance.now() - from);
    }
    for (const [n, pause] of pauses.entries()) {
      expect(pause).toBeGreaterThanOrEqual(10 * 2 ** n - 1);
      expect(pause).toBeLessThanOrEqual(20 * 2 ** n + 1);
    }
    expect(new Set(sent.map(({ id }) => id)).size).toBe(6);
    expect(methods()).not.toContain('b');
    expect(requests.stats().retried).toBe(5);
    answer('a');
    expect(await call).toBe('a');
  });

  test('L7 it fails with OverloadedError when the time that is left is too short for another pause', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    // Pauses of 20, 40 and 80 ms: the third does not fit into what is left of 100.
    vi.spyOn(Math, 'random').mockReturnValue(1);
    const { ask, refuse, methods } = startRequests(1);
    const call = ask('a', { timeoutMs: 100 });
    const next = ask('b');
    for (let attempt = 1; (await outcomeOf(call)) === 'pending'; attempt += 1) {
      expect(attempt).toBeLessThan(10);
      refuse('a');
      vi.advanceTimersByTime(90 / 4);
    }
    await expect(call).rejects.toBeInstanceOf(OverloadedError);
    await expect(call).rejects.toMatchObject({ method: 'a', cause: { rpcCode: -32001 } });
    await turn();
    expect(methods()).toContain('b');
    expect(await outcomeOf(next)).toBe('pending');
  });

  test('L7 without a time limit it fails after a bounded number of attempts', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const { ask, refuse, methods } = startRequests(1);
    const call = ask('a');
    for (let attempt = 1; attempt <= 16; attempt += 1) {
      expect(methods()).toHaveLength(attempt);
      refuse('a');
      vi.advanceTimersByTime(2_000);
    }
    await expect(call).rejects.toMatchObject({ attempts: 16 });
    expect(methods()).toHaveLength(16);
  });

  test('an abort during a pause settles the call, gives its place back, and nothing more is sent', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const { ask, refuse, methods } = startRequests(1);
    const controller = new AbortController();
    const call = ask('a', { signal: controller.signal });
    ask('b');
    refuse('a');
    controller.abort(new Error('enough'));
    await expect(call).rejects.toThrow('enough');
    vi.advanceTimersByTime(10_000);
    await turn();
    expect(methods()).toEqual(['a', 'b']);
  });
});

describe('ids', () => {
  test('an id that an unanswered request has is refused, and the first call still gets its answer', async () => {
    const { ask, answer, methods } = startRequests(2, suppliedIds(['x', 'x', 'y']));
    const first = ask('a');
    await expect(ask('b')).rejects.toBeInstanceOf(InvalidArgumentError);
    ask('c');
    expect(methods()).toEqual(['a', 'c']);
    answer('a');
    expect(await first).toBe('a');
  });

  test('a supply that throws fails the call, not the host', async () => {
    const cause = new Error('broken supply');
    const supply = {
      [Symbol.iterator]: () => ({
        next: (): IteratorResult<string> => {
          throw cause;
        },
      }),
    };
    const { ask } = startRequests(1, suppliedIds(supply));
    await expect(ask('a')).rejects.toMatchObject({ code: 'CODEX_INVALID_ARGUMENT', cause });
  });
});

test('L10 rejecting all settles every call: sent, in line, and pausing before a retry', async () => {
  const { requests, ask, refuse } = startRequests(2);
  const calls = [ask('a'), ask('b'), ask('c'), ask('d', { isLongRunning: true })];
  refuse('b');
  const error = new Error('gone');
  requests.rejectAll(error);
  for (const call of calls) await expect(call).rejects.toBe(error);
  expect(requests.isAwaited).toBe(false);
});
