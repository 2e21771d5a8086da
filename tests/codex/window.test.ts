/** The window of requests at the real server: thousands at once, and hundreds of commands that run meanwhile. */
import { CodexClientError } from 'codex-async-client';
import { expect, test } from 'vitest';
import { sized } from '../helpers/sizes.js';
import { codexWithModel } from './codex-with-model.js';

test('L7 answers 20,000 requests made at once: none is lost, none is overloaded', async () => {
  await using codex = await codexWithModel();
  const calls = Array.from({ length: 20_000 }, () => codex.client.threadLoadedList({}, { timeoutMs: 0 }));
  for (const { data } of await Promise.all(calls)) expect(data).toEqual([]);
  expect(codex.client.stats().requests).toMatchObject({ inFlight: 0, waiting: 0 });
});

const COMMANDS = sized(300, 100);

test(`L7 runs ${COMMANDS} commands at once and goes on answering others meanwhile`, async () => {
  await using codex = await codexWithModel();
  const { client } = codex;
  // Each runs until its stdin ends, so that all of them last exactly as long as the test wants.
  const commands = Array.from({ length: COMMANDS }, () => client.commandRun({ command: ['cat'] }));
  const results = commands.map((command) => command.result());
  const settled = Promise.allSettled(results);
  // They are sent a window at a time, beside the window of the others; what the server turns away all the same is retried.
  expect(client.stats().requests).toMatchObject({ inFlight: 64, waiting: COMMANDS - 64 });
  let finished = 0;
  for (const result of results) result.then(() => (finished += 1)).catch(() => (finished += 1));
  expect((await client.threadLoadedList({})).data).toEqual([]);
  expect(finished).toBe(0);
  await Promise.allSettled(commands.map((command) => command.closeStdin()));
  for (const outcome of await settled) {
    if (outcome.status === 'fulfilled') expect(outcome.value.exitCode).toBe(0);
    else expect(outcome.reason).toBeInstanceOf(CodexClientError);
  }
  expect(client.stats().requests).toMatchObject({ inFlight: 0, waiting: 0 });
});
