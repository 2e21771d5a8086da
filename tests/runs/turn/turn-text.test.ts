/** `run.text()`: the pieces as the agent writes them, and a stream that respects the pipe behind it. */
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { TurnFailedError } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { deferred } from '../../../src/support/deferred.js';
import { agentMessage, collected, PlayedServer } from '../played-server.js';

describe('text()', () => {
  test('yields the pieces exactly as they came, and nothing of what is no text of the agent', async () => {
    await using server = new PlayedServer();
    const pieces = collected(server.client.turnRun({ threadId: 't', input: 'x' }).text());
    const turn = (await server.turn()).accept().started().say('Hel', 'lo', '\u2028', ' 🙂');
    turn.send('item/reasoning/textDelta', {
      turnId: 'turn-1',
      itemId: 'r',
      delta: 'thinking',
      contentIndex: 0,
    });
    turn.item({ type: 'plan', id: 'p', text: 'first this, then that' });
    turn.item(agentMessage('m1', 'Hello\u2028 🙂')).complete();
    expect(await pieces).toEqual(['Hel', 'lo', '\u2028', ' 🙂']);
  });

  test('yields the whole text of a message that had no deltas, once', async () => {
    await using server = new PlayedServer();
    const pieces = collected(server.client.turnRun({ threadId: 't', input: 'x' }).text());
    const turn = (await server.turn()).accept().item(agentMessage('a', 'whole')).item(agentMessage('b', ''));
    turn.say('in ', 'pieces').item(agentMessage('m1', 'in pieces')).complete();
    expect(await pieces).toEqual(['whole', 'in ', 'pieces']);
  });

  test('does not yield the text of sub-agents, also when their messages are included', async () => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' }, { includeSubagents: true });
    const pieces = collected(run.text());
    const turn = (await server.turn()).accept();
    turn.item({ type: 'collabAgentToolCall', id: 'c', senderThreadId: 't', receiverThreadIds: ['child'] });
    turn.send('item/agentMessage/delta', { threadId: 'child', turnId: 'c1', itemId: 'i', delta: 'whisper' });
    turn.send('item/completed', { threadId: 'child', turnId: 'c1', item: agentMessage('j', 'whisper') });
    turn.say('aloud').complete();
    expect(await pieces).toEqual(['aloud']);
  });

  test('leaves the result to be asked for afterwards', async () => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' });
    const pieces = collected(run.text());
    (await server.turn()).accept().say('a', 'b').complete();
    await pieces;
    expect((await run.result()).finalMessage).toBe('ab');
  });

  test('throws the TurnFailedError of a failed turn after its text', async () => {
    await using server = new PlayedServer();
    const text = server.client.turnRun({ threadId: 't', input: 'x' }).text();
    const first = text.next();
    (await server.turn()).accept().say('partial').complete('failed', 'no luck');
    expect(await first).toEqual({ done: false, value: 'partial' });
    await expect(text.next()).rejects.toThrow(TurnFailedError);
  });

  test('ends normally when the turn is interrupted', async () => {
    await using server = new PlayedServer();
    const pieces = collected(server.client.turnRun({ threadId: 't', input: 'x' }).text());
    (await server.turn()).accept().say('half').complete('interrupted');
    expect(await pieces).toEqual(['half']);
  });

  test('works on a thread run as well', async () => {
    await using server = new PlayedServer();
    const pieces = collected(server.client.threadRun({ turn: 'hi' }).text());
    server.answer(await server.next('thread/start'), { thread: { id: 't' } });
    (await server.turn()).accept().say('x', 'y').complete();
    expect(await pieces).toEqual(['x', 'y']);
  });
});

describe('pipeline(run.text(), writable)', () => {
  test('L22 merges what the writable does not take, stops reading the server at maxHeldBytes, and loses nothing', async () => {
    await using server = new PlayedServer();
    const maxHeldBytes = 500;
    const stuck = deferred<void>();
    const written: string[] = [];
    const slow = new Writable({
      highWaterMark: 1,
      decodeStrings: false,
      write(piece: string, _encoding, done) {
        written.push(piece);
        stuck.promise.then(() => done());
      },
    });
    const run = server.client.turnRun({ threadId: 't', input: 'x' }, { maxHeldBytes });
    const piped = pipeline(run.text(), slow);
    const turn = (await server.turn()).accept().started();
    const pieces = Array.from({ length: 200 }, (_, n) => `piece ${n} `);
    for (const piece of pieces) {
      turn.say(piece);
      await server.piped.quiet();
    }
    turn.complete();
    const { held, paused, messages, cuts } = server.client.stats();
    expect(paused.now).toBe(true);
    expect(held).toMatchObject({ messages: 1, bytes: expect.toSatisfy((bytes) => bytes < 2 * maxHeldBytes) });
    expect([messages.coalesced > 10, cuts]).toEqual([true, 0]);
    expect(written).toHaveLength(1);
    stuck.resolve();
    await piped;
    expect(written.join('')).toBe(pieces.join(''));
  });

  test('leaves the run, which interrupts the turn, when the writable fails', async () => {
    await using server = new PlayedServer();
    const full = new Writable({ write: (_chunk, _encoding, done) => done(new Error('disk full')) });
    const piped = pipeline(server.client.turnRun({ threadId: 't', input: 'x' }).text(), full);
    const failed = expect(piped).rejects.toThrow('disk full');
    const turn = (await server.turn()).accept().started().say('a', 'b', 'c');
    server.answer(await server.next('turn/interrupt'), {});
    turn.complete('interrupted');
    await failed;
  });
});
