/** A turn over lives: what is sent, when, and to what it settles. */
import { ServerClosedError } from 'codex-async-client';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { outcomeOf } from '../helpers/piped-server.js';
import { agentMessage } from '../runs/played-server.js';
import { keptAs, PlayedLives, userMessage } from './played-lives.js';

const JOB = { idempotencyKey: 'job-7' };

afterEach(() => {
  vi.useRealTimers();
});

describe('a supervised turn', () => {
  test('waits for a server, has its thread readied, and is sent once', async () => {
    await using lives = new PlayedLives();
    const result = lives.runs.turnRun({ threadId: 't', input: 'x' }).result();
    const life = lives.begin();
    const turn = await life.server.turn();
    turn.accept().started().say('hello').complete();
    expect(await result).toMatchObject({ status: 'completed', finalMessage: 'hello', recovered: false });
    expect(life.threads.asked).toEqual(['t']);
    expect([life.server.sent('turn/start'), life.server.sent('thread/read')]).toEqual([1, 0]);
  });

  test('keeps the order of its thread, and other threads go their own way', async () => {
    await using lives = new PlayedLives();
    const { server } = lives.begin();
    const results = [
      { threadId: 't', input: '1' },
      { threadId: 't', input: '2' },
      { threadId: 'u', input: '3' },
    ].map((params) => lives.runs.turnRun(params).result());
    const first = await server.turn();
    const third = await server.turn();
    expect([first.request.params, third.request.params]).toMatchObject([
      { threadId: 't' },
      { threadId: 'u' },
    ]);
    third.accept().complete();
    await results[2];
    expect(server.sent('turn/start')).toBe(2);
    first.accept().complete();
    const second = await server.turn();
    expect(second.request.params).toMatchObject({ input: [{ text: '2' }] });
    second.accept().complete();
    await Promise.all(results);
  });

  test('L24 that was sent rejects when its server crashes, with what it had come to; it is not sent again', async () => {
    await using lives = new PlayedLives();
    const life = lives.begin();
    const run = lives.runs.turnRun({ threadId: 't', input: 'x' });
    const failed = outcomeOf(run.result());
    (await life.server.turn()).accept().started().say('half an');
    const next = await lives.restart();
    const error = await failed;
    expect(error).toBeInstanceOf(ServerClosedError);
    expect(error).toMatchObject({ result: { status: 'inProgress', agentMessages: [{ text: 'half an' }] } });
    await expect(run.result()).rejects.toBe(error);
    await next.server.piped.quiet();
    expect(next.server.sent('turn/start')).toBe(0);
  });

  test('L24 that waits in line goes on with the next server, in its order', async () => {
    await using lives = new PlayedLives();
    const life = lives.begin();
    const [first, ...rest] = ['1', '2', '3'].map((input) =>
      lives.runs.turnRun({ threadId: 't', input }).result(),
    );
    const failed = expect(first).rejects.toThrow(ServerClosedError);
    (await life.server.turn()).accept();
    const next = await lives.restart();
    await failed;
    for (const input of ['2', '3']) {
      const turn = await next.server.turn();
      expect(turn.request.params).toMatchObject({ input: [{ text: input }] });
      turn.accept().complete();
    }
    expect(await Promise.all(rest)).toMatchObject([{ status: 'completed' }, { status: 'completed' }]);
  });

  test('that waits for its thread to be readied goes on with the next server', async () => {
    await using lives = new PlayedLives();
    const life = lives.begin();
    life.threads.readiness = life.client.request('thread/resume', { threadId: 't' }).then(() => {});
    const result = lives.runs.turnRun({ threadId: 't', input: 'x' }).result();
    await life.server.next('thread/resume');
    const next = await lives.restart();
    (await next.server.turn()).accept().complete();
    expect((await result).status).toBe('completed');
  });

  test('L14 waits for the turn of the one before it, which runs on where only the connection went', async () => {
    await using lives = new PlayedLives({ areConnections: true });
    const life = lives.begin();
    const [first, second] = ['1', '2'].map((input) => lives.runs.turnRun({ threadId: 't', input }).result());
    const failed = expect(first).rejects.toThrow(ServerClosedError);
    (await life.server.turn()).accept().started();
    await life.crash();
    await failed;
    const { server, client, threads } = lives.begin();
    threads.readiness = client.request('thread/resume', { threadId: 't' }).then(() => {});
    server.answer(await server.next('thread/resume'), { thread: { id: 't', status: { type: 'active' } } });
    server.answer(await server.next('thread/goal/get'), { goal: null });
    await server.piped.quiet();
    expect(server.sent('turn/start')).toBe(0);
    server.piped.send({
      method: 'turn/completed',
      params: { threadId: 't', turn: keptAs('turn-1', 'completed') },
    });
    (await server.turn()).accept().complete();
    expect(await second).toMatchObject({ status: 'completed', joined: false });
  });

  test('that waits behind a turn of the client of its life goes on with the next server', async () => {
    await using lives = new PlayedLives();
    const life = lives.begin();
    life.queues.enter('t', () => life.client.closed.then(() => {}));
    const result = lives.runs.turnRun({ threadId: 't', input: 'x' }).result();
    await life.server.piped.quiet();
    expect(life.server.sent('turn/start')).toBe(0);
    const next = await lives.restart();
    (await next.server.turn()).accept().complete();
    expect((await result).status).toBe('completed');
  });

  test('that the server turned away when it crashed goes on with the next server', async () => {
    // So that it is not sent again before the crash.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    await using lives = new PlayedLives();
    const life = lives.begin();
    const result = lives.runs.turnRun({ threadId: 't', input: 'x' }).result();
    life.server.refuse(await life.server.next('turn/start'), 'busy', -32001);
    const next = await lives.restart();
    (await next.server.turn()).accept().complete();
    expect((await result).status).toBe('completed');
  });

  test('rejects with what keeps its thread from being readied, and the line goes on', async () => {
    await using lives = new PlayedLives();
    const life = lives.begin();
    life.threads.readiness = Promise.reject(new Error('it would spend'));
    const results = ['1', '2'].map((input) => lives.runs.turnRun({ threadId: 't', input }).result());
    for (const result of results) await expect(result).rejects.toThrow('it would spend');
    expect(life.server.sent('turn/start')).toBe(0);
  });

  test('rejects with the reason when no server comes any more', async () => {
    await using lives = new PlayedLives();
    const run = lives.runs.turnRun({ threadId: 't', input: 'x' });
    const waiting = [run.result(), run.started(), run.next(), run.text().next(), run.steer('y')];
    lives.giveUp(new Error('five restarts in a minute'));
    for (const promise of waiting) await expect(promise).rejects.toThrow('five restarts in a minute');
    const later = lives.runs.turnRun({ threadId: 't', input: 'x' });
    await expect(later.result()).rejects.toThrow('five restarts in a minute');
  });

  test('names its turn also when its server is gone', async () => {
    await using lives = new PlayedLives();
    const life = lives.begin();
    const run = lives.runs.turnRun({ threadId: 't', input: 'x' }, JOB);
    expect([run.threadId, run.turnId]).toEqual(['t', undefined]);
    (await life.newTurn()).accept();
    expect(await run.started()).toEqual({ threadId: 't', turnId: 'turn-1' });
    await life.crash();
    expect(run.turnId).toBe('turn-1');
  });
});

describe('a turn with a key', () => {
  test('L24 is looked for, and sent with its key when the server has nothing', async () => {
    await using lives = new PlayedLives();
    const life = lives.begin();
    const result = lives.runs.turnRun({ threadId: 't', input: 'x' }, JOB).result();
    const read = await life.server.next('thread/read');
    expect(read.params).toEqual({ threadId: 't', includeTurns: true });
    expect(life.server.sent('turn/start')).toBe(0);
    life.server.answer(read, {
      thread: { id: 't', status: { type: 'idle' }, turns: [keptAs('o', 'completed', userMessage('job-6'))] },
    });
    const turn = await life.server.turn();
    expect(turn.request.params).toMatchObject({ clientUserMessageId: 'job-7', input: [{ text: 'x' }] });
    turn.accept().complete();
    expect((await result).status).toBe('completed');
  });

  test.each(['completed', 'interrupted'] as const)(
    'L24 settles with its turn when the server has it, %s, and sends nothing',
    async (status) => {
      await using lives = new PlayedLives();
      const life = lives.begin();
      const run = lives.runs.turnRun({ threadId: 't', input: 'x' }, JOB);
      const text = run.text();
      await life.tell('idle', keptAs('old', status, userMessage('job-7'), agentMessage('m', 'hello')));
      expect(await text.next()).toEqual({ done: false, value: 'hello' });
      expect(await text.next()).toEqual({ done: true, value: undefined });
      expect(await run.result()).toMatchObject({
        status,
        recovered: true,
        joined: false,
        items: [{}, { text: 'hello' }],
      });
      expect(run.turnId).toBe('old');
      expect([life.server.sent('turn/start'), life.server.sent('thread/read')]).toEqual([0, 1]);
    },
  );

  test('rejects as its turn did when that failed', async () => {
    await using lives = new PlayedLives();
    const life = lives.begin();
    const result = lives.runs.turnRun({ threadId: 't', input: 'x' }, JOB).result();
    await life.tell('idle', {
      ...keptAs('old', 'failed', userMessage('job-7')),
      error: { message: 'no luck' },
    });
    await expect(result).rejects.toMatchObject({ code: 'CODEX_TURN_FAILED', result: { recovered: true } });
  });

  test('gives a loop over a turn that is over nothing, and ends', async () => {
    await using lives = new PlayedLives();
    const life = lives.begin();
    const run = lives.runs.turnRun({ threadId: 't', input: 'x' }, JOB);
    const next = run.next();
    await life.tell('idle', keptAs('old', 'completed', userMessage('job-7')));
    expect(await next).toEqual({ done: true, value: undefined });
  });

  test('L24 settles with its turn as interrupted when the server crashed after it had kept the message', async () => {
    await using lives = new PlayedLives();
    const life = lives.begin();
    const result = lives.runs.turnRun({ threadId: 't', input: 'x' }, JOB).result();
    (await life.newTurn()).accept().started().item(userMessage('job-7')).say('half');
    const next = await lives.restart();
    await next.tell('idle', keptAs('turn-1', 'interrupted', userMessage('job-7')));
    expect(await result).toMatchObject({ status: 'interrupted', recovered: true, joined: false });
    expect(next.server.sent('turn/start')).toBe(0);
  });

  test.each([
    ['before the answer', () => {}],
    ['after the answer', (turn: { accept(): unknown }) => turn.accept()],
    ['after the start', (turn: { accept(): { started(): unknown } }) => turn.accept().started()],
  ] as const)('L24 is sent again when the server crashed %s and kept nothing', async (_, play) => {
    await using lives = new PlayedLives();
    const life = lives.begin();
    const result = lives.runs.turnRun({ threadId: 't', input: 'x' }, JOB).result();
    play(await life.newTurn());
    const next = await lives.restart();
    // What is left of it is a turn without its message.
    await next.tell('idle', keptAs('turn-1', 'interrupted'));
    const again = await next.server.turn();
    expect(again.request.params).toMatchObject({ clientUserMessageId: 'job-7', input: [{ text: 'x' }] });
    again.accept().say('hello').complete();
    expect(await result).toMatchObject({ status: 'completed', finalMessage: 'hello', recovered: false });
  });

  test('L24 is not sent again when its message had begun and its turn is there, although the message is not', async () => {
    await using lives = new PlayedLives();
    const life = lives.begin();
    const result = lives.runs.turnRun({ threadId: 't', input: 'x' }, JOB).result();
    const turn = (await life.newTurn()).accept().started();
    turn.send('item/started', { turnId: turn.turnId, item: userMessage('job-7'), startedAtMs: 1 });
    const next = await lives.restart();
    await next.tell('idle', keptAs('turn-1', 'interrupted'));
    expect(await result).toMatchObject({ status: 'interrupted', recovered: true });
    expect(next.server.sent('turn/start')).toBe(0);
  });

  test('goes on over any number of crashes, in the look, too', async () => {
    await using lives = new PlayedLives();
    lives.begin();
    const result = lives.runs.turnRun({ threadId: 't', input: 'x' }, JOB).result();
    await lives.living?.newTurn();
    for (let crashes = 0; crashes < 3; crashes += 1) {
      const life = await lives.restart();
      await life.server.next('thread/read');
    }
    const last = await lives.restart();
    (await last.newTurn()).accept().complete();
    expect((await result).status).toBe('completed');
  });

  test.each([
    ['refused', -32600, 'CODEX_RPC'],
    ['unreadable', -32603, 'CODEX_RPC'],
  ])('L24 sends nothing when the look is %s', async (message, code, expected) => {
    await using lives = new PlayedLives();
    const life = lives.begin();
    const result = lives.runs.turnRun({ threadId: 't', input: 'x' }, JOB).result();
    life.server.refuse(await life.server.next('thread/read'), message, code);
    await expect(result).rejects.toMatchObject({ code: expected });
    expect(life.server.sent('turn/start')).toBe(0);
  });

  test('rejects when turn/start is refused, and can be tried again', async () => {
    await using lives = new PlayedLives();
    const life = lives.begin();
    const result = lives.runs.turnRun({ threadId: 't', input: 'x' }, JOB).result();
    await life.tell('idle');
    life.server.refuse(await life.server.next('turn/start'), 'no such model');
    await expect(result).rejects.toMatchObject({ code: 'CODEX_RPC' });
    const again = lives.runs.turnRun({ threadId: 't', input: 'x' }, JOB).result();
    (await life.newTurn()).accept().complete();
    expect((await again).status).toBe('completed');
  });

  test('says what it had come to when no server comes any more', async () => {
    await using lives = new PlayedLives();
    const life = lives.begin();
    const result = lives.runs.turnRun({ threadId: 't', input: 'x' }, JOB).result();
    (await life.newTurn()).accept().started().say('half');
    await life.crash();
    const details = { exitCode: 1, signal: null, stderrTail: '' };
    lives.giveUp(new ServerClosedError('five restarts in a minute', details));
    await expect(result).rejects.toMatchObject({
      message: 'five restarts in a minute',
      result: { agentMessages: [{ text: 'half' }] },
    });
  });

  test('says what it had come to also when it waited in the last life and was not sent there', async () => {
    await using lives = new PlayedLives();
    const life = lives.begin();
    const result = lives.runs.turnRun({ threadId: 't', input: 'x' }, JOB).result();
    (await life.newTurn()).accept().started().say('half');
    await life.crash();
    const next = lives.begin();
    next.queues.enter('t', () => next.client.closed.then(() => {}));
    await next.tell('idle');
    await next.server.piped.quiet();
    expect(next.server.sent('turn/start')).toBe(0);
    await next.crash();
    lives.giveUp(
      new ServerClosedError('five restarts in a minute', { exitCode: 1, signal: null, stderrTail: '' }),
    );
    await expect(result).rejects.toMatchObject({ result: { agentMessages: [{ text: 'half' }] } });
  });

  test('waits for the turn that runs on its thread before it looks again', async () => {
    await using lives = new PlayedLives();
    const life = lives.begin();
    const result = lives.runs.turnRun({ threadId: 't', input: 'x' }, JOB).result();
    await life.tell('active', keptAs('other', 'inProgress'));
    life.server.answer(await life.server.next('thread/goal/get'), { goal: null });
    await life.server.piped.quiet();
    expect(life.server.sent('turn/start')).toBe(0);
    life.server.piped.send({
      method: 'turn/completed',
      params: { threadId: 't', turn: keptAs('other', 'completed') },
    });
    (await life.newTurn()).accept().complete();
    expect((await result).status).toBe('completed');
  });
});

describe('a turn with a key that is found running', () => {
  const running = keptAs('old', 'inProgress', userMessage('job-7'));

  test('is ours: its rest is read, and leaving it interrupts it', async () => {
    await using lives = new PlayedLives();
    const life = lives.begin();
    const run = lives.runs.turnRun({ threadId: 't', input: 'x' }, JOB);
    const next = run.next();
    await life.tell('active', running);
    await life.tell('active', running);
    const delta = { threadId: 't', turnId: 'old', itemId: 'm1', delta: 'rest' };
    life.server.piped.send({ method: 'item/agentMessage/delta', params: delta });
    expect((await next).value).toMatchObject({ params: { delta: 'rest' } });
    await run.return();
    expect((await life.server.next('turn/interrupt')).params).toEqual({ threadId: 't', turnId: 'old' });
    life.server.piped.send({
      method: 'turn/completed',
      params: { threadId: 't', turn: keptAs('old', 'interrupted') },
    });
    expect(await run.result()).toMatchObject({ status: 'interrupted', joined: false });
  });

  test('has what it asks refused while nobody reads it', async () => {
    await using lives = new PlayedLives();
    const life = lives.begin();
    const result = lives.runs.turnRun({ threadId: 't', input: 'x' }, JOB).result();
    await life.tell('active', running);
    await life.tell('active', running);
    const params = { threadId: 't', turnId: 'old', itemId: 'i' };
    life.server.piped.send({ id: 0, method: 'item/fileChange/requestApproval', params });
    expect((await life.server.answerTo(0)).result).toEqual({ decision: 'decline' });
    life.server.piped.send({
      method: 'turn/completed',
      params: { threadId: 't', turn: keptAs('old', 'completed') },
    });
    expect((await result).status).toBe('completed');
  });

  test('is another’s when its message was added to that, and leaving it interrupts nothing', async () => {
    await using lives = new PlayedLives();
    const life = lives.begin();
    const run = lives.runs.turnRun({ threadId: 't', input: 'x' }, JOB);
    const next = run.next();
    const theirs = keptAs('old', 'inProgress', userMessage(null, 'u0'), userMessage('job-7'));
    await life.tell('active', theirs);
    await life.tell('active', theirs);
    await life.server.piped.quiet();
    await run.return();
    expect((await next).done).toBe(true);
    life.server.piped.send({
      method: 'turn/completed',
      params: { threadId: 't', turn: keptAs('old', 'completed') },
    });
    expect(await run.result()).toMatchObject({ status: 'completed', joined: true });
    expect(life.server.sent('turn/interrupt')).toBe(0);
  });
});
