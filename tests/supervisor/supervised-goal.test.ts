/** L14, L24: a goal over lives: what each server is asked, what goes on, and what does not. */
import { type GoalRun, ServerClosedError } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { deferred } from '../../src/support/deferred.js';
import { outcomeOf } from '../helpers/piped-server.js';
import { GOAL, goalOf, methodsSent, PlayedGoal } from '../runs/goal/played-goal.js';
import { agentMessage } from '../runs/played-server.js';
import { type PlayedLife, PlayedLives } from './played-lives.js';

const EXIT = { exitCode: 1, signal: null, stderrTail: '' };

const mute = (promise: Promise<unknown>) => void promise.catch(() => undefined);

/** A goal that the server of a life has set. */
async function goalIn(lives: PlayedLives, options = {}) {
  const life = lives.begin();
  const run = lives.runs.goalRun(GOAL, options);
  const result = run.result();
  mute(result);
  const goal = await new PlayedGoal(life.server).had(null);
  await goal.set();
  return { life, run, result, goal };
}

/** The next server is asked for the goal, pauses it, and lets it go on. */
async function takenUp({ server }: PlayedLife): Promise<PlayedGoal> {
  const goal = await new PlayedGoal(server).had(goalOf('active', { tokensUsed: 5 }));
  expect((await goal.set(goalOf('paused'))).params).toEqual({ threadId: 't', status: 'paused' });
  expect((await goal.set(goalOf())).params).toEqual({ threadId: 't', status: 'active' });
  return goal;
}

/** The goal is reached in one more turn. */
function reach(goal: PlayedGoal, turnId: string): void {
  const turn = goal.turn(turnId).say('done');
  goal.update(goalOf('complete'), turnId);
  turn.complete();
}

describe('a supervised goal', () => {
  test('L24 goes on with the next server: paused, the thread readied, and active again', async () => {
    await using lives = new PlayedLives();
    const { run, result, goal } = await goalIn(lives);
    goal.turn('one').complete();
    goal.turn('two').say('half');
    const next = await lives.restart();
    const again = await takenUp(next);
    expect(methodsSent(next.server)).toEqual(['thread/goal/get', 'thread/goal/set', 'thread/goal/set']);
    expect(next.threads.asked).toEqual(['t']);
    reach(again, 'three');
    expect(await result).toMatchObject({
      status: 'complete',
      turns: [{ status: 'completed' }, { status: 'inProgress' }, { status: 'completed' }],
      agentMessages: [{ text: 'half' }, { text: 'done' }],
    });
    expect(run.turns).toHaveLength(3);
    expect(run.goal?.status).toBe('complete');
  });

  test('has the final message of an earlier life, where the last one has none', async () => {
    await using lives = new PlayedLives();
    const { result, goal } = await goalIn(lives);
    goal.turn('one').item(agentMessage('m', 'found')).complete();
    const again = await takenUp(await lives.restart());
    const turn = again.turn('two');
    again.update(goalOf('complete'), 'two');
    turn.complete();
    expect((await result).finalMessage).toBe('found');
  });

  test('L14 holds the line of its thread over lives', async () => {
    await using lives = new PlayedLives();
    const { result, goal } = await goalIn(lives);
    goal.turn('one');
    const after = lives.runs.turnRun({ threadId: 't', input: 'after' }).result();
    const next = await lives.restart();
    const again = await takenUp(next);
    await next.server.piped.quiet();
    expect(next.server.sent('turn/start')).toBe(0);
    reach(again, 'two');
    await result;
    (await next.server.turn()).accept().started().complete();
    expect((await after).status).toBe('completed');
  });

  test('that was not set when its server went is set by the next one', async () => {
    await using lives = new PlayedLives();
    const life = lives.begin();
    const result = lives.runs.goalRun(GOAL).result();
    await life.server.next('thread/goal/get');
    const next = await lives.restart();
    const goal = await new PlayedGoal(next.server).had(null);
    expect((await goal.set()).params).toMatchObject({ objective: 'count', status: 'active' });
    reach(goal, 'one');
    expect((await result).turns).toHaveLength(1);
  });

  test('tells a reader in place, and another loop has what comes from then on', async () => {
    await using lives = new PlayedLives();
    const { life, run, goal } = await goalIn(lives);
    const read = async (of: GoalRun, seen: string[]) => {
      for await (const { method } of of) seen.push(method);
    };
    const before: string[] = [];
    const first = read(run, before);
    mute(first);
    goal.turn('one');
    await life.server.piped.quiet();
    const next = await lives.restart();
    await expect(first).rejects.toBeInstanceOf(ServerClosedError);
    const behind: string[] = [];
    const second = read(run, behind);
    reach(await takenUp(next), 'two');
    await second;
    expect(before).toEqual(['thread/goal/updated', 'turn/started']);
    expect(behind.at(-1)).toBe('turn/completed');
  });

  test.each([
    ['over by then', goalOf('complete')],
    ['gone', null],
    ['another', goalOf('active', { createdAt: 999 })],
  ])('that is %s is left as it is: the run rejects with what it had come to', async (_, found) => {
    await using lives = new PlayedLives();
    const { result, goal } = await goalIn(lives);
    goal.turn('one').say('half');
    const next = await lives.restart();
    await new PlayedGoal(next.server).had(found);
    await expect(result).rejects.toMatchObject({
      code: 'CODEX_SERVER_CLOSED',
      result: { agentMessages: [{ text: 'half' }] },
    });
    expect(methodsSent(next.server)).toEqual(['thread/goal/get']);
  });

  test('that was paused on purpose, or may not have been set, does not go on', async () => {
    await using lives = new PlayedLives();
    const { run, result, goal } = await goalIn(lives);
    const pause = run.pause();
    await goal.set(goalOf('paused'));
    await pause;
    const second = lives.runs.goalRun({ ...GOAL, threadId: 'u' }).result();
    mute(second);
    const { server } = lives.living as PlayedLife;
    await new PlayedGoal(server).had(null);
    await server.next('thread/goal/set');
    const next = await lives.restart();
    await expect(result).rejects.toMatchObject({ code: 'CODEX_SERVER_CLOSED' });
    await expect(second).rejects.toMatchObject({ code: 'CODEX_SERVER_CLOSED' });
    expect(methodsSent(next.server)).toEqual([]);
  });

  test('L11 that is left between two servers is paused by the next one, and does not go on', async () => {
    await using lives = new PlayedLives();
    const { life, run, result, goal } = await goalIn(lives);
    goal.turn('one');
    await life.crash();
    await run.return();
    const next = lives.begin();
    const again = await new PlayedGoal(next.server).had(goalOf());
    await again.set(goalOf('paused'));
    await expect(result).rejects.toMatchObject({ code: 'CODEX_SERVER_CLOSED' });
    expect(methodsSent(next.server)).toEqual(['thread/goal/get', 'thread/goal/set']);
  });

  describe('L11 while it is taken up by the next server', () => {
    async function readying() {
      const lives = new PlayedLives();
      const { run, result, goal } = await goalIn(lives);
      goal.turn('one');
      await lives.living?.crash();
      const readied = deferred<void>();
      const next = lives.begin();
      next.threads.readiness = readied.promise;
      const again = await new PlayedGoal(next.server).had(goalOf());
      await again.set(goalOf('paused'));
      await next.server.piped.quiet();
      return { lives, next, readied, run, result };
    }

    test.each([
      ['left', (run: GoalRun) => run.return()],
      ['interrupted', (run: GoalRun) => run.interrupt()],
    ])('and %s, it stays paused', async (_how, stop) => {
      const { lives, next, readied, run, result } = await readying();
      await using _ = lives;
      const stopped = stop(run);
      readied.resolve();
      await stopped;
      await expect(result).rejects.toMatchObject({ code: 'CODEX_SERVER_CLOSED' });
      await next.server.piped.quiet();
      expect(methodsSent(next.server)).toEqual(['thread/goal/get', 'thread/goal/set']);
    });
  });

  describe('L24 goes on with the server after the next one, where that died', () => {
    /** The next server has said that it has the goal, and is asked to pause it. */
    async function atSecond(lives: PlayedLives) {
      const { result, goal } = await goalIn(lives);
      goal.turn('one');
      const second = await lives.restart();
      return { result, second, again: await new PlayedGoal(second.server).had(goalOf()) };
    }

    test('after it had paused the goal, and before it let it go on', async () => {
      await using lives = new PlayedLives();
      const { result, goal } = await goalIn(lives);
      goal.turn('one');
      await lives.living?.crash();
      const second = lives.begin();
      second.threads.readiness = second.client.closed.then(() => Promise.reject(second.peer.closingError));
      mute(second.threads.readiness);
      await (await new PlayedGoal(second.server).had(goalOf())).set(goalOf('paused'));
      const third = await lives.restart();
      const last = await new PlayedGoal(third.server).had(goalOf('paused'));
      await last.set(goalOf('paused'));
      expect((await last.set()).params).toMatchObject({ status: 'active' });
      reach(last, 'two');
      expect(await result).toMatchObject({ status: 'complete' });
    });

    test('before it had answered whether the goal was paused', async () => {
      await using lives = new PlayedLives();
      const { result, second } = await atSecond(lives);
      await second.server.next('thread/goal/set');
      const third = await lives.restart();
      const last = await new PlayedGoal(third.server).had(goalOf('paused'));
      await last.set(goalOf('paused'));
      await last.set();
      reach(last, 'two');
      expect(await result).toMatchObject({ status: 'complete' });
    });

    test('before it had answered whether the goal goes on', async () => {
      await using lives = new PlayedLives();
      const { result, second, again } = await atSecond(lives);
      await again.set(goalOf('paused'));
      await second.server.next('thread/goal/set');
      reach(await takenUp(await lives.restart()), 'two');
      expect(await result).toMatchObject({ status: 'complete' });
    });

    test('but not where it was paused on purpose since', async () => {
      await using lives = new PlayedLives();
      const { run, result, goal } = await goalIn(lives);
      goal.turn('one');
      const again = await takenUp(await lives.restart());
      const paused = run.pause();
      await again.set(goalOf('paused'));
      await paused;
      const third = await lives.restart();
      await expect(result).rejects.toMatchObject({ code: 'CODEX_SERVER_CLOSED' });
      expect(methodsSent(third.server)).toEqual([]);
    });
  });

  test('counts its budget over lives', async () => {
    await using lives = new PlayedLives();
    const { result, goal } = await goalIn(lives, { budget: { totalTokens: 100 } });
    const use = (of: PlayedGoal, turnId: string, total: number) => {
      const tokenUsage = {
        total: { totalTokens: total },
        last: { totalTokens: 60 },
        modelContextWindow: null,
      };
      of.send('thread/tokenUsage/updated', { turnId, tokenUsage });
    };
    goal.turn('one');
    use(goal, 'one', 60);
    const again = await takenUp(await lives.restart());
    const two = again.turn('two');
    use(again, 'two', 120);
    await again.set(goalOf('paused'));
    await again.interrupted(two);
    await expect(result).rejects.toMatchObject({ code: 'CODEX_BUDGET_EXCEEDED', spentTokens: 120 });
  });

  test('L13 whose server is shut down by itself goes on with the next one', async () => {
    await using lives = new PlayedLives();
    const { life, result, goal } = await goalIn(lives);
    const turn = goal.turn('one');
    await life.server.piped.quiet();
    const down = life.client.shutdown({ drainMs: 60_000 });
    await goal.set(goalOf('paused'));
    turn.complete();
    await goal.read('idle');
    await down;
    const next = lives.begin();
    const again = await new PlayedGoal(next.server).had(goalOf('paused'));
    await again.set(goalOf('paused'));
    await again.set(goalOf());
    reach(again, 'two');
    expect((await result).turns).toHaveLength(2);
  });

  test('L13 whose supervisor is shut down rejects, and says that the goal was paused', async () => {
    await using lives = new PlayedLives();
    const { life, result, goal } = await goalIn(lives);
    const turn = goal.turn('one');
    await life.server.piped.quiet();
    lives.isShutDown = true;
    const down = life.client.shutdown({ drainMs: 60_000 });
    lives.giveUp(new ServerClosedError('the supervisor was shut down', EXIT));
    await goal.set(goalOf('paused'));
    turn.complete();
    await goal.read('idle');
    await down;
    await expect(result).rejects.toMatchObject({
      code: 'CODEX_SERVER_CLOSED',
      message: expect.stringContaining('the goal was paused'),
      result: { status: 'completed' },
    });
  });

  test('rejects with the reason when no server comes any more, and says what it had come to', async () => {
    await using lives = new PlayedLives();
    const { life, result, goal } = await goalIn(lives);
    goal.turn('one').say('half');
    await life.crash();
    expect(await outcomeOf(result)).toBe('pending');
    lives.giveUp(new ServerClosedError('five restarts in a minute', EXIT));
    await expect(result).rejects.toMatchObject({
      code: 'CODEX_SERVER_CLOSED',
      message: 'five restarts in a minute',
      result: { agentMessages: [{ text: 'half' }] },
    });
    const late = lives.runs.goalRun(GOAL);
    await expect(late.result()).rejects.toThrow('five restarts in a minute');
  });
});

test('L20 bad params and options are refused at once', async () => {
  await using lives = new PlayedLives();
  expect(() => lives.runs.goalRun({ threadId: '' })).toThrow('params.threadId');
  expect(() => lives.runs.goalRun(GOAL, { timeoutMs: -1 })).toThrow('options.timeoutMs');
});
