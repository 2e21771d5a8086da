/** A reader of the text that stalls: what it has not read costs what the text costs, and it gets all of it. */
import { expect, test } from 'vitest';
import { claimOf } from '../../../src/session/streams/event-filter.js';
import { Streams } from '../../../src/session/streams/streams.js';
import { bytesInUse } from '../../helpers/heap.js';
import { delta } from '../../helpers/messages.js';
import { turn as turnOfLoop } from '../../helpers/piped-server.js';
import { startFlow } from '../../session/streams/fake-flow.js';
import { PlayedServer } from '../played-server.js';

const DELTAS = 200_000;
const PIECE = 'a word, ';
const PER_CHUNK = 1_000;

test('L22 thousands of deltas swamp a slow reader: not text(), which holds 1.2 times the text of 200,000, and every other call goes on', async () => {
  await using server = new PlayedServer({ buffer: { maxBytes: 4 * 1024 * 1024 } });
  const run = server.client.turnRun({ threadId: 't', input: 'x' });
  const text = run.text();
  const first = text.next();
  const turn = (await server.turn()).accept().started().say('begin ');
  expect((await first).value).toBe('begin ');
  const params = { threadId: 't', turnId: turn.turnId, itemId: 'm1', delta: PIECE };
  const chunk = `${JSON.stringify({ method: 'item/agentMessage/delta', params })}\n`.repeat(PER_CHUNK);
  const answer = server.client.request('thread/loaded/list', {});
  for (let sent = 0; sent < DELTAS; sent += PER_CHUNK) {
    server.piped.sendText(chunk);
    await turnOfLoop();
  }
  server.answer(await server.next('thread/loaded/list'), { data: [] });
  expect(await answer).toEqual({ data: [] });
  const { held, cuts, messages } = server.client.stats();
  expect(held.bytes).toBeLessThan(1.2 * DELTAS * PIECE.length + 1_000);
  expect({ cuts, missed: messages.missed }).toEqual({ cuts: 0, missed: 0 });
  expect(messages.coalesced).toBeGreaterThan(DELTAS - 10);
  turn.complete();
  let read = '';
  for await (const piece of text) read += piece;
  expect(read).toBe(PIECE.repeat(DELTAS));
});

test('L22 L6 memory holds what is counted: the pieces of a text that grows leave nothing else behind', async () => {
  const { flow } = startFlow();
  const streams = new Streams(flow);
  const stream = streams.open({ ...claimOf({ threadId: 'thread' }), coalesce: true });
  const before = await bytesInUse();
  for (let n = 0; n < DELTAS; n += 1) {
    // A string of its own each time, as a parsed one is.
    const piece = `${PIECE}${n % 10}`;
    const message = { ...delta(0), params: { ...delta(0).params, delta: piece } };
    streams.dispatch(message, 150);
  }
  const growth = (await bytesInUse()) - before;
  expect(stream.unread).toBe(1);
  expect(growth).toBeLessThan(1.2 * stream.unreadBytes + 1024 * 1024);
});
