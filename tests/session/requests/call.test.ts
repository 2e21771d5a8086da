/** One request from call to settlement: it settles once, and does one thing at a time in the meantime. */
import { RequestTimeoutError } from 'codex-async-client';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Call, type CallSpec } from '../../../src/session/requests/call.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});

afterEach(() => {
  vi.useRealTimers();
});

/** A call, and how often it was given up. */
function startCall(spec: Partial<CallSpec> = {}) {
  const gaveUp: Call[] = [];
  const whole: CallSpec = {
    method: 'x/y',
    paramsJson: '{}',
    traceJson: undefined,
    timeoutMs: 0,
    signal: undefined,
    isLongRunning: false,
    isBackground: false,
    endsWork: false,
    promisesObject: false,
    ...spec,
  };
  const call = new Call(whole, (given) => gaveUp.push(given));
  call.promise.catch(() => {});
  return { call, gaveUp };
}

test('an answer is shown, then it settles the call; a later one does neither', async () => {
  const onResult = vi.fn();
  const { call, gaveUp } = startCall({ onResult });
  call.answer('first');
  call.answer('second');
  call.fail(new Error('late'));
  expect(onResult.mock.calls).toEqual([['first']]);
  expect(await call.promise).toBe('first');
  expect(gaveUp).toEqual([]);
});

test('a rejection by the server is an answer, a failure gives the call up, once', async () => {
  const refused = startCall();
  refused.call.reject(new Error('no'));
  expect(refused.gaveUp).toEqual([]);
  const failed = startCall();
  const error = new Error('gone');
  failed.call.fail(error);
  failed.call.fail(new Error('later'));
  expect(failed.gaveUp).toEqual([failed.call]);
  await expect(failed.call.promise).rejects.toBe(error);
});

test('the time limit gives it up, and the error says whether it was sent', async () => {
  const [waiting, sent] = [startCall({ timeoutMs: 50 }), startCall({ timeoutMs: 50 })];
  sent.call.attempts = 1;
  vi.advanceTimersByTime(50);
  for (const { call, gaveUp } of [waiting, sent]) {
    expect(gaveUp).toEqual([call]);
    await expect(call.promise).rejects.toBeInstanceOf(RequestTimeoutError);
    await expect(call.promise).rejects.toMatchObject({ method: 'x/y', timeoutMs: 50 });
  }
  await expect(waiting.call.promise).rejects.toThrow('and was not sent');
  await expect(sent.call.promise).rejects.toThrow('a late answer will be ignored');
});

test('an abort gives it up with the reason', async () => {
  const controller = new AbortController();
  const { call, gaveUp } = startCall({ signal: controller.signal });
  controller.abort('enough');
  expect(gaveUp).toEqual([call]);
  await expect(call.promise).rejects.toBe('enough');
});

test('what is to be done after a pause is done, unless something else takes its place or the call settles', () => {
  const { call } = startCall();
  const done: string[] = [];
  call.after(10, () => done.push('replaced'));
  call.after(20, () => done.push('done'));
  vi.advanceTimersByTime(20);
  expect(done).toEqual(['done']);
  call.after(10, () => done.push('settled before'));
  call.answer('answer');
  expect(vi.getTimerCount()).toBe(0);
  expect(done).toEqual(['done']);
});

test('a refusal is shown, then it rejects the call; a later one does neither, and it gives nothing up', async () => {
  const onRefused = vi.fn();
  const { call, gaveUp } = startCall({ onRefused });
  const refusal = new Error('no');
  call.refuse(refusal);
  call.refuse(new Error('later'));
  expect(onRefused.mock.calls).toEqual([[refusal]]);
  await expect(call.promise).rejects.toBe(refusal);
  expect(gaveUp).toEqual([]);
  const unheard = startCall().call;
  unheard.refuse(refusal);
  await expect(unheard.promise).rejects.toBe(refusal);
});

describe('a recall', () => {
  test('gives up a call that waits for its slot, or for a retry', async () => {
    const controller = new AbortController();
    const { call, gaveUp } = startCall({ recall: controller.signal });
    controller.abort('no use');
    expect(gaveUp).toEqual([call]);
    await expect(call.promise).rejects.toBe('no use');
  });

  test.each([1, 0, ''])('leaves a call alone that is at the server, under the id %j', (id) => {
    const controller = new AbortController();
    const { call, gaveUp } = startCall({ recall: controller.signal });
    call.id = id;
    controller.abort('no use');
    expect(call.isSettled).toBe(false);
    expect(gaveUp).toEqual([]);
  });

  test('is not waited for any more once the call has settled', () => {
    const controller = new AbortController();
    const unwatched = vi.spyOn(controller.signal, 'removeEventListener');
    const { call } = startCall({ recall: controller.signal });
    expect(unwatched).not.toHaveBeenCalled();
    call.answer('answer');
    expect(unwatched).toHaveBeenCalledTimes(1);
  });
});
