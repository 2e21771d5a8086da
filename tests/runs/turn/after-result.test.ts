/** What a run still gives once `result()`, a loop or `text()` has read its messages: the text, or a clear error. */
import { AlreadyReadError, TurnFailedError, type TurnRun } from 'codex-async-client';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { microtasks, turn } from '../../helpers/piped-server.js';
import { agentMessage, collected, methodsOf, PlayedServer, type PlayedTurn } from '../played-server.js';

/** Two messages, of which one came in pieces. */
function say(turn: PlayedTurn): PlayedTurn {
  return turn.started().say('Hel', 'lo').item(agentMessage('m1', 'Hello')).item(agentMessage('9', '!'));
}

/** A run whose turn is over and whose result was asked for. */
async function finishedRun(
  server: PlayedServer,
  options: { collectEvents?: boolean } = {},
): Promise<TurnRun> {
  const run = server.client.turnRun({ threadId: 't', input: 'x' }, options);
  const result = run.result();
  say((await server.turn()).accept()).complete();
  await result;
  return run;
}

describe('a loop after result()', () => {
  test('throws an error that names who read and what to do, however often it is tried', async () => {
    await using server = new PlayedServer();
    const run = await finishedRun(server);
    for (const _ of 'ab') {
      const error: unknown = await methodsOf(run).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(AlreadyReadError);
      expect(String(error)).toContain('result() has read');
      expect(String(error)).toContain('collectEvents');
    }
  });

  test('is sent to the events of the result where they are kept', async () => {
    await using server = new PlayedServer();
    const run = await finishedRun(server, { collectEvents: true });
    await expect(run.next()).rejects.toThrow('they are in the events of the result');
  });

  test('throws it also after text(), and after a turn that failed', async () => {
    await using server = new PlayedServer();
    const read = server.client.turnRun({ threadId: 't', input: 'x' });
    const text = collected(read.text());
    say((await server.turn()).accept()).complete();
    await text;
    await expect(read.next()).rejects.toThrow('text() has read');
    const failing = server.client.turnRun({ threadId: 't', input: 'x' });
    const failed = expect(failing.result()).rejects.toThrow(TurnFailedError);
    (await server.turn()).accept().complete('failed', 'no luck');
    await failed;
    await expect(failing.next()).rejects.toThrow(AlreadyReadError);
  });

  test('rejects with the reason of a run that was aborted', async () => {
    await using server = new PlayedServer();
    const abort = new AbortController();
    const run = server.client.turnRun({ threadId: 't', input: 'x' }, { signal: abort.signal });
    const failed = expect(run.result()).rejects.toBe('enough');
    const turn = (await server.turn()).accept().started();
    await server.piped.quiet();
    abort.abort('enough');
    await failed;
    await expect(run.next()).rejects.toBe('enough');
    turn.complete('interrupted');
  });
});

describe('text()', () => {
  test('after result() replays the text of the messages in order, as often as it is asked', async () => {
    await using server = new PlayedServer();
    const run = await finishedRun(server);
    expect(await collected(run.text())).toEqual(['Hello', '!']);
    expect(await collected(run.text())).toEqual(['Hello', '!']);
  });

  test('after a loop replays it as well', async () => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' });
    const seen = methodsOf(run);
    say((await server.turn()).accept()).complete();
    await seen;
    expect(await collected(run.text())).toEqual(['Hello', '!']);
  });

  test('after result() of a failed turn replays it, then throws the TurnFailedError', async () => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' });
    const failed = expect(run.result()).rejects.toThrow(TurnFailedError);
    (await server.turn()).accept().say('partial').complete('failed', 'no luck');
    await failed;
    const text = run.text();
    expect(await text.next()).toEqual({ done: false, value: 'partial' });
    await expect(text.next()).rejects.toThrow(TurnFailedError);
  });

  test('that begins while result() reads has what was said before, and goes on with what comes', async () => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' });
    const result = run.result();
    const turn = (await server.turn()).accept().started().say('Hel');
    await server.piped.quiet();
    const text = run.text();
    expect(await text.next()).toEqual({ done: false, value: 'Hel' });
    turn.say('lo').ask(0);
    expect(await text.next()).toEqual({ done: false, value: 'lo' });
    const rest = collected(text);
    expect(await server.answerTo(0)).toMatchObject({ result: { decision: 'decline' } });
    turn.item(agentMessage('m1', 'Hello')).item(agentMessage('9', '!')).complete();
    expect(await rest).toEqual(['!']);
    expect((await result).finalMessage).toBe('!');
  });

  test('that begins at any moment of a run that result() reads is the whole text', async () => {
    const moment = fc.record({ piece: fc.nat(8), jitter: fc.nat(30), asksAlone: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(moment, async ({ piece: begin, jitter, asksAlone }) => {
        await using server = new PlayedServer();
        const run = server.client.turnRun({ threadId: 't', input: 'x' });
        const result = run.result();
        const played = (await server.turn()).accept().started();
        let text: Promise<string[]> | undefined;
        for (let piece = 0; piece < 8; piece += 1) {
          if (piece === begin) {
            await microtasks(jitter);
            text = collected(run.text());
          }
          played.say(`${piece} `);
          if (asksAlone && piece % 3 === 0) played.ask(piece);
          if (jitter % 2 === 0) await turn();
        }
        played.complete();
        await result;
        expect((await (text ?? collected(run.text()))).join('')).toBe('0 1 2 3 4 5 6 7 ');
      }),
      { numRuns: 150 },
    );
  });

  test('of a run that was left has also what was said after that', async () => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' });
    const turn = (await server.turn()).accept().started().say('one');
    for await (const { method } of run) if (method === 'item/agentMessage/delta') break;
    const text = collected(run.text());
    turn.say(' more').complete('interrupted');
    expect((await text).join('')).toBe('one more');
  });
});

describe('started()', () => {
  test('settles with both ids when the server names the turn, not at its end', async () => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' });
    const started = run.started();
    const turn = (await server.turn()).accept();
    expect(await started).toEqual({ threadId: 't', turnId: 'turn-1' });
    turn.complete();
    await run.result();
    expect(await run.started()).toEqual({ threadId: 't', turnId: 'turn-1' });
  });

  test('settles also for a turn that has failed by then', async () => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' });
    const failed = expect(run.result()).rejects.toThrow(TurnFailedError);
    (await server.turn()).accept().complete('failed', 'no luck');
    await failed;
    expect(await run.started()).toEqual({ threadId: 't', turnId: 'turn-1' });
  });

  test('L10 rejects as result() does when the run ends before its turn has a name', async () => {
    await using server = new PlayedServer();
    const abort = new AbortController();
    const run = server.client.turnRun({ threadId: 't', input: 'x' }, { signal: abort.signal });
    const waiting = server.client.turnRun({ threadId: 't', input: 'y' });
    const failed = expect(run.started()).rejects.toBe('enough');
    const never = expect(waiting.started()).rejects.toMatchObject({ name: 'AbortError' });
    const turn = await server.turn();
    await waiting.interrupt();
    abort.abort('enough');
    await Promise.all([failed, never]);
    await expect(run.started()).rejects.toBe('enough');
    turn.accept().complete('interrupted');
  });

  test('L4 keeps the pipe being read although nobody reads the run', async () => {
    await using server = new PlayedServer({ buffer: { highWaterMark: 1 } });
    const run = server.client.turnRun({ threadId: 't', input: 'x' });
    const turn = await server.turn();
    for (const id of ['a', 'b', 'c']) turn.send('thread/name/updated', { threadName: id });
    const started = run.started();
    turn.accept();
    expect(await started).toEqual({ threadId: 't', turnId: 'turn-1' });
    turn.complete();
    await run.result();
  });
});
