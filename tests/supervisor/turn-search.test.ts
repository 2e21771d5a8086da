/** L24 How long a server that lived on is asked for a turn before it is sent again, on a clock that the test moves. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { UNDER_WAY_MS } from '../../src/support/defaults.js';
import { outcomeOf } from '../helpers/piped-server.js';
import { keptAs, type PlayedLife, PlayedLives, userMessage } from './played-lives.js';

const PARAMS = { threadId: 't', input: 'x' };
const JOB = { idempotencyKey: 'job-7' };
const NO_ROLLOUT = 'no rollout found for thread id t';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A run whose connection was cut when its turn had been sent. */
async function cut(options: object = {}) {
  const lives = new PlayedLives({ areConnections: true });
  const life = lives.begin();
  const run = lives.runs.turnRun(PARAMS, { ...JOB, ...options });
  const result = run.result();
  result.catch(() => {});
  await life.newTurn();
  await life.crash();
  return { lives, run, result };
}

/** Answers looks with nothing until this many milliseconds are over. */
async function findNothing(life: PlayedLife, forMs: number): Promise<void> {
  const untilMs = performance.now() + forMs;
  while (performance.now() < untilMs) {
    await life.tell('idle');
    await life.server.piped.quiet();
    expect(life.server.sent('turn/start')).toBe(0);
    vi.advanceTimersToNextTimer();
  }
}

describe('after a cut, a turn with a key', () => {
  test('is looked for again and again before it is sent again', async () => {
    const { lives, result } = await cut();
    await using _ = lives;
    const life = lives.begin();
    const fromMs = performance.now();
    await findNothing(life, UNDER_WAY_MS);
    expect(performance.now() - fromMs).toBe(UNDER_WAY_MS);
    await life.tell('idle');
    (await life.server.turn()).accept().complete();
    expect((await result).status).toBe('completed');
  });

  test('is found when the server comes to it late', async () => {
    const { lives, result } = await cut();
    await using _ = lives;
    const life = lives.begin();
    await findNothing(life, UNDER_WAY_MS / 4);
    const running = keptAs('turn-1', 'inProgress', userMessage('job-7'));
    for (let looks = 0; looks < 2; looks += 1) await life.tell('active', running);
    await life.server.piped.quiet();
    const params = { threadId: 't', turn: keptAs('turn-1', 'completed') };
    life.server.piped.send({ method: 'turn/completed', params });
    expect(await result).toMatchObject({ status: 'completed', joined: false });
    expect(life.server.sent('turn/start')).toBe(0);
  });

  test('that the server calls interrupted in its last moment is looked at again', async () => {
    const { lives, result } = await cut();
    await using _ = lives;
    const life = lives.begin();
    // Nobody interrupted it: there is no time at which that was.
    const message = userMessage('job-7');
    await life.tell('idle', { ...keptAs('turn-1', 'interrupted', message), completedAt: null });
    await life.server.piped.quiet();
    vi.advanceTimersToNextTimer();
    await life.tell('idle', keptAs('turn-1', 'completed', message));
    expect(await result).toMatchObject({ status: 'completed', recovered: true });
  });

  test('that went with its server is interrupted at the second look, too', async () => {
    const { lives, result } = await cut();
    await using _ = lives;
    const life = lives.begin();
    const lost = { ...keptAs('turn-1', 'interrupted', userMessage('job-7')), completedAt: null };
    await life.tell('idle', lost);
    await life.server.piped.quiet();
    vi.advanceTimersToNextTimer();
    await life.tell('idle', lost);
    expect(await result).toMatchObject({ status: 'interrupted', recovered: true });
    expect(life.server.sent('turn/start')).toBe(0);
  });

  test('is looked for until its thread has no turn any more, however long that takes', async () => {
    const { lives, result } = await cut();
    await using _ = lives;
    const life = lives.begin();
    // The thread is active, and its turn has no name yet.
    for (let looks = 0; looks < 10; looks += 1) {
      await life.tell('active');
      await life.server.piped.quiet();
      vi.advanceTimersByTime(UNDER_WAY_MS);
    }
    expect(life.server.sent('turn/start')).toBe(0);
    await life.tell('idle', keptAs('turn-1', 'completed', userMessage('job-7')));
    expect(await result).toMatchObject({ status: 'completed', recovered: true });
  });

  test('is added to a turn that runs, where that is asked for, when the time is over', async () => {
    const { lives, result } = await cut({ whenBusy: 'steer' });
    await using _ = lives;
    const life = lives.begin();
    await life.tell('active', keptAs('other', 'inProgress'));
    await life.server.piped.quiet();
    expect(life.server.sent('turn/start')).toBe(0);
    vi.advanceTimersByTime(UNDER_WAY_MS);
    await life.tell('active', keptAs('other', 'inProgress'));
    const start = await life.server.next('turn/start');
    life.server.answer(start, { turn: keptAs('other', 'inProgress') });
    life.server.piped.send({
      method: 'turn/completed',
      params: { threadId: 't', turn: keptAs('other', 'completed') },
    });
    expect(await result).toMatchObject({ status: 'completed', joined: true });
  });

  test('of an ephemeral thread is not sent again: nobody can say what became of it', async () => {
    const { lives, result } = await cut();
    await using _ = lives;
    const life = lives.begin();
    life.server.refuse(
      await life.server.next('thread/read'),
      'ephemeral threads do not support includeTurns',
    );
    await expect(result).rejects.toMatchObject({ code: 'CODEX_SERVER_CLOSED' });
    expect(life.server.sent('turn/start')).toBe(0);
  });

  test('waits for a thread that cannot be resumed yet, and no longer than it looks', async () => {
    const { lives, result } = await cut();
    await using _ = lives;
    const life = lives.begin();
    const refuse = async () => {
      life.server.refuse(await life.server.next('thread/resume'), NO_ROLLOUT);
    };
    life.threads.ready = async () => void (await life.client.request('thread/resume', { threadId: 't' }));
    await refuse();
    await life.server.piped.quiet();
    expect(await outcomeOf(result)).toBe('pending');
    vi.advanceTimersByTime(UNDER_WAY_MS);
    await refuse();
    await expect(result).rejects.toMatchObject({ code: 'CODEX_RPC' });
  });

  test('is given up in the middle of a look', async () => {
    const abort = new AbortController();
    const { lives, result } = await cut({ signal: abort.signal });
    await using _ = lives;
    const life = lives.begin();
    await life.tell('idle');
    await life.server.piped.quiet();
    abort.abort('enough');
    await expect(result).rejects.toBe('enough');
    // Where its server lives on it is looked for all the same, and not sent.
    vi.advanceTimersByTime(UNDER_WAY_MS);
    await life.tell('idle');
    await life.server.piped.quiet();
    expect(life.server.sent('turn/start')).toBe(0);
  });
});

test('a turn that was never sent is looked for once, over a connection too', async () => {
  await using lives = new PlayedLives({ areConnections: true });
  const life = lives.begin();
  const result = lives.runs.turnRun(PARAMS, JOB).result();
  (await life.newTurn()).accept().complete();
  expect((await result).status).toBe('completed');
});
