/** How a goal is read: by a loop, by its result, its text and its states, and that each message comes once, whoever leaves when. */
import { approve, type GoalRun, type ServerMessage } from 'codex-async-client';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { agentMessage, collected, methodsOf, PlayedServer, turnOf } from '../played-server.js';
import { GOAL, goalOf, goalSet, PlayedGoal } from './played-goal.js';

const mute = (promise: Promise<unknown>) => void promise.catch(() => undefined);

/** Two turns, in the second of which the goal is reached. */
function playTwoTurns(goal: PlayedGoal): void {
  const one = goal.turn('one').say('half ').item(agentMessage('m1', 'half way'));
  goal.update(goalOf('active', { tokensUsed: 10 }), 'one');
  one.complete();
  const two = goal.turn('two');
  two.send('item/agentMessage/delta', { turnId: 'two', itemId: 'm2', delta: 'done' });
  two.item(agentMessage('m2', 'done'));
  goal.update(goalOf('complete', { tokensUsed: 20 }), 'two');
  two.complete();
}

const TWO_TURNS = [
  'thread/goal/updated',
  'turn/started',
  'item/agentMessage/delta',
  'item/completed',
  'thread/goal/updated',
  'turn/completed',
  'turn/started',
  'item/agentMessage/delta',
  'item/completed',
  'thread/goal/updated',
  'turn/completed',
];

describe('a goal run', () => {
  test('is a loop over all messages of all its turns, and none comes to another stream', async () => {
    await using server = new PlayedServer();
    const { run, goal } = await goalSet(server);
    const methods = methodsOf(run);
    playTwoTurns(goal);
    expect(await methods).toEqual(TWO_TURNS);
    expect(server.client.stats().held.messages).toBe(0);
    expect(run.goal).toMatchObject({ status: 'complete', tokensUsed: 20 });
  });

  test('has a result: how it ended, its goal, its turns, and the last final message', async () => {
    await using server = new PlayedServer();
    const { run, goal } = await goalSet(server, GOAL, { collectEvents: true });
    const result = run.result();
    playTwoTurns(goal);
    expect(await result).toMatchObject({
      status: 'complete',
      goal: { tokensUsed: 20 },
      turns: [
        { status: 'completed', finalMessage: 'half way', raw: { turn: { id: 'one' } } },
        { status: 'completed', finalMessage: 'done', items: [{ id: 'm2' }], joined: false },
      ],
      finalMessage: 'done',
      agentMessages: [{ id: 'm1' }, { id: 'm2' }],
      spentTokens: 0,
    });
    expect((await result).events?.map(({ method }) => method)).toEqual(TWO_TURNS);
  });

  test('names the turn that runs, and settles started() with the first', async () => {
    await using server = new PlayedServer();
    const run = server.client.goalRun(GOAL);
    const started = run.started();
    expect([run.goal, run.turnId, run.threadId]).toEqual([undefined, undefined, 't']);
    const goal = await new PlayedGoal(server).had(null);
    await goal.set();
    const one = goal.turn('one');
    expect(await started).toEqual({ threadId: 't', turnId: 'one' });
    expect(run.turnId).toBe('one');
    one.complete();
    await server.piped.quiet();
    expect(run.turnId).toBeUndefined();
    expect(await run.started()).toEqual({ threadId: 't', turnId: 'one' });
    goal.turn('two');
    await server.piped.quiet();
    expect(run.turnId).toBe('two');
    mute(run.result());
  });

  test('rejects started() when the goal is over without a turn', async () => {
    await using server = new PlayedServer();
    const { run, goal } = await goalSet(server);
    const result = run.result();
    goal.send('thread/goal/cleared', {});
    // A turn may have been about to begin.
    await goal.read('idle');
    expect(await result).toMatchObject({ status: 'cleared', turns: [], finalMessage: undefined });
    await expect(run.started()).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('has a text over all turns', async () => {
    await using server = new PlayedServer();
    const { run, goal } = await goalSet(server);
    const text = collected(run.text());
    playTwoTurns(goal);
    expect((await text).join('|')).toBe('half |done');
    // Who comes later gets the whole of it.
    expect((await collected(run.text())).join('|')).toBe('half way|done');
  });

  test('has states, the goal among them', async () => {
    await using server = new PlayedServer();
    const { run, goal } = await goalSet(server);
    const states = collected(run.snapshots());
    playTwoTurns(goal);
    expect((await states).at(-1)).toMatchObject({
      turns: [
        { id: 'one', status: 'completed' },
        { id: 'two', status: 'completed' },
      ],
    });
  });

  test('steers the turn that runs, and between two turns the next one', async () => {
    await using server = new PlayedServer();
    const { run, goal } = await goalSet(server);
    mute(run.result());
    const one = goal.turn('one');
    await server.piped.quiet();
    const now = run.steer('faster');
    const first = await server.next('turn/steer');
    expect(first.params).toMatchObject({ expectedTurnId: 'one', input: [{ text: 'faster' }] });
    server.answer(first, { turnId: 'one' });
    expect(await now).toEqual({ turnId: 'one' });
    one.complete();
    await server.piped.quiet();
    const later = run.steer('still');
    expect(server.sent('turn/steer')).toBe(1);
    goal.turn('two');
    const second = await server.next('turn/steer');
    expect(second.params).toMatchObject({ expectedTurnId: 'two' });
    server.answer(second, { turnId: 'two' });
    expect(await later).toEqual({ turnId: 'two' });
  });

  test('is also there on a handle, with its own thread', async () => {
    await using server = new PlayedServer();
    const run = server.client.thread('t').goalRun({ objective: 'count', tokenBudget: 9 });
    const goal = await new PlayedGoal(server).had(null);
    const { params } = await goal.set();
    expect(params).toEqual({ threadId: 't', objective: 'count', status: 'active', tokenBudget: 9 });
    mute(run.result());
    const again = server.client.thread('other').goalRun();
    expect((await server.next('thread/goal/set')).params).toEqual({ threadId: 'other', status: 'active' });
    mute(again.result());
  });

  test('is no result: what is looked for on it is named', async () => {
    await using server = new PlayedServer();
    const { run } = await goalSet(server);
    expect(() => (run as unknown as { status: string }).status).toThrow(/await run\.result\(\)/);
  });

  test('has its first turn also where turn/started is not told', async () => {
    await using server = new PlayedServer();
    const { run, goal } = await goalSet(server);
    const item = { ...agentMessage('m1', ''), text: '' };
    goal.send('item/started', { turnId: 'one', item, startedAtMs: 1 });
    goal.update(goalOf('complete'), 'one');
    goal.send('turn/completed', { turn: turnOf('one', 'completed') });
    expect((await run.result()).turns).toHaveLength(1);
  });

  test('leaves a late message of an earlier turn to whoever reads the thread', async () => {
    await using server = new PlayedServer();
    const { run, goal } = await goalSet(server);
    goal.turn('one');
    goal.send('thread/tokenUsage/updated', { turnId: 'earlier', tokenUsage: {} });
    await server.piped.quiet();
    const message = await server.client.nextMessage({ timeoutMs: 1_000 });
    expect(message).toMatchObject({ method: 'thread/tokenUsage/updated', params: { turnId: 'earlier' } });
    mute(run.result());
  });
});

describe('what a goal asks', () => {
  test('comes to its loop, in every turn', async () => {
    await using server = new PlayedServer();
    const { run, goal } = await goalSet(server);
    goal.turn('one').complete();
    goal.turn('two').ask(7);
    for await (const message of run) {
      if (message.kind === 'request') await server.client.respond(message, approve(message) as never);
      if (message.kind === 'request') break;
    }
    expect((await server.answerTo(7)).result).toMatchObject({ decision: 'accept' });
  });

  test('L16 is denied while only its result is wanted, also by a sub-agent of an earlier turn', async () => {
    await using server = new PlayedServer();
    const { run, goal } = await goalSet(server);
    mute(run.result());
    const one = goal.turn('one');
    const spawn = { type: 'collabAgentToolCall', id: 'i', senderThreadId: 't', receiverThreadIds: ['sub'] };
    one.item(spawn).complete();
    goal.turn('two').ask(1);
    server.piped.send({
      id: 2,
      method: 'item/fileChange/requestApproval',
      params: { threadId: 'sub', turnId: 'theirs', itemId: 'i' },
    });
    expect((await server.answerTo(1)).result).toMatchObject({ decision: 'decline' });
    expect((await server.answerTo(2)).result).toMatchObject({ decision: 'decline' });
  });

  test('L17 is answered by its standing answers, in every turn', async () => {
    await using server = new PlayedServer();
    const { run, goal } = await goalSet(server, GOAL, {
      standingAnswers: { 'item/fileChange/requestApproval': { decision: 'accept' } },
    });
    mute(run.result());
    goal.turn('one').ask(1).complete();
    goal.turn('two').ask(2);
    expect((await server.answerTo(1)).result).toEqual({ decision: 'accept' });
    expect((await server.answerTo(2)).result).toEqual({ decision: 'accept' });
  });

  test('its sub-agents’ messages are its own where they are wanted', async () => {
    await using server = new PlayedServer();
    const { run, goal } = await goalSet(server, GOAL, { includeSubagents: true });
    const methods = methodsOf(run);
    const one = goal.turn('one');
    server.piped.send({
      method: 'turn/started',
      params: { threadId: 'sub', turn: { ...turnOf('theirs'), rootTurnId: 'one' } },
    });
    server.piped.send({
      method: 'item/agentMessage/delta',
      params: { threadId: 'sub', turnId: 'theirs', itemId: 'x', delta: 'sub' },
    });
    goal.update(goalOf('complete'), 'one');
    one.complete();
    expect(await methods).toEqual([
      'thread/goal/updated',
      'turn/started',
      'turn/started',
      'item/agentMessage/delta',
      'thread/goal/updated',
      'turn/completed',
    ]);
  });
});

/** One thing that the server does, in any order that it may do them in. */
type Step = 'turn' | 'say' | 'complete' | 'update' | 'theirs';

const steps = fc.array(fc.constantFrom<Step>('turn', 'say', 'complete', 'update', 'theirs'), {
  maxLength: 14,
});

/** Plays the steps as far as they make sense, to the end of the goal; gives back what the loop is to get. */
function play(goal: PlayedGoal, wanted: readonly Step[]): string[] {
  const told = ['thread/goal/updated'];
  let running: ReturnType<PlayedGoal['turn']> | undefined;
  let turns = 0;
  const begin = () => {
    turns += 1;
    running = goal.turn(`turn-${turns}`);
    told.push('turn/started');
  };
  for (const step of wanted) {
    if (step === 'turn' && running === undefined) begin();
    else if (step === 'say' && running !== undefined) {
      running.say('x');
      told.push('item/agentMessage/delta');
    } else if (step === 'complete' && running !== undefined) {
      running.complete();
      running = undefined;
      told.push('turn/completed');
    } else if (step === 'update') {
      goal.update(goalOf(), running?.turnId ?? null);
      told.push('thread/goal/updated');
    } else if (step === 'theirs')
      goal.send('thread/tokenUsage/updated', { turnId: 'theirs', tokenUsage: {} });
  }
  if (running === undefined) begin();
  goal.update(goalOf('complete'), `turn-${turns}`);
  running?.complete();
  return [...told, 'thread/goal/updated', 'turn/completed'];
}

/** Reads so many messages, then leaves; all when there are fewer. */
async function read(run: GoalRun, count: number): Promise<string[]> {
  const seen: ServerMessage[] = [];
  for await (const message of run) if (seen.push(message) === count) break;
  return seen.map(({ method }) => method);
}

describe('L1 whatever the server does', () => {
  test('each message comes once, in order, whoever reads, and the run ends', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.boolean(), async (wanted, isLooped) => {
        await using server = new PlayedServer();
        const { run, goal } = await goalSet(server, GOAL, { collectEvents: true });
        const looped = isLooped ? methodsOf(run) : undefined;
        const told = play(goal, wanted);
        const result = await run.result();
        expect(result.events?.map(({ method }) => method)).toEqual(told);
        if (looped !== undefined) expect(await looped).toEqual(told);
        expect(result.turns).toHaveLength(told.filter((method) => method === 'turn/started').length);
      }),
      { numRuns: 60 },
    );
  });

  test('L11 the run can be left at every message of a goal that is over, and its result is the same', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 1, max: 30 }), async (wanted, count) => {
        await using server = new PlayedServer();
        const { run, goal } = await goalSet(server);
        const told = play(goal, wanted);
        const seen = await read(run, count);
        expect(seen).toEqual(told.slice(0, count));
        // All that the server said had been said before it could hear of the leaving.
        expect((await run.result()).status).toBe('complete');
      }),
      { numRuns: 40 },
    );
  });

  test('L11 the run can be left after every message of a goal that goes on', async () => {
    for (let count = 1; count <= 8; count += 1) {
      await using server = new PlayedServer();
      const { run, goal } = await goalSet(server);
      const one = goal.turn('one').say('a', 'b');
      goal.update(goalOf(), 'one');
      one.complete();
      const two = goal.turn('two').say('c');
      expect(await read(run, count)).toHaveLength(count);
      expect((await goal.set(goalOf('paused'))).params).toEqual({ threadId: 't', status: 'paused' });
      await goal.interrupted(two);
      expect((await run.result()).turns.map(({ status }) => status)).toEqual(['completed', 'interrupted']);
    }
  });
});
