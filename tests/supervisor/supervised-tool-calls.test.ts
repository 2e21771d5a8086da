/** The calls of tools over the lives of a supervisor. */
import { defineTools, ServerClosedError } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { supervisedToolCalls } from '../../src/supervisor/supervised-tool-calls.js';
import { type PipedServer, turn } from '../helpers/piped-server.js';
import { answersTo, answerTo, calling } from '../tools/calling.js';
import { FakeLives } from './fake-lives.js';

const tools = defineTools({ one: { description: 'Does it.', input: { type: 'object' } } });

async function goes(server: PipedServer): Promise<void> {
  server.end();
  await server.client.closed;
  await turn();
}

const opened = ({ client }: PipedServer) =>
  client.stats().streams.filter(({ name }) => name === 'toolCalls(one)').length;

test('go on with the next server; those of the last one are stale, and their signals have fired', async () => {
  const lives = new FakeLives();
  const calls = supervisedToolCalls(lives, tools);
  const waiting = calls.next();
  const first = await lives.begin();
  await turn();
  first.server.send(calling({ id: 0, tool: 'one' }), calling({ id: 1, tool: 'one' }));
  const { value: call } = await waiting;
  const { signal } = call ?? {};
  await goes(first.server);
  expect(signal?.aborted).toBe(true);
  await expect(call?.respond('late')).rejects.toThrow(ServerClosedError);
  const read = calls.next();
  const second = await lives.begin();
  await turn();
  second.server.send(calling({ id: 0, tool: 'one', turnId: 'next' }));
  const { value: next } = await read;
  expect(next?.turnId).toBe('next');
  await next?.respond('done');
  expect(await answerTo(second.server, 0)).toEqual({ success: true, text: 'done' });
});

test('are taken from the beginning of a life on, also while nobody reads', async () => {
  const lives = new FakeLives();
  const calls = supervisedToolCalls(lives, tools);
  const { server } = await lives.begin();
  await turn();
  expect(opened(server)).toBe(1);
  server.send(calling({ id: 0, tool: 'one' }));
  await server.quiet();
  expect(await calls.next()).toMatchObject({ value: { callId: 'call 0' } });
});

describe('L11 leaving', () => {
  test.each([
    ['return()', (calls: AsyncDisposable & { return(): unknown }) => calls.return()],
    ['its signal', (_: unknown, controller: AbortController) => controller.abort()],
  ])(
    'by %s refuses what is open, ends a read that waits, and opens nothing in later lives',
    async (_, leave) => {
      const lives = new FakeLives();
      const controller = new AbortController();
      const calls = supervisedToolCalls(lives, tools, { signal: controller.signal });
      const first = await lives.begin();
      await turn();
      first.server.send(calling({ id: 0, tool: 'one' }));
      await calls.next();
      const read = calls.next();
      await leave(calls, controller);
      expect(await read).toEqual({ done: true, value: undefined });
      expect(await answerTo(first.server, 0)).toMatchObject({ success: false });
      expect(opened(first.server)).toBe(0);
      await goes(first.server);
      const second = await lives.begin();
      await turn();
      expect(opened(second.server)).toBe(0);
    },
  );

  test('before there is a server ends a read that waits', async () => {
    const calls = supervisedToolCalls(new FakeLives(), tools);
    const read = calls.next();
    await calls.return();
    expect(await read).toEqual({ done: true, value: undefined });
  });

  test('with a signal that has fired before takes nothing', async () => {
    const lives = new FakeLives();
    const calls = supervisedToolCalls(lives, tools, { signal: AbortSignal.abort() });
    const { server } = await lives.begin();
    await turn();
    expect(opened(server)).toBe(0);
    expect(await calls.next()).toMatchObject({ done: true });
  });
});

describe('L10 when there are no more servers', () => {
  const failure = new Error('given up');

  test.each([
    ['ends after shutdown()', true],
    ['throws where it was given up', false],
  ])('a loop %s, whether it waits or reads later', async (_, isShutDown) => {
    for (const waits of [true, false]) {
      const lives = new FakeLives();
      const calls = supervisedToolCalls(lives, tools);
      const first = await lives.begin();
      await turn();
      const settled = () => calls.next().catch((error: unknown) => error);
      const early = waits ? settled() : undefined;
      await goes(first.server);
      lives.end(failure, isShutDown);
      await turn();
      const outcome = await (early ?? settled());
      expect(outcome).toEqual(isShutDown ? { done: true, value: undefined } : failure);
    }
  });
});

test('L20 bad options are refused at once', () => {
  const lives = new FakeLives();
  expect(() => supervisedToolCalls(lives, tools, { threadId: '' })).toThrow('options.threadId');
  expect(() => supervisedToolCalls(lives, tools, { maxHeldBytes: -1 })).toThrow('options.maxHeldBytes');
  expect(() => supervisedToolCalls(lives, {} as never)).toThrow('tools made by defineTools()');
});

test('L12 an answer is given once, also when the loop is left after it', async () => {
  const lives = new FakeLives();
  const calls = supervisedToolCalls(lives, tools);
  const { server } = await lives.begin();
  await turn();
  server.send(calling({ id: 0, tool: 'one' }));
  const { value: call } = await calls.next();
  await call?.respond('done');
  await calls.return();
  await turn();
  expect(answersTo(server, 0)).toHaveLength(1);
});
