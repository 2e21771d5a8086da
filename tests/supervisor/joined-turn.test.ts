/** A run whose key another run of the same supervisor has on its way. */
import { RequestTimeoutError, ServerClosedError } from 'codex-async-client';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { keptAs, type PlayedLife, PlayedLives, userMessage } from './played-lives.js';

const PARAMS = { threadId: 't', input: 'x' };
const JOB = { idempotencyKey: 'job-7' };
const RUNNING = keptAs('turn-1', 'inProgress', userMessage('job-7'));

afterEach(() => {
  vi.useRealTimers();
});

/** Two runs of one turn, which has begun. */
async function twoRuns(lives: PlayedLives, options: object = {}) {
  const life = lives.begin();
  const first = lives.runs.turnRun(PARAMS, JOB);
  const second = lives.runs.turnRun(PARAMS, { ...JOB, ...options });
  const results = [first.result(), second.result()] as const;
  for (const result of results) result.catch(() => {});
  const turn = (await life.newTurn()).accept().started();
  await life.tell('active', RUNNING);
  return { life, first, second, results, turn };
}

describe('a run that joins the turn of another with its key', () => {
  test('settles with it, and names it', async () => {
    await using lives = new PlayedLives();
    const { second, results, turn } = await twoRuns(lives);
    expect(await second.started()).toEqual({ threadId: 't', turnId: 'turn-1' });
    expect([second.threadId, second.turnId]).toEqual(['t', 'turn-1']);
    turn.say('hello').complete();
    expect(await Promise.all(results)).toMatchObject([
      { finalMessage: 'hello', joined: false },
      { finalMessage: 'hello', joined: true },
    ]);
  });

  test('never interrupts it by leaving, before it began or after', async () => {
    await using lives = new PlayedLives();
    const { life, second, results, turn } = await twoRuns(lives);
    const early = lives.runs.turnRun(PARAMS, JOB);
    await early.return();
    await second.return();
    await life.server.piped.quiet();
    turn.complete();
    expect(await Promise.all(results)).toMatchObject([{ status: 'completed' }, { status: 'completed' }]);
    expect(life.server.sent('turn/interrupt')).toBe(0);
  });

  test('interrupts it by interrupt()', async () => {
    await using lives = new PlayedLives();
    const { life, second, results, turn } = await twoRuns(lives);
    const interrupted = second.interrupt();
    life.server.answer(await life.server.next('turn/interrupt'), {});
    await interrupted;
    turn.complete('interrupted');
    expect(await Promise.all(results)).toMatchObject([{ status: 'interrupted' }, { status: 'interrupted' }]);
  });

  test('ends by its own signal alone', async () => {
    await using lives = new PlayedLives();
    const abort = new AbortController();
    const { life, results, turn } = await twoRuns(lives, { signal: abort.signal });
    abort.abort('enough');
    await expect(results[1]).rejects.toBe('enough');
    await life.server.piped.quiet();
    turn.complete();
    expect((await results[0]).status).toBe('completed');
    expect(life.server.sent('turn/interrupt')).toBe(0);
  });

  test('ends by its own time limit alone, which counts the waiting', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    await using lives = new PlayedLives();
    const first = lives.runs.turnRun(PARAMS, JOB).result();
    const second = lives.runs.turnRun(PARAMS, { ...JOB, timeoutMs: 500 }).result();
    const failed = expect(second).rejects.toThrow(RequestTimeoutError);
    vi.advanceTimersByTime(500);
    await failed;
    (await lives.begin().newTurn()).accept().complete();
    expect((await first).status).toBe('completed');
  });

  test('goes with it into the next life', async () => {
    await using lives = new PlayedLives();
    const { results } = await twoRuns(lives);
    const next = await lives.restart();
    const turn = (await next.newTurn()).accept().started();
    await adopted(next);
    turn.say('hello').complete();
    expect(await Promise.all(results)).toMatchObject([
      { finalMessage: 'hello', joined: false },
      { finalMessage: 'hello', joined: true },
    ]);
    expect(next.server.sent('turn/start')).toBe(1);
  });

  test('settles with what the server kept of it', async () => {
    await using lives = new PlayedLives();
    const { results } = await twoRuns(lives);
    const kept = keptAs('turn-1', 'interrupted', userMessage('job-7'));
    const next = await lives.restart();
    for (let looks = 0; looks < 2; looks += 1) await next.tell('idle', kept);
    expect(await Promise.all(results)).toMatchObject([
      { status: 'interrupted', recovered: true, joined: false },
      { status: 'interrupted', recovered: true, joined: true },
    ]);
  });

  test('rejects as the first does when that never has a turn', async () => {
    await using lives = new PlayedLives();
    const runs = [0, 1].map(() => lives.runs.turnRun(PARAMS, JOB).result());
    const life = lives.begin();
    await life.tell('idle');
    life.server.refuse(await life.server.next('turn/start'), 'no such model');
    for (const run of runs) await expect(run).rejects.toMatchObject({ code: 'CODEX_RPC' });
  });

  test('rejects with what it had come to when no server comes any more', async () => {
    await using lives = new PlayedLives();
    const { life, results } = await twoRuns(lives);
    await life.crash();
    lives.giveUp(new ServerClosedError('gave up', { exitCode: 1, signal: null, stderrTail: '' }));
    for (const result of results) await expect(result).rejects.toThrow('gave up');
  });
});

async function adopted(life: PlayedLife): Promise<void> {
  await life.tell('active', RUNNING);
  await life.server.piped.quiet();
}
