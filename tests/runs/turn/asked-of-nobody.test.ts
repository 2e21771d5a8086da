/** L16 at the seams: whatever comes between, a request that a run would wait for is refused, and none of another's turn. */
import { expect, test } from 'vitest';
import { PlayedServer } from '../played-server.js';

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
