import { expect, test } from 'vitest';
import { type Asker, askerOf, noteAsker } from '../../../src/session/answers/askers.js';
import { ask, delta } from '../../helpers/messages.js';
import { readyServer } from '../../helpers/piped-server.js';

const asker: Asker = { respond: async () => {}, signalOf: () => AbortSignal.abort() };

test('who asked is found by the request itself, not by what looks like it', () => {
  const request = ask(0);
  noteAsker(request, asker);
  expect(askerOf(request)).toBe(asker);
  expect(askerOf({ ...request })).toBeUndefined();
  expect(askerOf(delta(0))).toBeUndefined();
});

test('every request of a client has one, by which it is answered', async () => {
  const server = await readyServer();
  server.send({ id: 0, method: 'some/newer/request', params: {} });
  const request = await server.client.nextMessage();
  if (request?.kind !== 'request') throw new Error('there is a request');
  await askerOf(request)?.respond(request, { ok: true });
  expect(await server.receivedWhere(({ id, method }) => id === 0 && method === undefined)).toMatchObject({
    result: { ok: true },
  });
});
