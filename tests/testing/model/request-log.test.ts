/** The log of requests: what it keeps, and to whom it hands each. */
import { LocalModelProvider } from 'codex-async-client/testing';
import { describe, expect, test } from 'vitest';
import { RequestTimeoutError, ServerClosedError } from '../../../src/support/errors.js';
import { ask, hello, user } from './endpoint.js';

describe('the log of requests', () => {
  test('keeps the newest ones up to its limit', async () => {
    await using provider = await LocalModelProvider.start({ keptRequests: 2 });
    for (const word of ['a', 'b', 'c']) await ask(provider, { model: 'm', input: [user(word)] });
    expect(provider.requests.map((request) => request.userText)).toEqual(['b', 'c']);
    expect((await provider.nextRequest()).userText).toBe('b');
  });

  test('hands each request to one waiting reader, in order', async () => {
    await using provider = await LocalModelProvider.start();
    const waiting = [provider.nextRequest(), provider.nextRequest()];
    for (const word of ['a', 'b', 'c']) await ask(provider, { model: 'm', input: [user(word)] });
    const texts = (await Promise.all([...waiting, provider.nextRequest()])).map(({ userText }) => userText);
    expect(texts).toEqual(['a', 'b', 'c']);
  });

  test('loses no request to a reader that gave up', async () => {
    await using provider = await LocalModelProvider.start();
    const controller = new AbortController();
    const aborted = provider.nextRequest({ signal: controller.signal });
    const timedOut = provider.nextRequest({ timeoutMs: 1 });
    controller.abort(new Error('enough'));
    await expect(aborted).rejects.toThrow('enough');
    await expect(timedOut).rejects.toThrow(RequestTimeoutError);
    await ask(provider, hello);
    expect((await provider.nextRequest()).userText).toBe('hello');
  });

  test('ends with an error for those who wait when the provider is closed', async () => {
    const provider = await LocalModelProvider.start();
    await ask(provider, hello);
    const [first, second] = [provider.nextRequest(), provider.nextRequest()];
    const outcome = expect(second).rejects.toThrow(ServerClosedError);
    await provider.close();
    expect((await first).userText).toBe('hello');
    await outcome;
    await expect(provider.nextRequest()).rejects.toThrow(ServerClosedError);
  });
});
