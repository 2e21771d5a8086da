/** Many turns over many threads at once on the real server, each with its text checked piece by piece. */
import type { TurnRun } from 'codex-async-client';
import { gate, text } from 'codex-async-client/testing';
import { expect, test } from 'vitest';
import { sized } from '../helpers/sizes.js';
import { collected } from '../runs/played-server.js';
import { codexWithModel } from './codex-with-model.js';

const THREADS = sized(50, 15);
const TURNS_PER_THREAD = 4;
const TURNS = THREADS * TURNS_PER_THREAD;

/** What the model says in a turn: pieces that name it, more of them in later turns. */
function piecesOf(thread: number, turn: number): string[] {
  return Array.from({ length: 5 + turn }, (_, piece) => `[${thread}.${turn}.${piece}]`);
}

test(`L14 ${TURNS} turns over ${THREADS} threads at once each get their own text, piece by piece, in the order of their thread`, async () => {
  await using codex = await codexWithModel();
  const { client, provider } = codex;
  const ids = await Promise.all(Array.from({ length: THREADS }, () => codex.newThread()));
  const finished: Record<string, number[]> = {};
  const texts = ids.flatMap((threadId, thread) =>
    Array.from({ length: TURNS_PER_THREAD }, async (_, turn) => {
      const input = `<${thread}.${turn}>`;
      provider.when({ userText: input }, text(...piecesOf(thread, turn)));
      const pieces = await collected(client.turnRun({ threadId, input }).text());
      finished[threadId] = [...(finished[threadId] ?? []), turn];
      expect(pieces).toEqual(piecesOf(thread, turn));
    }),
  );
  await Promise.all(texts);
  expect(texts).toHaveLength(TURNS);
  for (const threadId of ids) expect(finished[threadId]).toEqual([0, 1, 2, 3]);
  expect(provider.requests).toHaveLength(TURNS);
  expect(client.stats().requests).toMatchObject({ inFlight: 0, waiting: 0 });
}, 120_000);

test(`L11 leaving ${THREADS} loops leaves no turn running`, async () => {
  await using codex = await codexWithModel();
  const { client, provider } = codex;
  const ids = await Promise.all(Array.from({ length: THREADS }, () => codex.newThread()));
  const runs = await Promise.all(
    ids.map(async (threadId): Promise<TurnRun> => {
      provider.when({ threadId }, text('endless', gate()));
      const run = client.turnRun({ threadId, input: 'go' });
      for await (const { method } of run) if (method === 'item/agentMessage/delta') break;
      return run;
    }),
  );
  const results = await Promise.all(runs.map((run) => run.result()));
  expect(results.map(({ status }) => status)).toEqual(ids.map(() => 'interrupted'));
  const threads = await Promise.all(ids.map((threadId) => client.threadRead({ threadId })));
  expect(threads.map(({ thread }) => thread.status.type)).toEqual(ids.map(() => 'idle'));
  expect(await Promise.all(provider.requests.map(({ finished }) => finished))).toEqual(
    ids.map(() => 'aborted'),
  );
}, 120_000);
