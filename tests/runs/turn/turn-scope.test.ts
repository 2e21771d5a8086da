/** Sub-agents run on threads of their own: which of their messages a run yields. */
import type { ServerMessage } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { agentMessage, collected, PlayedServer, type PlayedTurn, turnOf } from '../played-server.js';

const spawned = (receiver: string, sender = 't') => ({
  type: 'collabAgentToolCall',
  id: `spawn ${receiver}`,
  senderThreadId: sender,
  receiverThreadIds: [receiver],
});

/** A message of a sub-agent. */
function childSays(turn: PlayedTurn, threadId: string, text: string): void {
  turn.send('item/completed', { threadId, turnId: `${threadId} 1`, item: agentMessage('c', text) });
}

const threadOf = (message: ServerMessage): unknown =>
  'threadId' in (message.params ?? {}) ? Object(message.params).threadId : undefined;

describe('without includeSubagents', () => {
  test('events of sub-agents leak into the run of their parent: none enters it, they reach the main stream', async () => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' });
    const messages = collected(run);
    const turn = (await server.turn()).accept().started().item(spawned('child'));
    childSays(turn, 'child', 'psst');
    turn.say('parent').complete();
    expect((await messages).map(threadOf)).toEqual(['t', 't', 't', 't']);
    expect((await run.result()).items).toHaveLength(1);
    expect(threadOf((await server.client.nextMessage()) as ServerMessage)).toBe('child');
  });
});

describe('with includeSubagents', () => {
  test('children and grandchildren are in the same stream, each with its threadId, and not in the facts', async () => {
    await using server = new PlayedServer();
    const options = { includeSubagents: true, collectEvents: true };
    const run = server.client.turnRun({ threadId: 't', input: 'x' }, options);
    const messages = collected(run);
    const turn = (await server.turn()).accept().started().item(spawned('child'));
    childSays(turn, 'child', 'psst');
    turn.send('item/completed', {
      threadId: 'child',
      turnId: 'child 1',
      item: spawned('grandchild', 'child'),
    });
    childSays(turn, 'grandchild', 'psst psst');
    childSays(turn, 'stranger', 'not ours');
    turn.say('parent').complete();
    const threads = ['t', 't', 'child', 'child', 'grandchild', 't', 't'];
    expect((await messages).map(threadOf)).toEqual(threads);
    const result = await run.result();
    expect(result.events?.map(threadOf)).toEqual(threads);
    expect(result.items.map(({ type }) => type)).toEqual(['collabAgentToolCall']);
    expect(result.agentMessages).toMatchObject([{ id: 'm1', text: 'parent' }]);
  });

  test('a child is known by its turn before the parent names its thread', async () => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' }, { includeSubagents: true });
    const messages = collected(run);
    const turn = (await server.turn()).accept().started();
    turn.send('turn/started', { threadId: 'child', turn: { ...turnOf('child 1'), rootTurnId: 'turn-1' } });
    childSays(turn, 'child', 'early');
    turn.complete();
    expect((await messages).map(threadOf)).toEqual(['t', 'child', 'child', 't']);
  });

  test('a child is known by its parent thread in thread/started', async () => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' }, { includeSubagents: true });
    const messages = collected(run);
    const turn = (await server.turn()).accept().started();
    server.piped.send({ method: 'thread/started', params: { thread: { id: 'child', parentThreadId: 't' } } });
    server.piped.send({
      method: 'thread/started',
      params: { thread: { id: 'other', parentThreadId: null } },
    });
    childSays(turn, 'child', 'hello');
    childSays(turn, 'other', 'hello');
    turn.complete();
    expect((await messages).map(({ method }) => method)).toEqual([
      'turn/started',
      'thread/started',
      'item/completed',
      'turn/completed',
    ]);
  });

  test('the end of a child’s turn does not end the run, and its approvals are the run’s', async () => {
    await using server = new PlayedServer();
    const result = server.client.turnRun({ threadId: 't', input: 'x' }, { includeSubagents: true }).result();
    const turn = (await server.turn()).accept().started().item(spawned('child'));
    turn.ask('child asks', 'item/fileChange/requestApproval', { threadId: 'child', turnId: 'child 1' });
    expect(await server.answerTo('child asks')).toMatchObject({ result: { decision: 'decline' } });
    turn.send('turn/completed', { threadId: 'child', turn: turnOf('child 1', 'failed', 'the child only') });
    await server.piped.quiet();
    turn.say('still here').complete();
    expect(await result).toMatchObject({ status: 'completed', finalMessage: 'still here' });
  });
});
