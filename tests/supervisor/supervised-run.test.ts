/** What readers of a supervised run see of a crash: an error in place where something is missing, and nothing where not. */
import { ServerClosedError, type TurnRun } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { agentMessage, collected, methodsOf } from '../runs/played-server.js';
import { keptAs, PlayedLives, userMessage } from './played-lives.js';

const PARAMS = { threadId: 't', input: 'x' };
const JOB = { idempotencyKey: 'job-7' };

/** The three ways of reading a run, each as something that is pulled. */
const READERS = {
  loop: (run: TurnRun) => run as AsyncIterator<unknown>,
  'text()': (run: TurnRun) => run.text() as AsyncIterator<unknown>,
  'snapshots()': (run: TurnRun) => run.snapshots() as AsyncIterator<unknown>,
} as const;

describe.each(Object.entries(READERS))('L24 a %s over a run with a key', (_, read) => {
  test('that was handed nothing when the server crashed just goes on', async () => {
    await using lives = new PlayedLives();
    const life = lives.begin();
    const reader = read(lives.runs.turnRun(PARAMS, JOB));
    const first = reader.next();
    (await life.newTurn()).accept();
    const turn = (await (await lives.restart()).newTurn()).accept().started().say('hello');
    expect((await first).done).toBe(false);
    turn.complete();
    for (let next = await first; next.done !== true; ) next = await reader.next();
  });

  test('that was handed something is told in place, and the run goes on', async () => {
    await using lives = new PlayedLives();
    const life = lives.begin();
    const run = lives.runs.turnRun(PARAMS, JOB);
    const reader = read(run);
    const first = reader.next();
    (await life.newTurn()).accept().started().say('hel');
    expect((await first).done).toBe(false);
    const rest = drained(reader);
    const next = await lives.restart();
    await expect(rest).rejects.toThrow(ServerClosedError);
    const again = read(run);
    const later = drained(again);
    (await next.newTurn()).accept().started().say('hello').complete();
    await later;
    expect(await run.result()).toMatchObject({ status: 'completed', finalMessage: 'hello' });
  });
});

async function drained(reader: AsyncIterator<unknown>): Promise<void> {
  while ((await reader.next()).done !== true);
}

describe('a run with a key over a crash', () => {
  test('settles its result whatever its loop was told', async () => {
    await using lives = new PlayedLives();
    const life = lives.begin();
    const run = lives.runs.turnRun(PARAMS, JOB);
    const result = run.result();
    const methods = methodsOf(run);
    (await life.newTurn()).accept().started();
    await life.server.piped.quiet();
    const next = await lives.restart();
    await expect(methods).rejects.toThrow(ServerClosedError);
    (await next.newTurn()).accept().complete();
    expect((await result).status).toBe('completed');
  });

  test('names the turn that started() waits for, in whichever life it begins', async () => {
    await using lives = new PlayedLives();
    const life = lives.begin();
    const run = lives.runs.turnRun(PARAMS, JOB);
    const started = run.started();
    await life.newTurn();
    (await (await lives.restart()).newTurn()).accept();
    expect(await started).toEqual({ threadId: 't', turnId: 'turn-1' });
  });

  test('steers the turn that runs, and sends no steering twice', async () => {
    await using lives = new PlayedLives();
    const life = lives.begin();
    const run = lives.runs.turnRun(PARAMS, JOB);
    const waiting = run.steer('more');
    const turn = (await life.newTurn()).accept().started();
    life.server.answer(await life.server.next('turn/steer'), { turnId: turn.turnId });
    expect(await waiting).toEqual({ turnId: turn.turnId });
    const lost = run.steer('even more');
    await life.server.next('turn/steer');
    const next = await lives.restart();
    await expect(lost).rejects.toThrow(ServerClosedError);
    const again = (await next.newTurn()).accept().started().complete();
    await run.result();
    expect([again.turnId, next.server.sent('turn/steer')]).toEqual(['turn-1', 0]);
  });

  test('refuses bad input to steer() before there is a server', async () => {
    await using lives = new PlayedLives();
    const run = lives.runs.turnRun(PARAMS);
    await expect(run.steer(7 as never)).rejects.toMatchObject({ code: 'CODEX_INVALID_ARGUMENT' });
  });

  test('gives its text from the beginning where the server has it', async () => {
    await using lives = new PlayedLives();
    const life = lives.begin();
    const run = lives.runs.turnRun(PARAMS, JOB);
    const kept = keptAs('turn-1', 'interrupted', userMessage('job-7'), agentMessage('m0', 'the first'));
    const text = run.text();
    const first = text.next();
    (await life.newTurn()).accept().started().item(userMessage('job-7')).say('half');
    expect((await first).value).toBe('half');
    const rest = expect(text.next()).rejects.toThrow(ServerClosedError);
    await (await lives.restart()).tell('idle', kept);
    await rest;
    expect(await collected(run.text())).toEqual(['the first']);
  });

  test('reads its output by its schema, also of a turn that was kept', async () => {
    await using lives = new PlayedLives();
    const life = lives.begin();
    const outputSchema = {
      type: 'object',
      properties: { n: { type: 'number' } },
      required: ['n'],
      additionalProperties: false,
    };
    const result = lives.runs.turnRun({ ...PARAMS, outputSchema }, JOB).result();
    await life.tell('idle', keptAs('old', 'completed', userMessage('job-7'), agentMessage('m', '{"n":7}')));
    expect(await result).toMatchObject({ status: 'completed', output: { n: 7 } });
  });
});
