/** A thread by its id, whichever server has it. */
import { describe, expect, test } from 'vitest';
import { PipedLives } from './piped-lives.js';

describe('a handle on a supervised thread', () => {
  test('reads the thread without resuming it, on whichever server lives', async () => {
    const lives = new PipedLives();
    const handle = lives.supervisor.thread({ thread: { id: 't' } } as never);
    expect(handle.id).toBe('t');
    for (const number of [1, 2]) {
      const server = await lives.server(number);
      const read = handle.read({ includeTurns: true });
      const { id, params } = await server.receivedWhere(({ method }) => method === 'thread/read');
      expect(params).toEqual({ includeTurns: true, threadId: 't' });
      server.send({ id, result: { thread: { id: 't' } } });
      expect(await read).toEqual({ thread: { id: 't' } });
      expect(server.received.map(({ method }) => method)).not.toContain('thread/resume');
      if (number === 1) await lives.crash();
    }
    await lives.supervisor.shutdown();
  });

  test('reads its goal, and compacts it in its line', async () => {
    const lives = new PipedLives();
    const handle = lives.supervisor.thread('t');
    const server = await lives.server(1);
    const goal = handle.goal();
    const { id, params } = await server.receivedWhere(({ method }) => method === 'thread/goal/get');
    expect(params).toEqual({ threadId: 't' });
    server.send({ id, result: { goal: null } });
    expect(await goal).toBeNull();
    // Not in the types.
    await expect(handle.compact({ detach: true } as never)).rejects.toThrow('options.detach');
    await lives.supervisor.shutdown();
  });

  test('resumes it with the params of the user', async () => {
    const lives = new PipedLives();
    const resumed = lives.supervisor.thread('t').resume({ model: 'gpt' });
    const server = await lives.server(1);
    const { id, params } = await server.receivedWhere(({ method }) => method === 'thread/resume');
    expect(params).toEqual({ model: 'gpt', threadId: 't' });
    server.send({ id, result: { thread: { id: 't' } } });
    expect(await resumed).toEqual({ thread: { id: 't' } });
    await lives.supervisor.shutdown();
  });

  test('runs turns in the line of the thread, with the params under the name that they have here', async () => {
    const lives = new PipedLives();
    const handle = lives.supervisor.thread('t');
    await lives.supervisor.client();
    expect(() => handle.run({ input: 'x', modle: 'y' } as never)).toThrow('turn.modle: unknown name');
    const run = handle.run('x');
    expect(run.threadId).toBe('t');
    const left = run.result().catch((error: unknown) => error);
    await run.return();
    expect(await left).toBeInstanceOf(DOMException);
    await lives.supervisor.shutdown();
  });

  test('follows it', async () => {
    const lives = new PipedLives();
    const log = lives.supervisor.thread('t').follow();
    expect(log.threadId).toBe('t');
    const reading = log.read().next();
    await lives.supervisor.shutdown();
    expect(await reading).toEqual({ done: true, value: undefined });
  });
});
