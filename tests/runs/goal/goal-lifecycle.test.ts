/** How a goal is set, paused, cleared and given up, in which order, and what becomes of the thread's line meanwhile. */
import { ServerClosedError, ThreadBusyError } from 'codex-async-client';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { outcomeOf } from '../../helpers/piped-server.js';
import { collected, PlayedServer } from '../played-server.js';
import { startedByHand } from '../turn/by-hand.js';
import { GOAL, goalOf, goalSet, methodsSent, PlayedGoal } from './played-goal.js';

const mute = (promise: Promise<unknown>) => void promise.catch(() => undefined);
const nameOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: Error) => error.name,
  );

afterEach(() => {
  vi.useRealTimers();
});

describe('a goal is set', () => {
  test('and over at once where the server answers so, whether it tells of it or not', async () => {
    await using server = new PlayedServer();
    const run = server.client.goalRun({ threadId: 't' });
    const result = run.result();
    server.answer(await server.next('thread/goal/set'), { goal: goalOf('budgetLimited') });
    await new PlayedGoal(server).read('idle');
    expect(await result).toMatchObject({ status: 'budgetLimited', turns: [] });
  });

  test('with the objective and the budget, as soon as the thread has no other', async () => {
    await using server = new PlayedServer();
    mute(server.client.goalRun({ ...GOAL, tokenBudget: 500 }).result());
    const goal = await new PlayedGoal(server).had(null);
    const { params } = await goal.set();
    expect(params).toEqual({ threadId: 't', objective: 'count', status: 'active', tokenBudget: 500 });
    expect(methodsSent(server)).toEqual(['thread/goal/get', 'thread/goal/set']);
  });

  test('anew where the thread has an old one, whose end is not taken for its own', async () => {
    await using server = new PlayedServer();
    const run = server.client.goalRun(GOAL);
    const result = run.result();
    const goal = await new PlayedGoal(server).had(goalOf('complete', { objective: 'old', createdAt: 1 }));
    const clear = await server.next('thread/goal/clear');
    server.answer(clear, { cleared: true });
    const set = await server.next('thread/goal/set');
    server.answer(set, { goal: goalOf() });
    // The server tells of the old one late.
    goal.send('thread/goal/cleared', {});
    goal.update(goalOf());
    const turn = goal.turn('one');
    goal.update(goalOf('complete'), 'one');
    turn.complete();
    expect((await result).status).toBe('complete');
  });

  test('not while another goal is active: that is not ended unasked', async () => {
    await using server = new PlayedServer();
    const result = server.client.goalRun(GOAL).result();
    mute(result);
    await new PlayedGoal(server).had(goalOf('active', { objective: 'other' }));
    await expect(result).rejects.toBeInstanceOf(ThreadBusyError);
    await expect(result).rejects.toThrow(/clear or pause that one first, or let it go on with goalRun/);
    expect(methodsSent(server)).toEqual(['thread/goal/get']);
  });

  test('by its status alone when the thread’s own is to go on', async () => {
    await using server = new PlayedServer();
    const run = server.client.goalRun({ threadId: 't' });
    const goal = new PlayedGoal(server);
    const { params } = await goal.set(goalOf('active', { objective: 'old', tokensUsed: 70 }));
    expect(params).toEqual({ threadId: 't', status: 'active' });
    await server.piped.quiet();
    expect(run.goal).toMatchObject({ objective: 'old', tokensUsed: 70 });
    await run.return();
  });

  test('or the run rejects with the refusal, and the line goes on', async () => {
    await using server = new PlayedServer();
    const run = server.client.goalRun({ threadId: 't' });
    const after = server.client.turnRun({ threadId: 't', input: 'after' });
    const result = run.result();
    mute(result);
    server.refuse(await server.next('thread/goal/set'), 'no goal exists');
    await expect(result).rejects.toMatchObject({ code: 'CODEX_RPC' });
    await expect(run.next()).rejects.toMatchObject({ code: 'CODEX_RPC' });
    (await server.turn()).accept().started().complete();
    expect((await after.result()).status).toBe('completed');
  });

  test('L14 when the turns before it are over, and the runs after it wait until the goal is', async () => {
    await using server = new PlayedServer();
    const before = server.client.turnRun({ threadId: 't', input: 'before' });
    const run = server.client.goalRun(GOAL);
    const result = run.result();
    const after = server.client.turnRun({ threadId: 't', input: 'after' });
    const first = (await server.turn()).accept().started();
    await server.piped.quiet();
    expect(methodsSent(server)).toEqual(['turn/start']);
    first.complete();
    await before.result();
    const goal = await new PlayedGoal(server).had(null);
    await goal.set();
    goal.turn('one').complete();
    const two = goal.turn('two');
    goal.update(goalOf('complete'), 'two');
    await server.piped.quiet();
    expect(server.sent('turn/start')).toBe(1);
    two.complete();
    expect((await result).turns).toHaveLength(2);
    (await server.turn()).accept().started().complete();
    expect((await after.result()).status).toBe('completed');
  });

  test('L14 when a turn that is no run’s is over', async () => {
    await using server = new PlayedServer();
    const byHand = await startedByHand(server);
    mute(server.client.goalRun(GOAL).result());
    await new PlayedGoal(server).had(null);
    expect(server.sent('thread/goal/set')).toBe(0);
    byHand.complete();
    await new PlayedGoal(server).had(null);
    await server.next('thread/goal/set');
  });

  test('or never, when the run is left while it waits', async () => {
    await using server = new PlayedServer();
    mute(server.client.turnRun({ threadId: 't', input: 'before' }).result());
    const run = server.client.goalRun(GOAL);
    const turn = (await server.turn()).accept().started();
    await run.interrupt();
    expect(await nameOf(run.result())).toBe('AbortError');
    expect(await nameOf(run.pause())).toBe('AbortError');
    turn.complete();
    await server.piped.quiet();
    expect(methodsSent(server)).toEqual(['turn/start']);
  });
});

describe('a goal that is given up', () => {
  test('L11 is paused first, and its turn is interrupted then', async () => {
    await using server = new PlayedServer();
    const { run, goal } = await goalSet(server);
    const turn = goal.turn('one').say('a');
    for await (const message of run) if (message.method === 'item/agentMessage/delta') break;
    expect((await goal.set(goalOf('paused'))).params).toEqual({ threadId: 't', status: 'paused' });
    await goal.interrupted(turn);
    expect(methodsSent(server).slice(2)).toEqual(['thread/goal/set', 'turn/interrupt']);
    expect(await run.result()).toMatchObject({
      status: 'interrupted',
      goal: { status: 'paused' },
      turns: [{ status: 'interrupted' }],
    });
  });

  test('L11 is over when both are done, in whichever order the server does them', async () => {
    await using server = new PlayedServer();
    const { run, goal } = await goalSet(server);
    const turn = goal.turn('one');
    await server.piped.quiet();
    await run.return();
    await goal.interrupted(turn);
    await server.piped.quiet();
    expect(await outcomeOf(run.result())).toBe('pending');
    await goal.set(goalOf('paused'));
    expect(await run.result()).toMatchObject({ status: 'interrupted', goal: { status: 'paused' } });
    expect(methodsSent(server).slice(2)).toEqual(['thread/goal/set', 'turn/interrupt']);
  });

  test('L11 while it is being set is paused as soon as it is, and a turn that still begins is interrupted', async () => {
    await using server = new PlayedServer();
    const run = server.client.goalRun(GOAL);
    const goal = await new PlayedGoal(server).had(null);
    const set = await server.next('thread/goal/set');
    await run.return();
    server.answer(set, { goal: goalOf() });
    await goal.set(goalOf('paused'));
    await goal.interrupted(goal.turn('late'));
    expect((await run.result()).status).toBe('interrupted');
  });

  test('L11 before it was set is never set', async () => {
    await using server = new PlayedServer();
    const run = server.client.goalRun(GOAL);
    const get = await server.next('thread/goal/get');
    await run.return();
    server.answer(get, { goal: null });
    expect(await nameOf(run.result())).toBe('AbortError');
    expect(server.sent('thread/goal/set')).toBe(0);
  });

  test('L11 between two turns: the one that begins all the same is interrupted, and the line waits for it', async () => {
    await using server = new PlayedServer();
    const { run, goal } = await goalSet(server);
    goal.turn('one').complete();
    for await (const message of run) if (message.method === 'turn/completed') break;
    const after = server.client.turnRun({ threadId: 't', input: 'after' });
    await goal.set(goalOf('paused'));
    const late = goal.turn('two');
    await server.piped.quiet();
    expect(server.sent('turn/start')).toBe(0);
    await goal.interrupted(late);
    expect((await run.result()).turns).toMatchObject([{ status: 'completed' }, { status: 'interrupted' }]);
    (await server.turn()).accept().started().complete();
    await after.result();
  });

  test('L11 between two turns is over when none begins, which is looked at once more', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    await using server = new PlayedServer();
    const { run, goal } = await goalSet(server);
    goal.turn('one').complete();
    await server.piped.quiet();
    await run.return();
    await goal.set(goalOf('paused'));
    await server.piped.quiet();
    expect(await outcomeOf(run.result())).toBe('pending');
    await vi.advanceTimersByTimeAsync(250);
    await goal.read('active');
    await server.piped.quiet();
    expect(await outcomeOf(run.result())).toBe('pending');
    await vi.advanceTimersByTimeAsync(250);
    await goal.read('idle');
    expect((await run.result()).turns).toHaveLength(1);
  });

  test('by its signal rejects with the reason', async () => {
    await using server = new PlayedServer();
    const abort = new AbortController();
    const { run, goal } = await goalSet(server, GOAL, { signal: abort.signal });
    const turn = goal.turn('one');
    const result = run.result();
    mute(result);
    await server.piped.quiet();
    abort.abort(new Error('enough'));
    await expect(result).rejects.toThrow('enough');
    await goal.set(goalOf('paused'));
    await goal.interrupted(turn);
    await server.piped.quiet();
    expect(server.client.stats().requests.inFlight).toBe(0);
  });

  test('by timeoutMs rejects with RequestTimeoutError', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    await using server = new PlayedServer();
    const { run, goal } = await goalSet(server, GOAL, { timeoutMs: 5_000 });
    goal.turn('one');
    const result = run.result();
    mute(result);
    await server.piped.quiet();
    await vi.advanceTimersByTimeAsync(5_000);
    await expect(result).rejects.toMatchObject({ code: 'CODEX_REQUEST_TIMEOUT', timeoutMs: 5_000 });
    expect((await server.next('thread/goal/set')).params).toMatchObject({ status: 'paused' });
  });

  test('goes on with detach, and still has its result', async () => {
    await using server = new PlayedServer();
    const { run, goal } = await goalSet(server, GOAL, { detach: true });
    const turn = goal.turn('one');
    await run.return();
    goal.update(goalOf('complete'), 'one');
    turn.complete();
    expect((await run.result()).status).toBe('complete');
    expect(methodsSent(server)).toEqual(['thread/goal/get', 'thread/goal/set']);
  });

  test('is interrupted all the same where it cannot be paused', async () => {
    await using server = new PlayedServer();
    const { run, goal } = await goalSet(server);
    const turn = goal.turn('one');
    await server.piped.quiet();
    const interruption = run.interrupt();
    server.refuse(await server.next('thread/goal/set'), 'no');
    await goal.interrupted(turn);
    await interruption;
    expect((await run.result()).status).toBe('interrupted');
    expect(server.sent('turn/interrupt')).toBe(1);
  });

  test('L11 whose interruption the server refused can be interrupted again', async () => {
    await using server = new PlayedServer();
    const { run, goal } = await goalSet(server);
    const turn = goal.turn('one');
    await server.piped.quiet();
    const refused = expect(run.interrupt()).rejects.toMatchObject({ rpcCode: -32603 });
    await goal.set(goalOf('paused'));
    server.refuse(await server.next('turn/interrupt'), 'not now', -32603);
    await refused;
    const again = run.interrupt();
    await goal.interrupted(turn);
    await again;
    expect((await run.result()).status).toBe('interrupted');
  });

  test('whose start was not answered in time is paused, because it may have been set', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    await using server = new PlayedServer();
    const run = server.client.goalRun(GOAL, { startTimeoutMs: 1_000 });
    const result = run.result();
    mute(result);
    const goal = await new PlayedGoal(server).had(null);
    await server.next('thread/goal/set');
    await vi.advanceTimersByTimeAsync(1_000);
    await expect(result).rejects.toMatchObject({ method: 'thread/goal/set' });
    await goal.set(goalOf('paused'));
    await vi.advanceTimersByTimeAsync(250);
    await goal.read('idle');
    const after = server.client.turnRun({ threadId: 't', input: 'after' });
    (await server.turn()).accept().started().complete();
    expect((await after.result()).status).toBe('completed');
  });
});

describe('pause, resume and clear', () => {
  test('a pause lets the turn go on to its end, and resume() another begin', async () => {
    await using server = new PlayedServer();
    const { run, goal } = await goalSet(server);
    const result = run.result();
    const one = goal.turn('one');
    const pause = run.pause();
    await goal.set(goalOf('paused'));
    await pause;
    one.complete();
    await server.piped.quiet();
    expect(await outcomeOf(result)).toBe('pending');
    expect([run.goal?.status, run.turnId]).toEqual(['paused', undefined]);
    const resume = run.resume();
    await goal.set(goalOf());
    await resume;
    const two = goal.turn('two');
    goal.update(goalOf('complete'), 'two');
    two.complete();
    expect((await result).turns.map(({ status }) => status)).toEqual(['completed', 'completed']);
  });

  test('each waits for the one before it, so that the last one asked for has the last word', async () => {
    await using server = new PlayedServer();
    const { run, goal } = await goalSet(server);
    goal.turn('one');
    const asked = [run.pause(), run.resume(), run.pause(), run.pause()];
    expect((await goal.set(goalOf('paused'))).params).toMatchObject({ status: 'paused' });
    expect((await goal.set(goalOf())).params).toMatchObject({ status: 'active' });
    expect((await goal.set(goalOf('paused'))).params).toMatchObject({ status: 'paused' });
    await Promise.all(asked);
    expect([run.goal?.status, server.sent('thread/goal/set')]).toEqual(['paused', 4]);
  });

  test('L11 one that is left while it is asked to go on is paused all the same', async () => {
    await using server = new PlayedServer();
    const { run, goal } = await goalSet(server);
    goal.turn('one').complete('interrupted');
    await goal.set(goalOf('paused'));
    const again = server.client.goalRun({ threadId: 't' });
    mute(again.result());
    await goal.set(goalOf());
    const turn = goal.turn('two');
    const pause = again.pause();
    await goal.set(goalOf('paused'));
    await pause;
    turn.complete();
    const resume = again.resume();
    const set = await server.next('thread/goal/set');
    await again.return();
    const stop = await server.next('thread/goal/set');
    expect([set.params?.['status'], stop.params?.['status']]).toEqual(['active', 'paused']);
    server.answer(set, { goal: goalOf() });
    const late = goal.turn('three');
    server.answer(stop, { goal: goalOf('paused') });
    await resume;
    await goal.interrupted(late);
    expect(await again.result()).toMatchObject({ status: 'interrupted', goal: { status: 'paused' } });
    expect((await run.result()).status).toBe('interrupted');
  });

  test('L13 a shutdown lets the server hear that one that was given up is paused', async () => {
    await using server = new PlayedServer();
    const abort = new AbortController();
    const { run, goal } = await goalSet(server, GOAL, { signal: abort.signal });
    mute(run.result());
    goal.turn('one');
    await server.piped.quiet();
    abort.abort(new Error('enough'));
    const down = server.client.shutdown();
    await server.piped.quiet();
    expect(server.client.isAlive).toBe(true);
    await goal.set(goalOf('paused'));
    await down;
    expect(server.client.isAlive).toBe(false);
  });

  test('L13 and waits for a second, where the server does not answer', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    await using server = new PlayedServer();
    const { run } = await goalSet(server);
    await run.return();
    await server.next('thread/goal/set');
    const down = server.client.shutdown();
    await vi.advanceTimersByTimeAsync(999);
    expect(server.client.isAlive).toBe(true);
    await vi.advanceTimersByTimeAsync(1);
    await down;
    expect(await nameOf(run.result())).toBe('ServerClosedError');
  });

  test('a goal that another client puts in its place ends the run, and is not its own', async () => {
    await using server = new PlayedServer();
    const { run, goal } = await goalSet(server);
    goal.turn('one').complete();
    await server.piped.quiet();
    goal.update(goalOf('active', { objective: 'other', createdAt: 200 }));
    const theirs = goal.turn('theirs');
    expect(await run.result()).toMatchObject({ status: 'cleared', goal: { objective: 'count' } });
    expect(run.turns).toHaveLength(1);
    theirs.complete();
    expect(methodsSent(server)).toEqual(['thread/goal/get', 'thread/goal/set']);
  });

  test('a pause that crosses the end of the goal does not keep the run waiting', async () => {
    await using server = new PlayedServer();
    const { run, goal } = await goalSet(server);
    const turn = goal.turn('one');
    const pause = run.pause();
    const set = await server.next('thread/goal/set');
    goal.update(goalOf('complete'), 'one');
    server.answer(set, { goal: goalOf('paused') });
    await pause;
    turn.complete();
    expect((await run.result()).status).toBe('complete');
  });

  test('a turn of another on a paused thread is not the goal’s', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    await using server = new PlayedServer();
    const { run, goal } = await goalSet(server);
    mute(run.result());
    goal.turn('one').complete();
    const pause = run.pause();
    await goal.set(goalOf('paused'));
    await pause;
    await vi.advanceTimersByTimeAsync(250);
    await goal.read('idle');
    await server.piped.quiet();
    const theirs = goal.turn('theirs').say('theirs');
    await server.piped.quiet();
    expect(run.turns).toHaveLength(1);
    const heard = server.client.events({ turnId: 'theirs' });
    expect((await heard.next()).value?.method).toBe('turn/started');
    theirs.complete();
    await run.interrupt();
    expect((await run.result()).status).toBe('interrupted');
  });

  test('clear() ends the run when the turn is over; nothing is sent for what is over or active', async () => {
    await using server = new PlayedServer();
    const { run, goal } = await goalSet(server);
    const one = goal.turn('one');
    const cleared = run.clear();
    await goal.clear();
    await cleared;
    await run.resume();
    await run.clear();
    await run.pause();
    expect(await outcomeOf(run.result())).toBe('pending');
    one.complete();
    await goal.read('idle');
    expect(await run.result()).toMatchObject({ status: 'cleared', turns: [{ status: 'completed' }] });
    expect(server.sent('thread/goal/set')).toBe(1);
  });

  test('a goal that another client clears ends the run, too', async () => {
    await using server = new PlayedServer();
    const { run, goal } = await goalSet(server);
    const one = goal.turn('one');
    goal.send('thread/goal/cleared', {});
    one.complete();
    await goal.read('idle');
    expect((await run.result()).status).toBe('cleared');
  });

  test('an objective that another client edits goes on as the same goal', async () => {
    await using server = new PlayedServer();
    const { run, goal } = await goalSet(server);
    const one = goal.turn('one');
    goal.update(goalOf('active', { objective: 'count twice' }));
    one.complete();
    const two = goal.turn('two');
    goal.update(goalOf('complete', { objective: 'count twice' }), 'two');
    two.complete();
    expect(await run.result()).toMatchObject({ goal: { objective: 'count twice' }, status: 'complete' });
  });

  test('all three reject with the refusal of the server, and the goal goes on', async () => {
    await using server = new PlayedServer();
    const { run, goal } = await goalSet(server);
    goal.turn('one');
    const pause = run.pause();
    server.refuse(await server.next('thread/goal/set'), 'not now');
    await expect(pause).rejects.toMatchObject({ code: 'CODEX_RPC' });
    const cleared = run.clear();
    server.refuse(await server.next('thread/goal/clear'), 'not now');
    await expect(cleared).rejects.toMatchObject({ code: 'CODEX_RPC' });
    expect(run.goal?.status).toBe('active');
  });
});

describe('a goal whose server is ahead of what it tells', () => {
  test('L1 the turn that it had begun before it was paused is the goal’s, and is waited for', async () => {
    await using server = new PlayedServer();
    const { run, goal } = await goalSet(server);
    const one = goal.turn('one');
    const pause = run.pause();
    await goal.set(goalOf('paused'));
    await pause;
    one.complete();
    const late = goal.turn('late').say('late');
    await server.piped.quiet();
    expect(run.turnId).toBe('late');
    const over = run.interrupt();
    await goal.interrupted(late);
    await over;
    expect((await run.result()).turns).toMatchObject([{ status: 'completed' }, { status: 'interrupted' }]);
  });

  test('L14 so it is when it was cleared: the line goes on after that turn', async () => {
    await using server = new PlayedServer();
    const { run, goal } = await goalSet(server);
    const result = run.result();
    const after = server.client.turnRun({ threadId: 't', input: 'after' });
    const one = goal.turn('one');
    const cleared = run.clear();
    await goal.clear();
    await cleared;
    one.complete();
    const late = goal.turn('late');
    await server.piped.quiet();
    expect(server.sent('turn/start')).toBe(0);
    late.complete();
    await goal.read('idle');
    expect(await result).toMatchObject({ status: 'cleared', turns: [{}, { status: 'completed' }] });
    (await server.turn()).accept().started().complete();
    expect((await after.result()).status).toBe('completed');
  });

  test('L1 its end may be told before the last turn is: that one is waited for, and all comes to the run', async () => {
    await using server = new PlayedServer();
    const { run, goal } = await goalSet(server);
    const messages = collected(run);
    const one = goal.turn('one');
    goal.update(goalOf('complete'), 'two');
    one.complete();
    goal.turn('two').complete();
    expect((await run.result()).turns).toHaveLength(2);
    expect((await messages).map(({ method }) => method)).toEqual([
      'thread/goal/updated',
      'turn/started',
      'thread/goal/updated',
      'turn/completed',
      'turn/started',
      'turn/completed',
    ]);
  });

  test('L15 a turn that was named and never comes keeps nobody waiting', async () => {
    await using server = new PlayedServer();
    const { run, goal } = await goalSet(server);
    const result = run.result();
    const one = goal.turn('one');
    goal.update(goalOf('complete'), 'never');
    one.complete();
    await goal.read('idle');
    expect(await result).toMatchObject({ status: 'complete', turns: [{ status: 'completed' }] });
  });
});

describe('what ends a goal besides', () => {
  test.each(['complete', 'blocked', 'usageLimited', 'budgetLimited'] as const)(
    'status %s: the turn in which it is told goes on to its end',
    async (status) => {
      await using server = new PlayedServer();
      const { run, goal } = await goalSet(server);
      const result = run.result();
      const turn = goal.turn('one');
      goal.update(goalOf(status), 'one');
      await server.piped.quiet();
      expect(await outcomeOf(result)).toBe('pending');
      turn.complete();
      expect(await result).toMatchObject({ status, goal: { status } });
    },
  );

  test('a turn that failed rejects result() and the loop, also while the goal is paused', async () => {
    for (const status of ['blocked', 'paused'] as const) {
      await using server = new PlayedServer();
      const { run, goal } = await goalSet(server);
      const turn = goal.turn('one');
      goal.update(goalOf(status), 'one');
      turn.complete('failed', 'no more');
      await expect(collected(run)).rejects.toMatchObject({
        code: 'CODEX_TURN_FAILED',
        result: { status: 'failed' },
      });
      await expect(run.result()).rejects.toThrow('no more');
      expect([run.goal?.status, run.turns.length]).toEqual([status, 1]);
    }
  });

  test('a turn that failed and after which the goal goes on ends nothing', async () => {
    await using server = new PlayedServer();
    const { run, goal } = await goalSet(server);
    goal.turn('one').complete('failed', 'once');
    const two = goal.turn('two');
    goal.update(goalOf('complete'), 'two');
    two.complete();
    expect((await run.result()).turns.map(({ status }) => status)).toEqual(['failed', 'completed']);
  });

  test('a turn that somebody else interrupts: none follows, so the goal is paused', async () => {
    await using server = new PlayedServer();
    const { run, goal } = await goalSet(server);
    goal.turn('one').complete('interrupted');
    expect((await goal.set(goalOf('paused'))).params).toEqual({ threadId: 't', status: 'paused' });
    expect(await run.result()).toMatchObject({ status: 'interrupted', goal: { status: 'paused' } });
  });

  test('a budget: the goal is paused, the turn interrupted, and the error has the turn so far', async () => {
    await using server = new PlayedServer();
    const { run, goal } = await goalSet(server, GOAL, { budget: { totalTokens: 100 } });
    const result = run.result();
    mute(result);
    const use = (turnId: string, total: number, last: number) => {
      const tokens = (totalTokens: number) => ({ totalTokens });
      const tokenUsage = { total: tokens(total), last: tokens(last), modelContextWindow: null };
      goal.send('thread/tokenUsage/updated', { turnId, tokenUsage });
    };
    const one = goal.turn('one');
    use('one', 60, 60);
    one.complete();
    const two = goal.turn('two');
    use('two', 120, 60);
    await goal.set(goalOf('paused'));
    await goal.interrupted(two);
    await expect(result).rejects.toMatchObject({
      code: 'CODEX_BUDGET_EXCEEDED',
      totalTokens: 100,
      spentTokens: 120,
      result: { status: 'interrupted' },
    });
    expect(run.turns).toHaveLength(2);
  });

  test('L9 the end of the server: ServerClosedError, with what the turn had come to', async () => {
    await using server = new PlayedServer();
    const { run, goal } = await goalSet(server);
    const result = run.result();
    mute(result);
    goal.turn('one').complete();
    goal.turn('two').say('half');
    await server.piped.quiet();
    server.piped.end();
    await expect(result).rejects.toBeInstanceOf(ServerClosedError);
    await expect(result).rejects.toMatchObject({
      result: { status: 'inProgress', agentMessages: [{ text: 'half' }] },
    });
    expect(run.turns).toHaveLength(2);
  });

  test('L13 a shutdown that lets turns end pauses it, and waits for the turn that runs', async () => {
    await using server = new PlayedServer();
    const { run, goal } = await goalSet(server);
    const result = run.result();
    mute(result);
    const turn = goal.turn('one');
    const down = server.client.shutdown({ drainMs: 60_000 });
    expect(await nameOf(server.client.goalRun({ ...GOAL, threadId: 'new' }).result())).toBe(
      'ServerClosedError',
    );
    await goal.set(goalOf('paused'));
    expect(await nameOf(run.resume())).toBe('ServerClosedError');
    await server.piped.quiet();
    expect(await outcomeOf(down)).toBe('pending');
    turn.complete();
    await goal.read('idle');
    await expect(result).rejects.toMatchObject({
      message: /the goal was paused/,
      result: { status: 'completed' },
    });
    await down;
    expect(server.sent('turn/interrupt')).toBe(0);
  });
});
