/** A new turn whose messages are held until it is known whose it is. */
import { expect, test } from 'vitest';
import { HeldTurn } from '../../../src/runs/turn/held-turn.js';
import type { Peer } from '../../../src/session/peer.js';
import { QueueServer } from './played-queue.js';

const peerOf = ({ client }: QueueServer) => Reflect.get(client, 'peer') as Peer;

test('L1 its messages are for nobody until it is released, and then for whoever reads, in order', async () => {
  await using server = new QueueServer();
  const held = new HeldTurn(peerOf(server), 't');
  held.hold('new');
  const turn = server.foreign('new').say('hello');
  await server.piped.quiet();
  expect(held.streamOf('new')?.unread).toBe(3);
  expect(held.streamOf('another')).toBeUndefined();
  const { client } = server;
  const first = client.nextMessage({ threadId: 't' });
  held.release();
  turn.complete();
  expect((await first)?.method).toBe('turn/started');
  const methods: unknown[] = [];
  for (let count = 0; count < 3; count += 1) methods.push((await client.nextMessage())?.method);
  expect(methods).toEqual(['item/started', 'item/agentMessage/delta', 'turn/completed']);
  expect(held.turnId).toBeUndefined();
});

test('L1 of two turns in a row only the later is held, and another turn on the thread is for others meanwhile', async () => {
  await using server = new QueueServer();
  const held = new HeldTurn(peerOf(server), 't');
  held.hold('one');
  server.foreign('one');
  await server.piped.quiet();
  held.hold('two');
  server.foreign('two');
  server.foreign('other');
  await server.piped.quiet();
  expect([held.turnId, held.streamOf('two')?.unread]).toEqual(['two', 2]);
  const turns: unknown[] = [];
  for (let count = 0; count < 4; count += 1) {
    const { turnId, turn } = ((await server.client.nextMessage())?.params ?? {}) as {
      turnId?: string;
      turn?: { id: string };
    };
    turns.push(turnId ?? turn?.id);
  }
  expect(turns).toEqual(['one', 'one', 'other', 'other']);
});
