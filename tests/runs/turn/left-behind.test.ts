/** What a run or a stream leaves behind: nothing that counts, takes messages, or keeps memory. */
import { BackpressureError } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { methodsOf, PlayedServer } from '../played-server.js';

const LARGE = { method: 'x/large', params: { text: 'x'.repeat(3_000) } };

describe('a finished run that nobody reads', () => {
  test('L3 holds back nobody: its messages do not count as unread', async () => {
    await using server = new PlayedServer({ buffer: { highWaterMark: 4 } });
    server.client.turnRun({ threadId: 't', input: 'x' });
    const turn = (await server.turn()).accept().started().say('1', '2', '3', '4', '5', '6');
    await server.piped.quiet();
    expect(server.client.stats().held.messages).toBeGreaterThan(0);
    // A request is a demand, so that the end of the turn is read past the high-water mark.
    const answer = server.client.threadLoadedList();
    turn.complete();
    server.answer(await server.next('thread/loaded/list'), { data: [], nextCursor: null });
    await answer;
    expect(server.client.stats()).toMatchObject({ held: { messages: 0, bytes: 0 }, paused: { now: false } });
  });

  test('can be read afterwards, every message of it', async () => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' });
    (await server.turn()).accept().started().say('1', '2').complete();
    await server.piped.quiet();
    expect(server.client.stats().held.messages).toBe(0);
    expect(await methodsOf(run)).toEqual([
      'turn/started',
      'item/agentMessage/delta',
      'item/agentMessage/delta',
      'turn/completed',
    ]);
  });
});

describe('a filtered loop that ends by an error', () => {
  test('L5 L11 releases its stream: what it would have got goes to the main stream', async () => {
    await using server = new PlayedServer({ buffer: { maxBytes: 2_000 } });
    const main = server.client.events();
    const rare = server.client.events({ threadId: 'rare' });
    const loop = (async () => {
      for await (const _ of rare);
    })();
    server.piped.send(LARGE);
    await expect(loop).rejects.toBeInstanceOf(BackpressureError);
    server.piped.send({ method: 'x/late', params: { threadId: 'rare' } });
    expect((await main.next()).value?.method).toBe('x/large');
    expect((await main.next()).value?.method).toBe('x/late');
  });

  test('L5 can be read on: it takes along what is still unread on the main stream', async () => {
    await using server = new PlayedServer({ buffer: { maxBytes: 2_000 } });
    const main = server.client.events();
    const rare = server.client.events({ threadId: 'rare' });
    const waiting = rare.next();
    server.piped.send(LARGE);
    await expect(waiting).rejects.toBeInstanceOf(BackpressureError);
    server.piped.send({ method: 'x/late', params: { threadId: 'rare' } });
    await main.next();
    expect((await rare.next()).value?.method).toBe('x/late');
  });
});

test('L5 a run whose loop failed for want of room is read to its end by result()', async () => {
  await using server = new PlayedServer({ buffer: { maxBytes: 2_000 } });
  const main = server.client.events();
  const run = server.client.turnRun({ threadId: 't', input: 'x' });
  const waiting = run.next();
  const turn = (await server.turn()).accept();
  server.piped.send(LARGE);
  await expect(waiting).rejects.toBeInstanceOf(BackpressureError);
  await main.next();
  const result = run.result();
  turn.started();
  for (const letter of 'xyz') {
    turn.say(letter.repeat(1_000));
    await server.piped.quiet();
  }
  turn.ask(0);
  expect(await server.answerTo(0)).toMatchObject({ result: { decision: 'decline' } });
  turn.complete();
  expect((await result).finalMessage).toHaveLength(3_000);
});
