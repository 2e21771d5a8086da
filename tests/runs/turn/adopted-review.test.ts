/** A review that is adopted: by its own id, or by that of the turn within it, which is all that the server keeps while it runs. */
import { describe, expect, test } from 'vitest';
import { agentMessage, PlayedServer, type PlayedTurn, turnOf } from '../played-server.js';
import { command, NAME, read, theirTurn } from './adopted.js';

const mute = (promise: Promise<unknown>) => void promise.catch(() => undefined);
const REVIEW = NAME.turnId;
const within = (status: 'inProgress' | 'interrupted') => ({
  ...turnOf('within', status),
  rootTurnId: REVIEW,
  items: [command('looks')],
  itemsView: 'full',
});
const over = {
  ...turnOf(REVIEW, 'completed'),
  items: [{ type: 'enteredReviewMode', id: 'enter', review: 'x' }, agentMessage('m', 'Fine.')],
  itemsView: 'full',
};

/** The rest of the review, as the server tells it. */
const finish = (server: PlayedServer): PlayedTurn =>
  theirTurn(server).item(command('more')).item(agentMessage('m', 'Fine.')).complete();

describe('a review that runs', () => {
  test.each([REVIEW, 'within'])('is adopted by the id %j, and goes by its own', async (turnId) => {
    await using server = new PlayedServer();
    const run = server.client.turn({ threadId: 't', turnId });
    const result = run.result();
    await read(server, 'active', within('inProgress'));
    await server.piped.quiet();
    finish(server);
    const { items, finalMessage, status, recovered, raw } = await result;
    expect(items.map(({ id }) => id)).toEqual(['looks', 'more', 'm']);
    expect({ finalMessage, status, recovered }).toEqual({
      finalMessage: 'Fine.',
      status: 'completed',
      recovered: false,
    });
    expect([run.turnId, raw.turn.id]).toEqual([REVIEW, REVIEW]);
  });

  test.each([REVIEW, 'within'])('L11 is interrupted by the id %j as the turn within it', async (turnId) => {
    await using server = new PlayedServer();
    const run = server.client.turn({ threadId: 't', turnId });
    const result = run.result();
    await read(server, 'active', within('inProgress'));
    await server.piped.quiet();
    theirTurn(server).item(command('more'));
    await server.piped.quiet();
    const interrupted = run.interrupt();
    const request = await server.next('turn/interrupt');
    expect(request.params).toEqual({ threadId: 't', turnId: 'within' });
    server.answer(request, {});
    await interrupted;
    theirTurn(server).complete('interrupted');
    expect((await result).status).toBe('interrupted');
  });

  test.each([REVIEW, 'within'])(
    'L14 holds the line of its thread, by the id %j, until it is over',
    async (turnId) => {
      await using server = new PlayedServer();
      const result = server.client.turn({ threadId: 't', turnId }).result();
      mute(server.client.turnRun({ threadId: 't', input: 'next' }).result());
      await read(server, 'active', within('inProgress'));
      server.answer(await server.next('thread/goal/get'), { goal: null });
      await server.piped.quiet();
      expect(server.sent('turn/start')).toBe(0);
      finish(server);
      await result;
      await server.turn();
    },
  );
});

test.each([REVIEW, 'within'])('a review that is over is recovered whole, by the id %j', async (turnId) => {
  await using server = new PlayedServer();
  const run = server.client.turn({ threadId: 't', turnId });
  const result = run.result();
  await read(server, 'idle', within('interrupted'), over);
  const { items, status, recovered, finalMessage } = await result;
  expect(items.map(({ id }) => id)).toEqual(['enter', 'looks', 'm']);
  expect({ status, recovered, finalMessage }).toEqual({
    status: 'completed',
    recovered: true,
    finalMessage: 'Fine.',
  });
  expect(run.turnId).toBe(REVIEW);
});

test('L15 a review of which only the turn within it was heard of is recovered as the review', async () => {
  await using server = new PlayedServer();
  const result = server.client.turn({ threadId: 't', turnId: 'within' }, { idleTimeoutMs: 5 }).result();
  await read(server, 'active', within('inProgress'));
  for (let n = 0; n < 2; n += 1) await read(server, 'idle', within('interrupted'), over);
  expect(await result).toMatchObject({ status: 'completed', recovered: true, finalMessage: 'Fine.' });
});
