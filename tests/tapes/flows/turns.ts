/** Flows of turns that go well. */
import {
  commentary,
  echo,
  finalAnswer,
  rawReasoning,
  reasoning,
  text,
  usage,
} from 'codex-async-client/testing';
import { z } from 'zod';
import type { Flow } from '../flow.js';
import { all, isDelta, newThread } from './steps.js';

/** So many pieces are enough to be cut anywhere. */
const PIECES = Array.from({ length: 24 }, (_, n) => (n % 8 === 7 ? `${n} wörld\u2028🙂 ` : `${n} `));

export const TURN_FLOWS: readonly Flow[] = [
  {
    name: 'plain-turn',
    title: 'a turn comes to its result',
    outcome: { status: 'completed', finalMessage: 'Hello.', total: 110 },
    async program(client, stage) {
      stage.script(text('Hel', 'lo.'));
      const threadId = await newThread(client, stage);
      const { status, finalMessage, usage } = await client.turnRun({ threadId, input: 'Hi.' }).result();
      return { status, finalMessage, total: usage?.last.totalTokens };
    },
  },
  {
    name: 'many-deltas',
    title: 'a turn through events(), piece by piece',
    outcome: { pieces: PIECES, status: 'completed' },
    async program(client, stage) {
      stage.script(text(...PIECES));
      const threadId = await newThread(client, stage);
      await client.turnStart({ threadId, input: 'Count.' });
      const pieces: string[] = [];
      for await (const message of client.events({ threadId })) {
        if (message.method === 'item/agentMessage/delta') pieces.push(message.params.delta);
        if (message.method === 'turn/completed') return { pieces, status: message.params.turn.status };
      }
      throw new Error('the stream ended before the turn');
    },
  },
  {
    name: 'text-of-a-turn',
    title: 'the text of a turn on a thread that is started with it',
    outcome: { pieces: ['one', ' two\n', '\u2028', '三', ' 🙂'], ephemeral: true },
    async program(client, stage) {
      stage.script(text('one', ' two\n', '\u2028', '三', ' 🙂'));
      const run = client.threadRun({ thread: { cwd: stage.cwd, ephemeral: true }, turn: 'Say it.' });
      const pieces = await all(run.text());
      return { pieces, ephemeral: (await run.result()).thread.thread.ephemeral };
    },
  },
  {
    name: 'commentary',
    title: 'remarks on the way, and a final answer',
    outcome: {
      finalMessage: 'Found.',
      messages: [
        ['commentary', 'Looking.'],
        ['final_answer', 'Found.'],
      ],
    },
    async program(client, stage) {
      stage.script([commentary('Look', 'ing.'), finalAnswer('Found.')]);
      const threadId = await newThread(client, stage);
      const { finalMessage, agentMessages } = await client.turnRun({ threadId, input: 'Look.' }).result();
      return { finalMessage, messages: agentMessages.map(({ phase, text }) => [phase, text]) };
    },
  },
  {
    name: 'reasoning',
    title: 'reasoning as a summary and as raw text, and the tokens it took',
    outcome: {
      reasoning: [
        [['I think.'], []],
        [[], ['raw thought']],
      ],
      tokens: { reasoningOutputTokens: 5, totalTokens: 90 },
    },
    async program(client, stage) {
      const tokens = { inputTokens: 70, cachedInputTokens: 30, outputTokens: 20, reasoningOutputTokens: 5 };
      stage.script([reasoning('I ', 'think.'), rawReasoning('raw ', 'thought'), text('Yes.'), usage(tokens)]);
      const threadId = await newThread(client, stage);
      const result = await client.turnRun({ threadId, input: 'Think.' }).result();
      const { reasoningOutputTokens, totalTokens } = result.usage?.last ?? {};
      return {
        reasoning: result.items.flatMap((item) =>
          item.type === 'reasoning' ? [[item.summary, item.content]] : [],
        ),
        tokens: { reasoningOutputTokens, totalTokens },
      };
    },
  },
  {
    name: 'structured-output',
    title: 'an output with a schema',
    outcome: { city: 'Paris' },
    async program(client, stage) {
      stage.script(text('{"city":', '"Paris","country":null}'));
      const outputSchema = z.object({ city: z.string(), country: z.string().optional() });
      const threadId = await newThread(client, stage);
      return (await client.turnRun({ threadId, input: 'Where?', outputSchema }).result()).output;
    },
  },
  {
    name: 'two-turns',
    title: 'two turns on one thread, the second one queued behind the first',
    outcome: ['Echo: one', 'Echo: two', 2],
    async program(client, stage) {
      stage.script(echo(), echo());
      const threadId = await newThread(client, stage);
      const runs = ['one', 'two'].map((input) => client.turnRun({ threadId, input }));
      const [first, second] = await Promise.all(runs.map((run) => run.result()));
      const { thread } = await client.threadRead({ threadId, includeTurns: true });
      return [first?.finalMessage, second?.finalMessage, thread.turns.length];
    },
  },
  {
    name: 'two-threads',
    title: 'two threads side by side, each with its own text',
    outcome: { apple: 'red', lemon: 'yellow' },
    async program(client, stage) {
      stage.when({ userText: 'apple' }, text('re', 'd'));
      stage.when({ userText: 'lemon' }, text('yel', 'low'));
      const [apple, lemon] = [await newThread(client, stage), await newThread(client, stage)];
      const runs = [
        client.turnRun({ threadId: apple, input: 'apple' }),
        client.turnRun({ threadId: lemon, input: 'lemon' }),
      ];
      const [first, second] = await Promise.all(runs.map(async (run) => (await all(run.text())).join('')));
      return { apple: first, lemon: second };
    },
  },
  {
    name: 'snapshots',
    title: 'the state of a turn for a page, and what the server has of it',
    outcome: { last: ['userMessage', 'agentMessage'], deltas: true, read: ['userMessage', 'agentMessage'] },
    async program(client, stage) {
      stage.script(text('Hel', 'lo.'));
      const threadId = await newThread(client, stage);
      const run = client.turnRun({ threadId, input: 'Hi.' });
      const tap = client.tap({ threadId });
      const states = await all(run.snapshots());
      const { thread } = await client.threadRead({ threadId, includeTurns: true });
      await client.shutdown();
      const copies = await all(tap);
      return {
        last: states.at(-1)?.turns[0]?.items.map(({ type }) => type),
        deltas: copies.some((copy) => copy.kind !== 'gap' && isDelta(copy)),
        read: thread.turns[0]?.items.map(({ type }) => type),
      };
    },
  },
];
