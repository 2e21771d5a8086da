/** L15: what is asked when a goal goes silent between two turns, or within one, and what each answer ends. */
import { RequestTimeoutError } from 'codex-async-client';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { outcomeOf } from '../../helpers/piped-server.js';
import { PlayedServer, turnOf } from '../played-server.js';
import { GOAL, goalOf, goalSet, methodsSent } from './played-goal.js';

const IDLE_MS = 30_000;
const mute = (promise: Promise<unknown>) => void promise.catch(() => undefined);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});

afterEach(() => {
  vi.useRealTimers();
});

/** A goal between two turns, whose result is wanted. */
async function quietGoal(server: PlayedServer, options: object = {}) {
  const { run, goal } = await goalSet(server, GOAL, options);
  const result = run.result();
  mute(result);
  goal.turn('one').complete();
  await server.piped.quiet();
  return { run, goal, result };
}

/** A goal whose turn has said nothing for so long that it is asked for. */
async function silentTurn(server: PlayedServer) {
  const { run, goal } = await goalSet(server);
  const result = run.result();
  mute(result);
  goal.turn('one');
  await server.piped.quiet();
  await vi.advanceTimersByTimeAsync(IDLE_MS);
  return { goal, result };
}

describe('L15 a goal that is silent between two turns', () => {
  test('is asked for: one that is over ends the run', async () => {
    await using server = new PlayedServer();
    const { goal, result } = await quietGoal(server);
    await vi.advanceTimersByTimeAsync(IDLE_MS);
    await goal.had(goalOf('complete', { tokensUsed: 5 }));
    expect(await result).toMatchObject({ status: 'complete', goal: { tokensUsed: 5 } });
  });

  test.each([
    ['is there no more', null],
    ['is another', goalOf('active', { objective: 'other', createdAt: 200 })],
  ])('that %s was cleared', async (_, other) => {
    await using server = new PlayedServer();
    const { goal, result } = await quietGoal(server);
    await vi.advanceTimersByTimeAsync(IDLE_MS);
    await goal.had(other);
    if (other !== null) await goal.read('active');
    expect((await result).status).toBe('cleared');
  });

  test('goes on while a turn of it runs that is not told yet', async () => {
    await using server = new PlayedServer();
    const { goal, result } = await quietGoal(server);
    for (let times = 0; times < 3; times += 1) {
      await vi.advanceTimersByTimeAsync(IDLE_MS);
      await goal.had(goalOf());
      await goal.read('active');
      await server.piped.quiet();
    }
    expect(await outcomeOf(result)).toBe('pending');
  });

  test('and active on a thread at rest, twice, is paused: no turn begins by itself any more', async () => {
    await using server = new PlayedServer();
    const { goal, result } = await quietGoal(server);
    await vi.advanceTimersByTimeAsync(IDLE_MS);
    await goal.had(goalOf());
    await goal.read('idle');
    await server.piped.quiet();
    expect(methodsSent(server).at(-1)).toBe('thread/read');
    await vi.advanceTimersByTimeAsync(IDLE_MS);
    await goal.had(goalOf());
    await goal.read('idle');
    expect((await goal.set(goalOf('paused'))).params).toMatchObject({ status: 'paused' });
    expect(await result).toMatchObject({ status: 'interrupted', goal: { status: 'paused' } });
  });

  test('and paused waits on', async () => {
    await using server = new PlayedServer();
    const { run, goal, result } = await quietGoal(server);
    const pause = run.pause();
    await goal.set(goalOf('paused'));
    await pause;
    await vi.advanceTimersByTimeAsync(250);
    await goal.read('idle');
    for (let times = 0; times < 3; times += 1) {
      await vi.advanceTimersByTimeAsync(IDLE_MS);
      await goal.had(goalOf('paused'));
      await server.piped.quiet();
    }
    expect(await outcomeOf(result)).toBe('pending');
  });

  test('and paused once more is given as long again for a turn to begin', async () => {
    await using server = new PlayedServer();
    const { run, goal } = await quietGoal(server);
    const asked = [run.pause(), run.resume(), run.pause()];
    await goal.set(goalOf('paused'));
    await server.piped.quiet();
    await vi.advanceTimersByTimeAsync(200);
    for (const status of ['active', 'paused'] as const) await goal.set(goalOf(status));
    await Promise.all(asked);
    await vi.advanceTimersByTimeAsync(200);
    expect(server.sent('thread/read')).toBe(0);
    goal.turn('late');
    await server.piped.quiet();
    expect(run.turnId).toBe('late');
  });

  test('ends the run when the server leaves two questions without an answer', async () => {
    await using server = new PlayedServer({ requestTimeoutMs: 1_000 });
    const { result } = await quietGoal(server);
    await vi.advanceTimersByTimeAsync(IDLE_MS + 1_000);
    expect(await outcomeOf(result)).toBe('pending');
    await vi.advanceTimersByTimeAsync(IDLE_MS + 1_000);
    await expect(result).rejects.toBeInstanceOf(RequestTimeoutError);
  });

  test('ends the run at once when the server has closed the thread', async () => {
    await using server = new PlayedServer();
    const { goal, result } = await quietGoal(server);
    goal.send('thread/closed', {});
    server.refuse(await server.next('thread/goal/get'), 'thread not found');
    await expect(result).rejects.toMatchObject({ code: 'CODEX_RPC' });
  });

  test('is never asked for with idleTimeoutMs 0', async () => {
    await using server = new PlayedServer();
    const { result } = await quietGoal(server, { idleTimeoutMs: 0 });
    await vi.advanceTimersByTimeAsync(10 * IDLE_MS);
    expect(methodsSent(server)).toEqual(['thread/goal/get', 'thread/goal/set']);
    expect(await outcomeOf(result)).toBe('pending');
  });
});

describe('L15 a turn of a goal that is silent', () => {
  test('and over at the server is noted as recovered, and the goal goes on', async () => {
    await using server = new PlayedServer();
    const { goal, result } = await silentTurn(server);
    await goal.read('idle');
    await goal.read('idle', [turnOf('one', 'completed')]);
    await server.piped.quiet();
    const two = goal.turn('two');
    goal.update(goalOf('complete'), 'two');
    two.complete();
    expect((await result).turns).toMatchObject([{ recovered: true }, { recovered: false }]);
  });

  test('and of which the server cannot say how it ended rejects, and the goal is paused', async () => {
    await using server = new PlayedServer();
    const { goal, result } = await silentTurn(server);
    await goal.read('idle');
    await goal.read('idle');
    await expect(result).rejects.toMatchObject({ code: 'CODEX_TURN_OUTCOME_UNKNOWN' });
    expect((await server.next('thread/goal/set')).params).toMatchObject({ status: 'paused' });
  });
});
