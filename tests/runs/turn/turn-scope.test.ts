/** Sub-agents run on threads of their own: which of their messages a run yields. */
import type { ServerMessage } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { TurnScope } from '../../../src/runs/turn/turn-scope.js';
import { scopeOf } from '../../../src/session/messages/server-message.js';
import { memberOf } from '../../../src/support/argument-checks.js';
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

const threadOf = (message: ServerMessage): unknown => memberOf(message.params, 'threadId');

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

describe('a scope', () => {
  // Messages with the members that a scope looks at.
  const messageOf = (method: string, params: object, kind = 'notification') =>
    ({ kind, method, params }) as ServerMessage;
  const learned = (scope: TurnScope, message: ServerMessage) => scope.learn(message, scopeOf(message));
  const whose = (scope: TurnScope, message: ServerMessage) => scope.belongingOf(message, scopeOf(message));
  const started = (threadId: string, turnId: string, rootTurnId = turnId) =>
    messageOf('turn/started', { threadId, turn: { ...turnOf(turnId), rootTurnId } });
  const childOf = (parentThreadId: string | null | undefined, id = 'child') =>
    messageOf('thread/started', { thread: { id, parentThreadId } });
  const itemOf = (method: string, item: object) => messageOf(method, { threadId: 't', turnId: 'ours', item });

  test('learns its name from turn/started, once; the answer has the last word', () => {
    const scope = new TurnScope('t');
    expect(scope.turnId).toBeUndefined();
    learned(scope, started('other', 'theirs'));
    expect(scope.turnId).toBeUndefined();
    learned(scope, started('t', 'first'));
    learned(scope, started('t', 'second'));
    expect(scope.turnId).toBe('first');
    scope.named('answered');
    expect(scope.turnId).toBe('answered');
  });

  test('knows the name under which it runs, where a turn within it has begun', () => {
    const scope = new TurnScope('t');
    scope.named('ours');
    expect(scope.activeTurnId).toBe('ours');
    learned(scope, started('t', 'theirs'));
    expect(scope.activeTurnId).toBe('ours');
    learned(scope, started('t', 'within', 'ours'));
    expect(scope.activeTurnId).toBe('within');
    expect(whose(scope, started('t', 'within', 'ours'))).toBe('turn');
    expect(whose(scope, messageOf('item/started', { threadId: 't', turnId: 'within' }))).toBe('other');
    learned(scope, started('t', 'ours'));
    expect(scope.activeTurnId).toBe('ours');
    scope.runsAs('told');
    expect([scope.activeTurnId, scope.turnId]).toEqual(['told', 'ours']);
  });

  test('learns nothing from a request, nor from what is of no thread', () => {
    const scope = new TurnScope('t');
    scope.named('ours');
    learned(scope, messageOf('turn/started', { threadId: 't', turn: turnOf('x') }, 'request'));
    const orphan = messageOf('turn/started', { turn: { ...turnOf('x'), rootTurnId: 'ours' } });
    expect(learned(scope, orphan)).toEqual([]);
    expect(scope.turnId).toBe('ours');
  });

  test.each([
    ['its turn', 't', 'ours', 'turn'],
    ['its thread', 't', undefined, 'turn'],
    ['another turn of its thread', 't', 'theirs', 'other'],
    ['another thread', 'u', 'ours', 'other'],
    ['no thread', undefined, 'ours', 'other'],
  ])('knows whose a message of %s is', (_, threadId, turnId, belonging) => {
    const scope = new TurnScope('t');
    scope.named('ours');
    expect(whose(scope, messageOf('item/started', { threadId, turnId }))).toBe(belonging);
  });

  test('leaves the start of its thread to others', () => {
    expect(whose(new TurnScope('t'), childOf(null, 't'))).toBe('other');
  });

  test.each([
    ['its turn', started('child', 'child 1', 'ours'), ['child']],
    ['a turn of another root', started('child', 'child 1', 'theirs'), []],
    ['a turn that is not told', messageOf('turn/started', { threadId: 'child' }), []],
    ['its parent', childOf('t'), ['child']],
    ['another parent', childOf('u'), []],
    ['no parent', childOf(null), []],
    ['a parent that is not told', childOf(undefined), []],
    ['a thread that is not told', messageOf('thread/started', { threadId: 'child' }), []],
    ['the call that spawns it', itemOf('item/started', spawned('child')), ['child']],
    ['the end of that call', itemOf('item/completed', spawned('child')), ['child']],
    ["another's call", itemOf('item/started', spawned('child', 'u')), []],
    [
      'an item of another type',
      itemOf('item/started', { ...spawned('child'), type: 'commandExecution' }),
      [],
    ],
    ['an item that is not told', messageOf('item/started', { threadId: 't' }), []],
    ['a call of its own thread', itemOf('item/started', spawned('t')), []],
    ['another message', messageOf('item/updated', { threadId: 't', item: spawned('child') }), []],
  ])('knows a sub-agent by %s', (_, message, threads) => {
    const scope = new TurnScope('t');
    scope.named('ours');
    expect(learned(scope, message)).toEqual(threads);
    const belonging = threads.length > 0 ? 'subagent' : 'other';
    expect(whose(scope, messageOf('x', { threadId: 'child' }))).toBe(belonging);
    expect(learned(scope, message)).toEqual([]);
  });

  test('knows no sub-agent by its turn before it has a name itself', () => {
    const scope = new TurnScope('t');
    expect(learned(scope, messageOf('turn/started', { threadId: 'child', turn: {} }))).toEqual([]);
  });

  test('knows the sub-agents of its sub-agents', () => {
    const scope = new TurnScope('t');
    expect(learned(scope, childOf('t'))).toEqual(['child']);
    expect(learned(scope, childOf('child', 'grandchild'))).toEqual(['grandchild']);
    expect(whose(scope, messageOf('x', { threadId: 'grandchild' }))).toBe('subagent');
  });
});
