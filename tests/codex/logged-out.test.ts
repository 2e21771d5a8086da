/** Turns of a real codex that nobody has logged in to, on a model provider that wants a login. */
import { AsyncClient, TurnFailedError } from 'codex-async-client';
import { httpError, LocalModelProvider } from 'codex-async-client/testing';
import { expect, test } from 'vitest';

/** Codex sends a request once, and tries it again five times, with ever longer pauses. */
const ALL_TRIES = 6;
const RETRIES = { requires_openai_auth: true, stream_max_retries: ALL_TRIES - 1 };

test('L20 a run says at the first refusal that nobody is logged in, and its thread is free again', async () => {
  await using provider = await LocalModelProvider.start({
    defaultReply: httpError(401, 'Missing bearer authentication'),
    config: { model_providers: { local: RETRIES } },
  });
  await using client = await AsyncClient.start(provider.options);
  const { thread } = await client.threadStart();
  for (const drive of [
    () => client.turnRun({ threadId: thread.id, input: 'one' }).result(),
    () => client.turnRun({ threadId: thread.id, input: 'two' }).text().next(),
  ]) {
    const error: unknown = await drive().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TurnFailedError);
    expect(error).toMatchObject({ message: expect.stringContaining('nobody is logged in') });
  }
  expect(provider.requests.length).toBeLessThan(ALL_TRIES);
});

test('L20 a turn that failed for a login that nobody needs says what the provider may need', async () => {
  await using provider = await LocalModelProvider.start({ replies: [httpError(401, 'bad key')] });
  await using client = await AsyncClient.start(provider.options);
  const failed = client.threadRun({ turn: 'x' }).result();
  await expect(failed).rejects.toThrow(/401 Unauthorized: bad key.*; run `codex login`, .* needs its key/);
});
