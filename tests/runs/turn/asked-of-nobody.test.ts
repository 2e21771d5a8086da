/** L16 at the seams: whatever comes between, a request that a run would wait for is refused, and none of another's turn. */
import { describe, expect, test } from 'vitest';
import { PlayedServer, turnOf } from '../played-server.js';

const NO_THREAD = { threadId: undefined, turnId: undefined, itemId: undefined };
const NO_TURN = { turnId: null };

/** A run that only its result is asked of. */
async function driven() {
  const server = new PlayedServer();
  const result = server.client.turnRun({ threadId: 't', input: 'x' }).result();
  return { server, result, turn: await server.turn() };
}

test('L16 what comes in one chunk with the message that nextMessage() took is refused, when nobody reads on', async () => {
  const { server, result, turn } = await driven();
  turn.accept().started();
  await server.piped.quiet();
  const next = server.client.nextMessage();
  server.piped.send({ method: 'x/notice', params: {} }, { id: 7, method: 'some/newer/request', params: {} });
  expect(await next).toMatchObject({ method: 'x/notice' });
  expect(await server.answerTo(7)).toMatchObject({ error: { code: -32601 } });
  turn.complete();
  await result;
  await server[Symbol.asyncDispose]();
});

test('L16 one who reads on at once with nextMessage() is asked', async () => {
  const { server, result, turn } = await driven();
  turn.accept().started();
  await server.piped.quiet();
  const next = server.client.nextMessage();
  server.piped.send({ method: 'x/notice', params: {} }, { id: 7, method: 'some/newer/request', params: {} });
  await next;
  expect(await server.client.nextMessage()).toMatchObject({ kind: 'request', id: 7 });
  turn.complete();
  await result;
  await server[Symbol.asyncDispose]();
});

test.each([
  ['of its turn, before the turn has a name', { turnId: 'turn-1' }],
  ['of a sub-agent, before its thread is known', { threadId: 'child', turnId: 'child-1' }],
])('L16 a request %s, is refused as soon as that is known', async (_, params) => {
  const { server, result, turn } = await driven();
  turn.ask(7, 'item/fileChange/requestApproval', params);
  await server.piped.quiet();
  expect(server.client.stats().requests.unansweredByUs).toBe(1);
  turn.accept().send('turn/started', {
    threadId: 'child',
    turn: { ...turnOf('child-1'), rootTurnId: turn.turnId },
  });
  expect(await server.answerTo(7)).toMatchObject({ result: { decision: 'decline' } });
  turn.complete();
  await result;
  await server[Symbol.asyncDispose]();
});

describe('while turn/start is on its way to a thread that is busy', () => {
  async function steering() {
    const server = new PlayedServer();
    server.piped.send({ method: 'turn/started', params: { threadId: 't', turn: turnOf('others') } });
    await server.piped.quiet();
    const standingAnswers = { 'item/fileChange/requestApproval': { decision: 'accept' } } as const;
    const options = { whenBusy: 'steer', standingAnswers } as const;
    const result = server.client.turnRun({ threadId: 't', input: 'x' }, options).result();
    const turn = await server.turn();
    await server.piped.quiet();
    turn.ask(1, 'item/tool/call', NO_TURN).ask(2, 'some/newer/request', NO_THREAD);
    turn.ask(3, 'item/fileChange/requestApproval', NO_TURN);
    await server.piped.quiet();
    return { server, result, turn };
  }

  test('L16 L17 nothing that names no turn is answered, and all of it stays for the one whose turn it is', async () => {
    const { server, result, turn } = await steering();
    server.answer(turn.request, { turn: turnOf('others') });
    await server.piped.quiet();
    expect(server.client.stats().requests.unansweredByUs).toBe(3);
    expect(await server.client.nextMessage({ kind: 'request' })).toMatchObject({ id: 1 });
    turn.send('turn/completed', { turn: turnOf('others', 'completed') });
    expect((await result).joined).toBe(true);
    await server[Symbol.asyncDispose]();
  });

  test('L16 all of it is refused when the turn is ours after all', async () => {
    const { server, result, turn } = await steering();
    turn.accept();
    await Promise.all([server.answerTo(1), server.answerTo(2), server.answerTo(3)]);
    turn.complete();
    await result;
    await server[Symbol.asyncDispose]();
  });

  test('L16 what a turn asks that began since is refused, also before the answer', async () => {
    const { server, result, turn } = await steering();
    turn.send('turn/completed', { turn: turnOf('others', 'completed') });
    turn.started().ask(4).ask(5, 'item/tool/call', NO_TURN);
    await Promise.all([server.answerTo(4), server.answerTo(5)]);
    turn.accept().complete();
    await result;
    await server[Symbol.asyncDispose]();
  });
});
