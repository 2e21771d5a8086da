/** What the server says of a queue's items: all pages of the list, and what a thread's turns tell of one that is not in it. */
import { describe, expect, test } from 'vitest';
import { deleteByKey, fateOf, itemsOf } from '../../../src/runs/turn/queued-items.js';
import type { Peer } from '../../../src/session/peer.js';
import { turnOf } from '../played-server.js';
import { itemOf, QueueServer, userMessage } from './played-queue.js';

const peerOf = ({ client }: QueueServer) => Reflect.get(client, 'peer') as Peer;
const kept = (id: string, status: 'inProgress' | 'completed', ...items: object[]) => ({
  ...turnOf(id, status),
  items,
});

test('the list is asked for as a whole, because an item may begin between two pages, and is all of its pages, in order', async () => {
  await using server = new QueueServer();
  const items = itemsOf(peerOf(server), 't');
  const first = await server.next('thread/queue/list');
  expect(first.params).toEqual({ threadId: 't', limit: 100 });
  server.answer(first, { data: [itemOf('1', 'a')], nextCursor: 'more' });
  const second = await server.next('thread/queue/list');
  expect(second.params).toEqual({ threadId: 't', limit: 100, cursor: 'more' });
  server.answer(second, { data: [itemOf('2', 'b')], nextCursor: null });
  expect((await items).map(({ id }) => id)).toEqual(['1', '2']);
});

test('one is taken out by its key, where it is there', async () => {
  await using server = new QueueServer();
  const [there, gone] = ['b', 'c'].map((key) => deleteByKey(peerOf(server), 't', key));
  for (let lists = 0; lists < 2; lists += 1)
    server.answer(await server.next('thread/queue/list'), { data: [itemOf('2', 'b')], nextCursor: null });
  expect(await server.delete(true)).toBe('2');
  expect([await there, await gone]).toEqual([true, false]);
});

describe('one that is not in the list', () => {
  test.each([
    ['kept', 'idle', [kept('u', 'completed', userMessage('a'))]],
    ['kept', 'active', [kept('u', 'inProgress', userMessage('a'))]],
    ['none', 'idle', [kept('u', 'completed', userMessage('b'))]],
    ['none', 'active', [kept('u', 'inProgress', userMessage('b'))]],
    ['open', 'active', [kept('u', 'inProgress')]],
    ['open', 'active', []],
  ] as const)('is %s on a thread that is %s', async (is, status, turns) => {
    await using server = new QueueServer();
    const fate = fateOf(peerOf(server), 't', 'a');
    await server.tell(status, ...turns);
    expect((await fate).is).toBe(is);
  });

  test('is known by the turn that it had begun, too', async () => {
    await using server = new QueueServer();
    const fate = fateOf(peerOf(server), 't', 'a', 'u');
    await server.tell('idle', kept('u', 'completed'));
    expect(await fate).toMatchObject({ is: 'kept', turn: { id: 'u' } });
  });

  test('is none on a thread whose turns cannot be read yet, where that is at rest', async () => {
    await using server = new QueueServer();
    const fate = fateOf(peerOf(server), 't', 'a');
    server.refuse(await server.next('thread/read'), 'not materialized before first user message');
    await server.tell('idle');
    expect((await fate).is).toBe('none');
  });
});
