/** A run that nobody reads on, beside others: it is the one that pays, and its own result is whole. */
import { BackpressureError, type ServerMessage, type TurnRun } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { turn as turnOfLoop } from '../../helpers/piped-server.js';
import { agentMessage, PlayedServer, type PlayedTurn } from '../played-server.js';

const HELD = 10_000;
const OTHERS = 50;

/** A loop over a run that has taken one message and then does something else. */
async function startStuck(server: PlayedServer, options: { readonly maxHeldBytes?: number } = {}) {
  const run = server.client.turnRun({ threadId: 'stuck', input: 'x' }, { maxHeldBytes: HELD, ...options });
  const first = run.next();
  const turn = (await server.turn()).accept().started();
  await first;
  return { run, turn };
}

/** Pieces of text, each with a number of its own. */
const pieces = (from: number, count: number) =>
  Array.from({ length: count }, (_, n) => `${String(from + n).padStart(6, '0')};`);

/** Says so much, a chunk at a time. */
async function sayMuch(turn: PlayedTurn, count: number): Promise<string> {
  let text = '';
  for (let from = 0; from < count; from += 100) {
    const said = pieces(from, 100);
    turn.say(...said);
    text += said.join('');
    await turnOfLoop();
  }
  return text;
}

/** What a reader gets: the text until its end, and what it was told that it missed. */
async function readOn(run: TurnRun) {
  let text = '';
  let missed = 0;
  const messages: ServerMessage[] = [];
  for (;;) {
    try {
      const { done, value } = await run.next();
      if (done === true) return { text, missed, messages };
      messages.push(value);
      if (value.method === 'item/agentMessage/delta') text += value.params.delta;
    } catch (error) {
      if (!(error instanceof BackpressureError)) throw error;
      expect(error.missed).toBeGreaterThan(0);
      missed += error.missed;
    }
  }
}

describe('one stuck run', () => {
  test('L5 one slow consumer takes the others with it: not here, 50 results settle beside a loop that is stuck', async () => {
    await using server = new PlayedServer({ buffer: { highWaterMark: 10, maxBytes: 100_000 } });
    const { run, turn } = await startStuck(server);
    const results = Array.from({ length: OTHERS }, (_, n) =>
      server.client.turnRun({ threadId: `t${n}`, input: 'x' }).result(),
    );
    const others: PlayedTurn[] = [];
    while (others.length < OTHERS) others.push((await server.turn()).accept().started());
    const stuckResult = run.result();
    const text = await sayMuch(turn, 2_000);
    for (const other of others) {
      turn.say('.');
      other.say('done').ask(`ask ${other.threadId}`);
      await server.answerTo(`ask ${other.threadId}`);
      other.item(agentMessage('m1', 'done')).complete();
    }
    for (const result of await Promise.all(results)) expect(result.finalMessage).toBe('done');
    const { cuts, held, messages, streams } = server.client.stats();
    expect({ cuts, stuck: streams.find(({ name }) => name.includes('stuck'))?.missed }).toEqual({
      cuts: 1,
      stuck: messages.missed,
    });
    expect(held.bytes).toBeLessThan(HELD + 64 * 1024);

    const interrupted = server.client.turnInterrupt({ threadId: 'stuck', turnId: turn.turnId });
    server.answer(await server.next('turn/interrupt'), {});
    await interrupted;
    const whole = text + '.'.repeat(OTHERS);
    turn.item(agentMessage('m1', whole)).complete();
    const { finalMessage, items, status } = await stuckResult;
    expect({ finalMessage, items, status }).toEqual({
      finalMessage: whole,
      items: [expect.objectContaining({ text: whole })],
      status: 'completed',
    });
    const read = await readOn(run);
    expect(text.startsWith(read.text)).toBe(true);
    expect(read.text.length).toBeGreaterThan(0);
    expect(read.missed).toBe(messages.missed + 2);
  });

  test('L16 L5 what is asked of it is denied where nobody else would get it, so that its turn goes on', async () => {
    await using server = new PlayedServer({ buffer: { highWaterMark: 10 } });
    const { run, turn } = await startStuck(server);
    const result = run.result();
    await sayMuch(turn, 300);
    expect(server.client.stats().cuts).toBe(1);
    turn.ask(7);
    expect(await server.answerTo(7)).toMatchObject({ result: { decision: 'decline' } });
    turn.complete();
    expect((await result).status).toBe('completed');
  });

  test('L1 L5 what is asked of it goes to another stream that would get it', async () => {
    await using server = new PlayedServer({ buffer: { highWaterMark: 10 } });
    const { run, turn } = await startStuck(server);
    await using sameThread = server.client.events({ threadId: 'stuck' });
    const result = run.result();
    await sayMuch(turn, 300);
    turn.ask(7);
    expect((await sameThread.next()).value).toMatchObject({ kind: 'request', id: 7 });
    expect(server.client.stats().requests.unansweredByUs).toBe(1);
    turn.complete();
    await result;
  });

  test('L5 L16 a main stream that somebody reads is asked, and when it is left the run refuses', async () => {
    await using server = new PlayedServer({ buffer: { highWaterMark: 10 } });
    const { run, turn } = await startStuck(server);
    const main = server.client.events();
    const result = run.result();
    await sayMuch(turn, 300);
    turn.ask(7);
    expect((await main.next()).value).toMatchObject({ kind: 'request', id: 7 });
    turn.ask(8);
    await server.piped.quiet();
    expect(server.client.stats().requests.unansweredByUs).toBe(2);
    await main.return();
    expect(await server.answerTo(8)).toMatchObject({ result: { decision: 'decline' } });
    turn.complete();
    await result;
  });

  test('L5 what was asked before the cut is still the reader’s to answer', async () => {
    await using server = new PlayedServer({ buffer: { highWaterMark: 10 } });
    const { run, turn } = await startStuck(server);
    const result = run.result();
    turn.ask(7);
    await sayMuch(turn, 300);
    expect(server.client.stats().cuts).toBe(1);
    expect((await run.next()).value).toMatchObject({ kind: 'request', id: 7 });
    await server.client.respondError(7, 1, 'no');
    turn.complete();
    await result;
  });

  test('L5 after it was told of the cut it gets what comes from then on, to the end', async () => {
    await using server = new PlayedServer({ buffer: { highWaterMark: 10 } });
    const { run, turn } = await startStuck(server);
    const demand = server.client.request('thread/loaded/list', {});
    await sayMuch(turn, 300);
    server.answer(await server.next('thread/loaded/list'), { data: [] });
    await demand;
    const reading = readOn(run);
    await server.piped.quiet();
    turn.say('the rest').complete();
    const { text, messages } = await reading;
    expect(text.endsWith('the rest')).toBe(true);
    expect(messages.at(-1)?.method).toBe('turn/completed');
  });

  test('L5 with maxHeldBytes Infinity it loses nothing, and the demand fails where all is full', async () => {
    await using server = new PlayedServer({ buffer: { highWaterMark: 10, maxBytes: 20_000 } });
    const { run, turn } = await startStuck(server, { maxHeldBytes: Number.POSITIVE_INFINITY });
    const demand = server.client.request('thread/loaded/list', {});
    const failed = expect(demand).rejects.toMatchObject({ missed: 0 });
    const saying = sayMuch(turn, 300);
    await failed;
    const reading = readOn(run);
    const text = await saying;
    turn.complete();
    expect(await reading).toMatchObject({ text, missed: 0 });
  });
});

describe('where the pipe is never left to fill', () => {
  const buffer = { highWaterMark: 10, maxBytes: 1_000, neverPauses: true };

  test('L5 a run whose result is awaited hears all of it, over every cut', async () => {
    await using server = new PlayedServer({ buffer });
    const result = server.client.turnRun({ threadId: 't', input: 'x' }).result();
    const turn = (await server.turn()).accept().started();
    let text = '';
    for (let from = 0; from < 1_000; from += 50) {
      const said = pieces(from, 50);
      text += said.join('');
      // One chunk that is more than may be held.
      server.piped.send(...said.map((delta) => saidBy(turn, delta)));
      await turnOfLoop();
    }
    expect(server.client.stats().cuts).toBeGreaterThan(1);
    turn.complete();
    expect((await result).agentMessages.map((said) => said.text)).toEqual([text]);
  });

  test.each([1, 2, 3])('L16 what is asked after %d cuts one after the other is refused', async (cuts) => {
    await using server = new PlayedServer({ buffer });
    const result = server.client.turnRun({ threadId: 't', input: 'x' }).result();
    const turn = (await server.turn()).accept().started();
    await server.piped.quiet();
    for (let n = 0; n < cuts; n += 1) {
      turn.say('x'.repeat(buffer.maxBytes));
      await turnOfLoop();
    }
    expect(server.client.stats().cuts).toBe(cuts);
    turn.ask(7);
    expect(await server.answerTo(7)).toMatchObject({ result: { decision: 'decline' } });
    turn.complete();
    await result;
  });
});

test('L16 what is asked when a loop beside result() was cut and reads no more is refused', async () => {
  await using server = new PlayedServer({ buffer: { highWaterMark: 10, maxBytes: 100_000 } });
  const { run, turn } = await startStuck(server);
  const result = run.result();
  await sayMuch(turn, 2_000);
  await expect(readToError(run)).resolves.toBeInstanceOf(BackpressureError);
  turn.ask(7);
  expect(await server.answerTo(7)).toMatchObject({ result: { decision: 'decline' } });
  turn.complete();
  expect((await result).status).toBe('completed');
});

async function readToError(run: TurnRun): Promise<unknown> {
  try {
    for await (const _ of run);
    return undefined;
  } catch (error) {
    return error;
  }
}

/** A delta of the turn as it goes over the wire. */
function saidBy({ threadId, turnId }: PlayedTurn, delta: string): object {
  return { method: 'item/agentMessage/delta', params: { threadId, turnId, itemId: 'm1', delta } };
}

test('L5 an open main stream with maxHeldBytes is cut, and no request fails', async () => {
  await using server = new PlayedServer({ buffer: { highWaterMark: 10, maxBytes: 100_000 } });
  const main = server.client.events(undefined, { maxHeldBytes: HELD });
  const answer = server.client.request('thread/loaded/list', {});
  const request = await server.next('thread/loaded/list');
  for (let n = 0; n < 2_000; n += 1) server.piped.send({ method: 'x/notice', params: { n } });
  await server.piped.quiet();
  server.answer(request, { data: [] });
  expect(await answer).toEqual({ data: [] });
  const read: unknown[] = [];
  const { missed, held } = { ...server.client.stats().messages, ...server.client.stats() };
  while (read.length < held.messages) read.push(Reflect.get(Object((await main.next()).value?.params), 'n'));
  expect(read).toEqual([...read.keys()]);
  await expect(main.next()).rejects.toMatchObject({ code: 'CODEX_BACKPRESSURE', missed });
  expect(read.length + missed).toBe(2_000);
});
