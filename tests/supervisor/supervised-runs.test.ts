/** What a supervised run may be asked for, and two runs with one key. */
import { InvalidArgumentError } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { outcomeOf } from '../helpers/piped-server.js';
import { keptAs, PlayedLives, userMessage } from './played-lives.js';

const PARAMS = { threadId: 't', input: 'x' };
const JOB = { idempotencyKey: 'job-7' };

describe('a supervised run is refused before anything is sent', () => {
  test.each([
    ['options.idempotencyKey', PARAMS, { idempotencyKey: '' }, /1 to 512 characters, got ""/],
    ['options.idempotencyKey', PARAMS, { idempotencyKey: 7 }, /1 to 512 characters, got 7/],
    ['options.idempotencyKey', PARAMS, { idempotencyKey: 'k'.repeat(513) }, /1 to 512 characters/],
    [
      'params.clientUserMessageId',
      { ...PARAMS, clientUserMessageId: 'm' },
      JOB,
      /none beside options.idempotencyKey/,
    ],
    ['options.idempotencykey', PARAMS, { idempotencykey: 'k' }, /did you mean "idempotencyKey"/],
    ['options', PARAMS, null, /an object, got null/],
    ['options.timeoutMs', PARAMS, { timeoutMs: -1 }, /milliseconds/],
    ['options.maxHeldBytes', PARAMS, { maxHeldBytes: 0 }, /bytes/],
    ['params.input', { threadId: 't', input: [] }, {}, /a text/],
    ['params.threadId', { threadId: '', input: 'x' }, {}, /non-empty/],
  ])('L20 for %s', async (argument, params, options, message) => {
    await using lives = new PlayedLives();
    const life = lives.begin();
    const run = () => lives.runs.turnRun(params as never, options as never);
    expect(run).toThrow(InvalidArgumentError);
    expect(run).toThrow(message);
    expect(run).toThrow(expect.objectContaining({ argument }));
    expect(life.server.piped.received).toEqual([]);
  });

  test('L20 under the name that the caller gave the params', () => {
    const lives = new PlayedLives();
    const run = () => lives.runs.turnRun({ threadId: 't', input: [] }, {}, 'turn');
    expect(run).toThrow(/^turn.input: expected/);
  });

  test('L20 also when it takes a server to know what is wrong', async () => {
    await using lives = new PlayedLives({ buffer: { maxBytes: 1_024 } });
    const result = lives.runs.turnRun(PARAMS, { maxHeldBytes: 2_048 }).result();
    const life = lives.begin();
    await expect(result).rejects.toThrow(InvalidArgumentError);
    expect(life.server.sent('turn/start')).toBe(0);
  });

  test('a key of 512 characters passes, and so does one that is undefined', async () => {
    await using lives = new PlayedLives();
    const { server } = lives.begin();
    lives.runs.turnRun({ ...PARAMS, clientUserMessageId: 'mine' }, { idempotencyKey: undefined });
    expect((await server.turn()).request.params).toMatchObject({ clientUserMessageId: 'mine' });
    lives.runs.turnRun({ threadId: 'u', input: 'x' }, { idempotencyKey: 'k'.repeat(512) });
    await server.next('thread/read');
  });
});

describe('a key that is on its way', () => {
  test('L24 is one turn, whoever asks for it again, with the members in whichever order', async () => {
    await using lives = new PlayedLives();
    const life = lives.begin();
    const first = lives.runs.turnRun({ threadId: 't', input: 'x', model: 'm' }, JOB).result();
    const second = lives.runs.turnRun({ model: 'm', input: 'x', threadId: 't' }, JOB).result();
    (await life.newTurn()).accept().started().say('hello').complete();
    expect(await first).toMatchObject({ finalMessage: 'hello', joined: false });
    await life.tell('idle', keptAs('turn-1', 'completed', userMessage('job-7')));
    expect(await second).toMatchObject({ status: 'completed', joined: true });
    expect(life.server.sent('turn/start')).toBe(1);
  });

  test.each([
    ['input', { threadId: 't', input: 'y' }],
    ['thread', { threadId: 'u', input: 'x' }],
    ['model', { ...PARAMS, model: 'm' }],
  ])('is refused for another %s', async (_, params) => {
    await using lives = new PlayedLives();
    lives.runs.turnRun(PARAMS, JOB);
    const again = () => lives.runs.turnRun(params, JOB);
    expect(again).toThrow(InvalidArgumentError);
    expect(again).toThrow(/the key "job-7" is on its way on thread t, and params are not those of that turn/);
  });

  test('is looked for on the thread when its turn is over', async () => {
    await using lives = new PlayedLives();
    const life = lives.begin();
    const first = lives.runs.turnRun(PARAMS, JOB).result();
    (await life.newTurn()).accept().complete();
    await first;
    const again = lives.runs.turnRun({ threadId: 't', input: 'whatever' }, JOB).result();
    await life.tell('idle', keptAs('turn-1', 'completed', userMessage('job-7')));
    expect(await again).toMatchObject({ status: 'completed', recovered: true, joined: false });
    expect(life.server.sent('turn/start')).toBe(1);
  });

  test('can be asked for anew when nobody wants it any more before it was sent', async () => {
    await using lives = new PlayedLives();
    const abort = new AbortController();
    const given = lives.runs.turnRun(PARAMS, { ...JOB, signal: abort.signal }).result();
    abort.abort('enough');
    await expect(given).rejects.toBe('enough');
    const again = lives.runs.turnRun({ threadId: 't', input: 'y' }, JOB).result();
    const life = lives.begin();
    const turn = await life.newTurn();
    expect(turn.request.params).toMatchObject({ input: [{ text: 'y' }], clientUserMessageId: 'job-7' });
    turn.accept().complete();
    expect((await again).status).toBe('completed');
    expect(() => lives.runs.turnRun({ threadId: 't', input: 'z' }, JOB)).not.toThrow();
  });

  test('L24 that is being interrupted is waited for, and its end is everybody’s', async () => {
    await using lives = new PlayedLives();
    const life = lives.begin();
    const run = lives.runs.turnRun(PARAMS, JOB);
    const next = run.next();
    const turn = (await life.newTurn()).accept().started();
    await next;
    await run.return();
    const again = lives.runs.turnRun(PARAMS, JOB).result();
    life.server.answer(await life.server.next('turn/interrupt'), {});
    expect(await outcomeOf(again)).toBe('pending');
    turn.complete('interrupted');
    await life.tell('idle', keptAs('turn-1', 'interrupted', userMessage('job-7')));
    expect((await again).status).toBe('interrupted');
    expect(life.server.sent('turn/start')).toBe(1);
  });
});
