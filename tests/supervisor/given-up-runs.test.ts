/** L11 A supervised run that nobody wants any more, wherever its turn is: in line, between lives, at a server, at the next one. */
import { RequestTimeoutError } from 'codex-async-client';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { keptAs, PlayedLives, userMessage } from './played-lives.js';

const PARAMS = { threadId: 't', input: 'x' };
const JOB = { idempotencyKey: 'job-7' };
const KEPT = keptAs('turn-1', 'interrupted', userMessage('job-7'));

afterEach(() => {
  vi.useRealTimers();
});

/** A run whose turn is before its server or at it, and how many turns it has sent by then. */
const STATES = {
  async 'no server has come'(lives: PlayedLives, options: object) {
    return lives.runs.turnRun(PARAMS, options);
  },
  async 'an earlier turn runs'(lives: PlayedLives, options: object) {
    const { server } = lives.begin();
    lives.runs
      .turnRun(PARAMS)
      .result()
      .catch(() => {});
    await server.turn();
    return lives.runs.turnRun(PARAMS, options);
  },
  async 'its thread is being readied'(lives: PlayedLives, options: object) {
    const life = lives.begin();
    life.threads.readiness = new Promise(() => {});
    const run = lives.runs.turnRun(PARAMS, options);
    await life.server.piped.quiet();
    return run;
  },
  async 'it is looked for'(lives: PlayedLives, options: object) {
    const { server } = lives.begin();
    const run = lives.runs.turnRun(PARAMS, { ...options, ...JOB });
    await server.next('thread/read');
    return run;
  },
} as const;

describe.each(Object.entries(STATES))('a supervised run, while %s', (_, reach) => {
  test('that is aborted rejects with the reason, and is never sent', async () => {
    await using lives = new PlayedLives();
    const abort = new AbortController();
    const run = await reach(lives, { signal: abort.signal });
    const waiting = [run.result(), run.next(), run.started(), run.text().next()];
    abort.abort('enough');
    for (const promise of waiting) await expect(promise).rejects.toBe('enough');
    await expect(run.steer('y')).rejects.toBe('enough');
    await neverSends(lives);
  });

  test('that is left ends its loop, rejects, and is never sent', async () => {
    await using lives = new PlayedLives();
    const run = await reach(lives, { detach: true });
    const next = run.next();
    const result = expect(run.result()).rejects.toMatchObject({ name: 'AbortError' });
    await run.return();
    expect(await next).toEqual({ done: true, value: undefined });
    await result;
    await neverSends(lives);
  });

  test('that is interrupted rejects, and is never sent', async () => {
    await using lives = new PlayedLives();
    const run = await reach(lives, {});
    const result = expect(run.result()).rejects.toMatchObject({ name: 'AbortError' });
    await run.interrupt();
    await result;
    await neverSends(lives);
  });

  test('rejects after its time limit, and is never sent', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    await using lives = new PlayedLives();
    const run = await reach(lives, { timeoutMs: 500 });
    const result = expect(run.result()).rejects.toThrow(RequestTimeoutError);
    vi.advanceTimersByTime(500);
    await result;
    await neverSends(lives);
  });
});

/** Frees the thread's line and lets the next life begin: no turn is sent but the earlier ones. */
async function neverSends(lives: PlayedLives): Promise<void> {
  const sent = lives.living?.server.sent('turn/start') ?? 0;
  const next = await lives.restart();
  const last = lives.runs.turnRun({ threadId: 't', input: 'the next in line' }).result();
  const turn = await next.server.turn();
  expect(turn.request.params).toMatchObject({ input: [{ text: 'the next in line' }] });
  turn.accept().complete();
  await last;
  expect(sent).toBeLessThanOrEqual(1);
}

test('a supervised run that is aborted before it begins sends nothing', async () => {
  await using lives = new PlayedLives();
  lives.begin();
  const run = lives.runs.turnRun(PARAMS, { signal: AbortSignal.abort('too late'), ...JOB });
  await expect(run.result()).rejects.toBe('too late');
  await neverSends(lives);
});

test('supervised runs that were never sent reject as soon as no server comes any more, and do not wait for the one that runs', async () => {
  await using lives = new PlayedLives();
  const { server } = lives.begin();
  const running = lives.runs.turnRun(PARAMS).result();
  const waiting = [
    lives.runs.turnRun(PARAMS, JOB),
    lives.runs.turnRun(PARAMS, JOB),
    lives.runs.turnRun(PARAMS),
  ];
  const turn = (await server.turn()).accept();
  const failed = waiting.map((run) => expect(run.result()).rejects.toThrow('shut down'));
  lives.runs.refuseWaiting(new Error('shut down'));
  // One that comes now would stand behind the turn that runs.
  await expect(lives.runs.turnRun(PARAMS).result()).rejects.toThrow('shut down');
  await Promise.all(failed);
  turn.complete();
  expect((await running).status).toBe('completed');
  expect(server.sent('turn/start')).toBe(1);
});

describe('a supervised run whose turn runs', () => {
  test('that is aborted rejects at once, and its turn is interrupted before the next one is sent', async () => {
    await using lives = new PlayedLives();
    const { server } = lives.begin();
    const abort = new AbortController();
    const result = lives.runs.turnRun(PARAMS, { signal: abort.signal }).result();
    const next = lives.runs.turnRun(PARAMS).result();
    const turn = (await server.turn()).accept().started();
    await server.piped.quiet();
    abort.abort('enough');
    await expect(result).rejects.toBe('enough');
    server.answer(await server.next('turn/interrupt'), {});
    expect(server.sent('turn/start')).toBe(1);
    turn.complete('interrupted');
    (await server.turn()).accept().complete();
    expect((await next).status).toBe('completed');
  });

  test('is interrupted by interrupt(), and by leaving its loop', async () => {
    await using lives = new PlayedLives();
    const { server } = lives.begin();
    for (const stop of ['interrupt', 'return'] as const) {
      const run = lives.runs.turnRun(PARAMS);
      const next = run.next();
      const turn = (await server.turn()).accept().started();
      await next;
      const stopped = run[stop]();
      server.answer(await server.next('turn/interrupt'), {});
      await stopped;
      turn.complete('interrupted');
      expect((await run.result()).status).toBe('interrupted');
    }
  });

  test('runs on when it is left with detach', async () => {
    await using lives = new PlayedLives();
    const { server } = lives.begin();
    const run = lives.runs.turnRun(PARAMS, { detach: true });
    const next = run.next();
    const turn = (await server.turn()).accept().started();
    await next;
    await run.return();
    turn.complete();
    expect((await run.result()).status).toBe('completed');
    expect(server.sent('turn/interrupt')).toBe(0);
  });
});

describe('L24 a run with a key that a crash interrupted', () => {
  /** Its server has crashed, and may have kept it. */
  async function crashed(options: object, areConnections = false) {
    const lives = new PlayedLives({ areConnections });
    const life = lives.begin();
    const run = lives.runs.turnRun(PARAMS, { ...JOB, ...options });
    const result = run.result();
    result.catch(() => {});
    (await life.newTurn()).accept().started();
    await life.crash();
    return { lives, run, result };
  }

  test.each(['interrupt', 'return'] as const)(
    'and that is ended by %s() settles with its turn when that was kept',
    async (stop) => {
      const { lives, run, result } = await crashed({});
      await using _ = lives;
      const stopped = run[stop]();
      await lives.begin().tell('idle', KEPT);
      await stopped;
      expect(await result).toMatchObject({ status: 'interrupted', recovered: true });
    },
  );

  test.each(['interrupt', 'return'] as const)(
    'and that is ended by %s() is not sent again, and rejects, when nothing was kept',
    async (stop) => {
      const { lives, run, result } = await crashed({});
      await using _ = lives;
      const stopped = run[stop]();
      const life = lives.begin();
      await life.tell('idle');
      await stopped;
      await expect(result).rejects.toMatchObject({ name: 'AbortError' });
      expect(life.server.sent('turn/start')).toBe(0);
    },
  );

  test('and that is left with detach is sent again', async () => {
    const { lives, run, result } = await crashed({ detach: true });
    await using _ = lives;
    await run.return();
    const life = lives.begin();
    const turn = (await life.newTurn()).accept().started();
    await life.server.piped.quiet();
    turn.say('for nobody').complete();
    expect((await result).status).toBe('completed');
    expect(life.server.sent('turn/interrupt')).toBe(0);
    // Nothing is held for a loop that was left.
    const said = await life.client.nextMessage({ methods: ['item/agentMessage/delta'] });
    expect(said?.params).toMatchObject({ turnId: turn.turnId });
  });

  test('and that is aborted meanwhile rejects at once, and nothing is looked for', async () => {
    const abort = new AbortController();
    const { lives, result } = await crashed({ signal: abort.signal });
    await using _ = lives;
    abort.abort('enough');
    await expect(result).rejects.toBe('enough');
    const life = lives.begin();
    const next = lives.runs.turnRun(PARAMS).result();
    (await life.server.turn()).accept().complete();
    await next;
    expect(life.server.sent('thread/read')).toBe(0);
  });

  test('and that is aborted meanwhile is interrupted where its server lives on', async () => {
    const abort = new AbortController();
    const { lives, result } = await crashed({ signal: abort.signal }, true);
    await using _ = lives;
    abort.abort('enough');
    await expect(result).rejects.toBe('enough');
    const life = lives.begin();
    const running = keptAs('turn-1', 'inProgress', userMessage('job-7'));
    await life.tell('active', running);
    await life.tell('active', running);
    const interrupt = await life.server.next('turn/interrupt');
    expect(interrupt.params).toEqual({ threadId: 't', turnId: 'turn-1' });
    life.server.answer(interrupt, {});
  });

  test('and that was aborted before is interrupted where its server lives on', async () => {
    await using lives = new PlayedLives({ areConnections: true });
    const first = lives.begin();
    const abort = new AbortController();
    const run = lives.runs.turnRun(PARAMS, { ...JOB, signal: abort.signal });
    const result = expect(run.result()).rejects.toBe('enough');
    (await first.newTurn()).accept().started();
    await first.server.piped.quiet();
    abort.abort('enough');
    await result;
    const life = await lives.restart();
    const running = keptAs('turn-1', 'inProgress', userMessage('job-7'));
    await life.tell('active', running);
    await life.tell('active', running);
    life.server.answer(await life.server.next('turn/interrupt'), {});
    // What became of the turn is not what became of the run.
    await expect(run.result()).rejects.toBe('enough');
  });

  test('and that is aborted meanwhile leaves another’s turn alone to which its message was added', async () => {
    const abort = new AbortController();
    const { lives, result } = await crashed({ signal: abort.signal }, true);
    await using _ = lives;
    abort.abort('enough');
    await expect(result).rejects.toBe('enough');
    const life = lives.begin();
    const theirs = keptAs('turn-1', 'inProgress', userMessage(null, 'u0'), userMessage('job-7'));
    await life.tell('active', theirs);
    await life.tell('active', theirs);
    await life.server.piped.quiet();
    expect(life.server.sent('turn/interrupt')).toBe(0);
  });

  test('and that is aborted in that moment is interrupted where its server lives on', async () => {
    await using lives = new PlayedLives({ areConnections: true });
    const abort = new AbortController();
    const life = lives.begin();
    const result = lives.runs.turnRun(PARAMS, { ...JOB, signal: abort.signal }).result();
    const rejected = expect(result).rejects.toBe('enough');
    (await life.newTurn()).accept().started();
    await life.server.piped.quiet();
    life.server.piped.end();
    abort.abort('enough');
    await rejected;
    await life.client.closed;
    const next = lives.begin();
    await next.tell('active', keptAs('turn-1', 'inProgress', userMessage('job-7')));
    const interrupt = await next.server.next('turn/interrupt');
    expect(interrupt.params).toEqual({ threadId: 't', turnId: 'turn-1' });
  });

  test('and that is left meanwhile is interrupted where its server lives on', async () => {
    const { lives, run, result } = await crashed({}, true);
    await using _ = lives;
    await run.return();
    const life = lives.begin();
    const running = keptAs('turn-1', 'inProgress', userMessage('job-7'));
    await life.tell('active', running);
    await life.tell('active', running);
    life.server.answer(await life.server.next('turn/interrupt'), {});
    const params = { threadId: 't', turn: keptAs('turn-1', 'interrupted') };
    life.server.piped.send({ method: 'turn/completed', params });
    expect((await result).status).toBe('interrupted');
  });
});
