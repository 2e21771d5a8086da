/** The handle for a thread: the thread's id with the calls that take it. */
import { describe, expect, test } from 'vitest';
import { expectRefused, type Mistake } from '../mistakes.js';
import { PlayedServer } from '../played-server.js';

describe('client.thread()', () => {
  test.each([
    ['its id', 't'],
    ['the thread', { id: 't' }],
    ['an answer that holds it', { thread: { id: 't' }, model: 'm' }],
  ])('takes %s', async (_, reference) => {
    await using server = new PlayedServer();
    expect(server.client.thread(reference).id).toBe('t');
    expect(server.piped.received).toEqual([]);
  });

  test.each([
    ['read', 'thread/read', [{ includeTurns: true }], { threadId: 't', includeTurns: true }],
    ['resume', 'thread/resume', [], { threadId: 't' }],
    ['archive', 'thread/archive', [], { threadId: 't' }],
    ['unarchive', 'thread/unarchive', [], { threadId: 't' }],
    ['setName', 'thread/name/set', ['new name'], { threadId: 't', name: 'new name' }],
  ] as const)(
    '%s() sends %s with the thread’s id and gives the answer',
    async (call, method, args, params) => {
      await using server = new PlayedServer();
      const thread = server.client.thread('t');
      const answered: Promise<unknown> = Reflect.apply(thread[call], thread, [...args]);
      const request = await server.next(method);
      expect(request.params).toEqual(params);
      server.answer(request, { fine: true });
      expect(await answered).toEqual({ fine: true });
    },
  );

  test('goal() settles with the goal, or with null', async () => {
    await using server = new PlayedServer();
    for (const goal of [{ objective: 'count', status: 'active' }, null]) {
      const asked = server.client.thread('t').goal();
      const request = await server.next('thread/goal/get');
      expect(request.params).toEqual({ threadId: 't' });
      server.answer(request, { goal });
      expect(await asked).toEqual(goal);
    }
  });

  test('fork() settles with a handle on the new thread', async () => {
    await using server = new PlayedServer();
    const forked = server.client.thread('t').fork({ model: 'm' });
    const request = await server.next('thread/fork');
    expect(request.params).toEqual({ threadId: 't', model: 'm' });
    server.answer(request, { thread: { id: 'fork' } });
    expect((await forked).id).toBe('fork');
  });

  test('events() takes the thread’s messages for as long as no run takes them', async () => {
    await using server = new PlayedServer();
    const thread = server.client.thread('t');
    const events = thread.events();
    const result = thread.run('x').result();
    const turn = (await server.turn()).accept().say('the run’s').complete();
    await result;
    turn.send('thread/name/updated', { threadName: 'mine' });
    turn.send('thread/name/updated', { threadId: 'other', threadName: 'not mine' });
    expect((await events.next()).value).toMatchObject({ params: { threadName: 'mine' } });
    await events.return();
  });

  test('events(filter, { signal }) takes those of its messages that the filter lets through, until the signal fires', async () => {
    await using server = new PlayedServer();
    const controller = new AbortController();
    const { signal } = controller;
    const thread = server.client.thread('t');
    const names = thread.events({ methods: ['thread/name/updated'] }, { signal });
    const send = (method: string, params: object) => server.piped.send({ method, params });
    send('thread/name/updated', { threadId: 'other', threadName: 'not mine' });
    send('thread/archived', { threadId: 't' });
    send('thread/name/updated', { threadId: 't', threadName: 'mine' });
    const { value } = await names.next();
    expect(value?.params.threadName).toBe('mine');
    controller.abort();
    expect(await names.next()).toEqual({ done: true, value: undefined });
    // A program without types may name another thread, which would be somebody else's stream.
    expect(() => thread.events({ threadId: 'u' } as object)).toThrow('known names: kind, methods, turnId');
  });
});

const MISTAKES: readonly Mistake[] = [
  ['thread', [], 'thread'],
  ['thread', [''], 'thread'],
  ['thread', [7], 'thread'],
  ['thread', [null], 'thread'],
  ['thread', [{}], 'thread'],
  ['thread', [{ thread: {} }], 'thread'],
  ['thread', [{ thread: null }], 'thread'],
  ['thread', [{ id: 5 }], 'thread'],
];

test.each(MISTAKES)('L20 %s(...%j) throws and names %s', expectRefused);
