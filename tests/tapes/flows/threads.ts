/** Flows of threads: their lists, their lives, what is kept of them. */
import { echo, text } from 'codex-async-client/testing';
import type { Flow } from '../flow.js';
import { all, newThread } from './steps.js';

export const THREAD_FLOWS: readonly Flow[] = [
  {
    name: 'thread-list',
    title: 'threads are listed, page by page',
    // Before, a page began after the second in which the last one ended, and left out the rest of it.
    since: '0.169.0',
    outcome: { all: 2, known: true, pages: [1, 1] },
    async program(client, stage) {
      const ids: string[] = [];
      for (const input of ['one', 'two']) {
        stage.script(echo());
        const threadId = await newThread(client, stage);
        await client.turnRun({ threadId, input }).result();
        ids.push(threadId);
      }
      const threads = await all(client.paginate('thread/list', { limit: 1 }));
      const first = await client.threadList({ limit: 1 });
      const second = await client.threadList({ limit: 1, cursor: first.nextCursor });
      return {
        all: new Set(threads.map(({ id }) => id)).size,
        known: threads.every(({ id }) => ids.includes(id)),
        pages: [first.data.length, second.data.length],
      };
    },
  },
  {
    name: 'thread-resume',
    title: 'a thread is unsubscribed, resumed and read, and goes on',
    outcome: { resumed: 1, finalMessage: 'Echo: two', read: 2 },
    async program(client, stage) {
      stage.script(echo(), echo());
      const threadId = await newThread(client, stage);
      await client.turnRun({ threadId, input: 'one' }).result();
      await client.threadUnsubscribe({ threadId });
      const resumed = await client.threadResume({ threadId });
      const { finalMessage } = await client.turnRun({ threadId, input: 'two' }).result();
      const { thread } = await client.threadRead({ threadId, includeTurns: true });
      return { resumed: resumed.thread.turns.length, finalMessage, read: thread.turns.length };
    },
  },
  {
    name: 'thread-fork',
    title: 'a thread is forked, and both have turns of their own',
    outcome: { isNew: true, turns: [2, 1] },
    async program(client, stage) {
      stage.script(echo(), echo());
      const thread = client.thread(await newThread(client, stage));
      await thread.run('one').result();
      const fork = await thread.fork();
      await fork.run('in the fork').result();
      const reads = await Promise.all([fork, thread].map((one) => one.read({ includeTurns: true })));
      return { isNew: fork.id !== thread.id, turns: reads.map((read) => read.thread.turns.length) };
    },
  },
  {
    name: 'thread-archive',
    title: 'a thread gets a name, is archived and comes back',
    outcome: { archived: 1, name: 'A name', listed: 1 },
    async program(client, stage) {
      stage.script(echo());
      const thread = client.thread(await newThread(client, stage));
      await thread.run('one').result();
      await thread.setName('A name');
      await thread.archive();
      await client.nextMessage({ methods: ['thread/archived'] });
      const { data } = await client.threadList({ archived: true });
      await thread.unarchive();
      await client.nextMessage({ methods: ['thread/unarchived'] });
      const listed = await client.threadList();
      return { archived: data.length, name: listed.data[0]?.name, listed: listed.data.length };
    },
  },
  {
    name: 'compaction',
    title: 'a thread is compacted, and goes on',
    outcome: { items: ['contextCompaction'], finalMessage: 'After it.' },
    async program(client, stage) {
      stage.script(text('Before it.'), text('A summary.'), text('After it.'));
      const threadId = await newThread(client, stage);
      await client.turnRun({ threadId, input: 'one' }).result();
      const messages = client.events({ threadId });
      await client.threadCompactStart({ threadId });
      const items: string[] = [];
      for await (const message of messages) {
        if (message.method === 'item/completed') items.push(message.params.item.type);
        if (message.method === 'turn/completed') break;
      }
      const { finalMessage } = await client.turnRun({ threadId, input: 'two' }).result();
      return { items, finalMessage };
    },
  },
  {
    name: 'review',
    title: 'a review of a change, and its findings',
    outcome: { items: ['enteredReviewMode', 'exitedReviewMode'], status: 'completed' },
    async program(client, stage) {
      const review = {
        findings: [],
        overall_correctness: 'patch is correct',
        overall_explanation: 'Fine.',
        overall_confidence_score: 0.9,
      };
      stage.script(text(JSON.stringify(review)));
      const threadId = await newThread(client, stage);
      const messages = client.events({ threadId });
      await client.reviewStart({ threadId, target: { type: 'custom', instructions: 'Look at it.' } });
      const items: string[] = [];
      for await (const message of messages) {
        if (message.method === 'item/completed' && message.params.item.type.endsWith('ReviewMode'))
          items.push(message.params.item.type);
        if (message.method === 'turn/completed') return { items, status: message.params.turn.status };
      }
      return 'the stream ended before the review';
    },
  },
  {
    name: 'thread-settings',
    title: 'the settings of a thread are changed between two turns',
    options: { experimentalApi: true },
    outcome: { updated: 'never', finalMessage: 'Echo: two' },
    async program(client, stage) {
      stage.script(echo(), echo());
      const threadId = await newThread(client, stage);
      await client.turnRun({ threadId, input: 'one' }).result();
      const updates = client.events({ methods: ['thread/settings/updated'] });
      await client.threadSettingsUpdate({ threadId, approvalPolicy: 'never' });
      const { value: updated } = await updates.next();
      const { finalMessage } = await client.turnRun({ threadId, input: 'two' }).result();
      return { updated: updated?.params.threadSettings.approvalPolicy, finalMessage };
    },
  },
];
