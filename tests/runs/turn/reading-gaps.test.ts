/** Reads that come at awkward moments: one reader at a time, at every gap, and nothing pending after the end. */
import { ConcurrentReadError } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { microtasks, outcomeOf } from '../../helpers/piped-server.js';
import { collected, PlayedServer } from '../played-server.js';

const GAPS = [0, 1, 2, 3, 4, 5, 8] as const;

const errorOf = (promise: Promise<unknown>) => promise.then(() => undefined).catch((error: unknown) => error);

describe.each(GAPS)('a second next() %i microtasks after the first', (gap) => {
  test.each([
    ['a run', (server: PlayedServer) => server.client.turnRun({ threadId: 't', input: 'x' })],
    ['its text', (server: PlayedServer) => server.client.turnRun({ threadId: 't', input: 'x' }).text()],
    ['a thread run', (server: PlayedServer) => server.client.threadRun({ turn: 'x' })],
    ['a command', (server: PlayedServer) => server.client.commandRun({ command: ['cat'] })],
    ['its stdout', (server: PlayedServer) => server.client.commandRun({ command: ['cat'] }).stdout],
    ['a watch', (server: PlayedServer) => server.client.fileWatch({ path: '/tmp' })],
    ['a filtered stream', (server: PlayedServer) => server.client.events({ threadId: 't' })],
  ])('of %s is a ConcurrentReadError, and return() leaves nothing pending', async (_, open) => {
    await using server = new PlayedServer();
    const stream = open(server);
    const first = stream.next();
    await microtasks(gap);
    expect(await errorOf(stream.next())).toBeInstanceOf(ConcurrentReadError);
    await microtasks(gap);
    await stream.return();
    expect(await first).toEqual({ done: true, value: undefined });
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });
});

test('a second next() while the turn waits for its place in the queue is a ConcurrentReadError, too', async () => {
  await using server = new PlayedServer();
  const first = server.client.turnRun({ threadId: 't', input: 'x' });
  const turn = await server.turn();
  const queued = server.client.turnRun({ threadId: 't', input: 'y' });
  const waiting = queued.next();
  expect(await errorOf(queued.next())).toBeInstanceOf(ConcurrentReadError);
  turn.accept().complete();
  (await server.turn()).accept().say('1').complete();
  expect((await waiting).value?.method).toBe('item/agentMessage/delta');
  expect(await collected(first)).toHaveLength(1);
});

test('a loop that takes over from result() gets every later message, and is never rejected with nothing', async () => {
  await using server = new PlayedServer();
  const run = server.client.turnRun({ threadId: 't', input: 'x' });
  const result = run.result();
  const turn = (await server.turn()).accept().started();
  await server.piped.quiet();
  const next = run.next();
  const second = errorOf(run.next());
  turn.say('1');
  expect((await next).value?.method).toBe('item/agentMessage/delta');
  expect(await second).toBeInstanceOf(ConcurrentReadError);
  turn.complete();
  expect((await run.next()).value?.method).toBe('turn/completed');
  expect((await result).status).toBe('completed');
});

test.each([0, 1, 2, 3, 4, 5, 6, 8, 10])(
  'a loop that takes over from result() %i microtasks after a message gets every later one',
  async (gap) => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' });
    const result = run.result();
    const turn = (await server.turn()).accept().started();
    await server.piped.quiet();
    turn.say('1');
    await microtasks(gap);
    const loop = collected(run);
    await server.piped.quiet();
    turn.say('2').complete();
    expect((await loop).slice(-2)).toMatchObject([{ params: { delta: '2' } }, { method: 'turn/completed' }]);
    expect((await result).finalMessage).toBe('12');
  },
);

test('L5 L16 a loop that was cut short takes over again from a result() that was asked for meanwhile', async () => {
  await using server = new PlayedServer({ buffer: { maxBytes: 2_000 } });
  const main = server.client.events();
  const run = server.client.turnRun({ threadId: 't', input: 'x' });
  const cut = run.next();
  const turn = (await server.turn()).accept();
  await server.piped.quiet();
  server.piped.send({ method: 'x/large', params: { text: 'x'.repeat(3_000) } });
  await expect(cut).rejects.toMatchObject({ code: 'CODEX_BACKPRESSURE' });
  await main.next();
  const result = run.result();
  await server.piped.quiet();
  const next = run.next();
  await server.piped.quiet();
  server.client.events({ threadId: 't' });
  turn.ask(9);
  expect((await next).value).toMatchObject({ kind: 'request', id: 9 });
  expect(server.client.stats().requests.unansweredByUs).toBe(1);
  turn.complete();
  expect((await result).status).toBe('completed');
});

test('L3 a result that is known is no demand', async () => {
  await using server = new PlayedServer({ buffer: { highWaterMark: 2 } });
  const run = server.client.turnRun({ threadId: 't', input: 'x' });
  const result = run.result();
  (await server.turn()).accept().complete();
  await result;
  for (let n = 0; n < 4; n += 1) {
    server.piped.send({ method: 'x/y', params: {} });
    await server.piped.quiet();
  }
  const { times } = server.client.stats().paused;
  await run.result();
  expect(server.client.stats()).toMatchObject({ held: { messages: 2 }, paused: { now: true, times } });
});

describe('text()', () => {
  test('that is left before its first piece leaves the run: the turn is interrupted', async () => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' });
    const turn = (await server.turn()).accept().started();
    await run.text().return();
    server.answer(await server.next('turn/interrupt'), {});
    turn.complete('interrupted');
    expect((await run.result()).status).toBe('interrupted');
  });

  test('of a thread run that is left before its first piece never starts the turn', async () => {
    await using server = new PlayedServer();
    const run = server.client.threadRun({ turn: 'x' });
    const thread = await server.next('thread/start');
    await run.text().return();
    server.answer(thread, { thread: { id: 't' } });
    await expect(run.result()).rejects.toMatchObject({ name: 'AbortError' });
    expect(server.sent('turn/start')).toBe(0);
  });

  test('ends for a reader that waits when it is left', async () => {
    await using server = new PlayedServer();
    const text = server.client.turnRun({ threadId: 't', input: 'x' }).text();
    (await server.turn()).accept().started();
    const waiting = text.next();
    await server.piped.quiet();
    await text.return();
    expect(await waiting).toEqual({ done: true, value: undefined });
  });
});

describe('leaving waits for no server', () => {
  test('a loop over a watch, a command and a login that a silent server never hears of', async () => {
    await using server = new PlayedServer({ requestTimeoutMs: 0 });
    const watch = server.client.fileWatch({ path: '/tmp' });
    const command = server.client.commandRun({ command: ['cat'] });
    const login = server.client.login({ type: 'chatgpt' });
    const asked = await server.next('account/login/start');
    server.answer(asked, { type: 'chatgpt', loginId: 'l', authUrl: 'https://x' });
    const leaving = Promise.all([watch.return(), command.return(), (await login)[Symbol.asyncDispose]()]);
    expect(await outcomeOf(leaving)).not.toBe('pending');
    for (const method of ['fs/unwatch', 'command/exec/terminate', 'account/login/cancel'])
      await server.next(method);
  });

  test('close() of a watch settles when the server has stopped, for every call of it', async () => {
    await using server = new PlayedServer();
    const watch = server.client.fileWatch({ path: '/tmp' });
    server.answer(await server.next('fs/watch'), {});
    await watch.ready;
    const closes = [watch.close(), watch.close()];
    await watch.return();
    const last = watch.close();
    const request = await server.next('fs/unwatch');
    expect(await outcomeOf(Promise.race([...closes, last]))).toBe('pending');
    server.answer(request, {});
    await Promise.all([...closes, last]);
    expect(server.sent('fs/unwatch')).toBe(1);
  });
});
