/** Many calls of tools over many threads at once, on the real server. */
import { defineTools } from 'codex-async-client';
import { text, toolCall } from 'codex-async-client/testing';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { sized } from '../helpers/sizes.js';
import { codexWithModel } from './codex-with-model.js';

const THREADS = sized(50, 10);
const CALLS_A_TURN = 20;

test(`${THREADS * CALLS_A_TURN} calls over ${THREADS} threads are each answered once, and none is lost`, async () => {
  await using codex = await codexWithModel({ experimentalApi: true });
  const { client, provider } = codex;
  const add = defineTools({ add: { description: 'Adds.', input: z.object({ a: z.int(), b: z.int() }) } });
  for (let thread = 0; thread < THREADS; thread += 1) {
    const calls = Array.from({ length: CALLS_A_TURN }, (_, n) =>
      toolCall('add', { a: thread * CALLS_A_TURN, b: n }, { callId: `call ${thread} ${n}` }),
    );
    provider.when({ userText: `thread ${thread}.` }, calls, text('done'));
  }
  const answering = (async () => {
    const answers: Promise<number>[] = [];
    for await (const call of client.toolCalls(add)) {
      const sum = call.input.a + call.input.b;
      answers.push(call.respond(String(sum)).then(() => sum));
    }
    return Promise.all(answers);
  })();
  const results = await Promise.all(
    Array.from({ length: THREADS }, (_, thread) =>
      client.threadRun({ thread: { tools: add }, turn: `thread ${thread}.` }).result(),
    ),
  );
  const items = results.flatMap((result) => result.items.filter((item) => item.type === 'dynamicToolCall'));
  const all = Array.from({ length: THREADS * CALLS_A_TURN }, (_, n) => n);
  expect(new Set(items.map(({ id }) => id)).size).toBe(all.length);
  expect(items.every(({ success }) => success === true)).toBe(true);
  const told = provider.requests.flatMap(({ toolOutputs }) =>
    toolOutputs.map((output) => Number(output.text)),
  );
  expect(told.toSorted((a, b) => a - b)).toEqual(all);
  expect(client.stats().requests.unansweredByUs).toBe(0);
  await client.shutdown();
  expect((await answering).toSorted((a, b) => a - b)).toEqual(all);
});
