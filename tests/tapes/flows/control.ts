/** Flows in which the program acts in the middle of a turn. */
import { gate, text } from 'codex-async-client/testing';
import type { Flow } from '../flow.js';
import { codeOf, newThread } from './steps.js';

export const CONTROL_FLOWS: readonly Flow[] = [
  {
    name: 'steer',
    title: 'a turn is steered in the middle of its text',
    outcome: { finalMessage: 'As you like.', inputs: 2 },
    async program(client, stage) {
      stage.script(text('Working', gate(), ' on.'), text('As you like.'));
      const run = client.turnRun({ threadId: await newThread(client, stage), input: 'Go.' });
      for await (const message of run) {
        if (message.method === 'item/agentMessage/delta' && message.params.delta === 'Working')
          await run.steer('Rather this.');
      }
      const { finalMessage, items } = await run.result();
      return { finalMessage, inputs: items.filter(({ type }) => type === 'userMessage').length };
    },
  },
  {
    name: 'interrupt',
    title: 'a turn is interrupted in the middle of its text, and the next one goes through',
    outcome: ['interrupted', 'completed'],
    async program(client, stage) {
      stage.script(text('For ever', gate()), text('Again.'));
      const threadId = await newThread(client, stage);
      const run = client.turnRun({ threadId, input: 'Go.' });
      for await (const message of run)
        if (message.method === 'item/agentMessage/delta') await run.interrupt();
      const next = await client.turnRun({ threadId, input: 'Again.' }).result();
      return [(await run.result()).status, next.status];
    },
  },
  {
    name: 'leave-early',
    title: 'leaving the loop over a turn interrupts it',
    outcome: 'interrupted',
    async program(client, stage) {
      stage.script(text('For ever', gate()));
      const threadId = await newThread(client, stage);
      const run = client.turnRun({ threadId, input: 'Go.' });
      const ends = client.events({ methods: ['turn/completed'] });
      for await (const message of run) if (message.method === 'item/agentMessage/delta') break;
      return (await ends.next()).value?.params.turn.status;
    },
  },
  {
    name: 'abort',
    title: 'a signal ends a run, and its turn is interrupted',
    outcome: { reason: 'enough', status: 'interrupted' },
    async program(client, stage) {
      stage.script(text('For ever', gate()));
      const threadId = await newThread(client, stage);
      const abort = new AbortController();
      const ends = client.events({ methods: ['turn/completed'] });
      const run = client.turnRun({ threadId, input: 'Go.' }, { signal: abort.signal });
      const reason = (async () => {
        for await (const message of run)
          if (message.method === 'item/agentMessage/delta') abort.abort('enough');
        return 'nothing';
      })().catch((error: unknown) => {
        if (error === 'enough') return error;
        throw error;
      });
      const [said, end] = await Promise.all([reason, ends.next()]);
      return { reason: said, status: end.value?.params.turn.status };
    },
  },
  {
    name: 'goal',
    title: 'a goal is set, paused, read and cleared; while it is active no run starts a turn',
    options: { experimentalApi: true },
    outcome: { set: 'paused', read: 'Count to three.', cleared: true, after: null },
    async program(client, stage) {
      const threadId = await newThread(client, stage);
      const set = await client.threadGoalSet({ threadId, objective: 'Count to three.', status: 'paused' });
      const { goal } = await client.threadGoalGet({ threadId });
      const { cleared } = await client.threadGoalClear({ threadId });
      const after = await client.threadGoalGet({ threadId });
      return { set: set.goal.status, read: goal?.objective, cleared, after: after.goal };
    },
  },
  {
    name: 'thread-busy',
    title: 'a run beside an active goal is refused at once',
    options: { experimentalApi: true },
    outcome: { code: 'CODEX_THREAD_BUSY', status: 'interrupted' },
    async program(client, stage) {
      stage.script(text('Counting', gate()));
      const threadId = await newThread(client, stage);
      const deltas = client.events({ methods: ['item/agentMessage/delta'] });
      const ends = client.events({ methods: ['turn/completed'] });
      await client.threadGoalSet({ threadId, objective: 'Count to three.' });
      const { value: delta } = await deltas.next();
      const run = client.turnRun({ threadId, input: 'Hi.' });
      const code = await codeOf(run.result(), 'CODEX_THREAD_BUSY');
      await client.threadGoalClear({ threadId });
      await client.turnInterrupt({ threadId, turnId: delta?.params.turnId ?? '' });
      return { code, status: (await ends.next()).value?.params.turn.status };
    },
  },
];
