/** Sub-agents of the real server: their events stay out of the parent's run, unless they are asked for. */
import type { TurnRun } from 'codex-async-client';
import { gate, shellCommand, spawnAgent, text } from 'codex-async-client/testing';
import { expect, test } from 'vitest';
import { collected } from '../runs/played-server.js';
import { type CodexWithModel, codexWithModel } from './codex-with-model.js';

/** Scripts a parent that spawns a child, whose text is held at the gate, and speaks afterwards. */
function scriptParentAndChild(codex: CodexWithModel, parentMayEnd = gate()): typeof parentMayEnd {
  codex.provider.when({ userText: 'count the files' }, text('there are ', 'two'));
  codex.provider.when({ userText: 'delegate' }, spawnAgent('count the files'), [
    parentMayEnd,
    text('parent done'),
  ]);
  // When the child ends first, codex tells the parent's model so, and asks it once more in the same turn.
  codex.provider.when({ userText: 'two', repeat: true }, text('noted'));
  return parentMayEnd;
}

test('no message of a child thread enters the parent’s run', async () => {
  await using codex = await codexWithModel();
  const parentMayEnd = scriptParentAndChild(codex);
  const threadId = await codex.newThread();
  const childEnds = codex.client.events({ methods: ['turn/completed'] });
  const run = codex.client.turnRun({ threadId, input: 'delegate' });
  const messages = collected(run);
  const childEnd = await childEnds.next();
  expect(childEnd.value?.params.threadId).not.toBe(threadId);
  parentMayEnd.open();
  const ids = (await messages).map(({ params }) => Object(params).threadId);
  expect(new Set(ids)).toEqual(new Set([threadId]));
  const { items, agentMessages } = await run.result();
  expect(items.map(({ type }) => type)).toContain('collabAgentToolCall');
  expect(JSON.stringify(agentMessages)).not.toContain('there are');
});

test('includeSubagents yields a child’s messages in the same stream, each with its threadId', async () => {
  await using codex = await codexWithModel();
  const parentMayEnd = scriptParentAndChild(codex);
  const threadId = await codex.newThread();
  const run = codex.client.turnRun({ threadId, input: 'delegate' }, { includeSubagents: true });
  const texts: Record<string, string> = {};
  const ended: string[] = [];
  for await (const message of run) {
    if (message.method === 'item/agentMessage/delta') {
      const speaker = message.params.threadId === threadId ? 'parent' : 'child';
      texts[speaker] = (texts[speaker] ?? '') + message.params.delta;
    }
    if (message.method !== 'turn/completed') continue;
    ended.push(message.params.threadId === threadId ? 'parent' : 'child');
    // The child is through: now the parent may end.
    parentMayEnd.open();
  }
  expect(ended).toEqual(['child', 'parent']);
  expect(texts['child']).toBe('there are two');
  expect(texts['parent']).toMatch(/^parent done/);
  expect(JSON.stringify((await run.result()).agentMessages)).not.toContain('there are');
});

test.each([
  ['result()', (run: TurnRun) => run.result()],
  ['text()', (run: TurnRun) => collected(run.text())],
])('L16 what a child asks is denied while %s drives its parent, and both go on', async (_, drive) => {
  await using codex = await codexWithModel();
  const escalated = shellCommand('echo hi', { escalate: true, justification: 'May I?' });
  codex.provider.when({ userText: 'count the files' }, escalated, text('a pity'));
  const parentMayEnd = gate();
  codex.provider.when({ userText: 'delegate' }, spawnAgent('count the files'), [parentMayEnd, text('done')]);
  codex.provider.when({ userText: 'a pity', repeat: true }, text('noted'));
  const childEnds = codex.client.events({ methods: ['turn/completed'] });
  const run = codex.client.turnRun({ threadId: await codex.newThread(), input: 'delegate' });
  const end = drive(run);
  const { value: childEnd } = await childEnds.next();
  expect(childEnd?.params.turn.status).toBe('completed');
  parentMayEnd.open();
  await end;
  expect((await run.result()).status).toBe('completed');
  expect(codex.client.stats().requests.unansweredByUs).toBe(0);
});
