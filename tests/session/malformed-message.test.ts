import { ProtocolError } from 'codex-async-client';
import { expect, test } from 'vitest';
import { PipedServer } from '../helpers/piped-server.js';

test('what a malformed message trips over closes the client and names the line, and does not reach the host', async () => {
  const server = new PipedServer();
  const call = server.client.request('x/y', {});
  const stream = server.client.events();
  const trip = new TypeError('no such member');
  const { router } = server.client['peer'].session;
  router.observe({
    observe: () => {
      throw trip;
    },
    ended: () => {},
  });
  server.send({ method: 'item/completed', params: null });
  await expect(call).rejects.toBeInstanceOf(ProtocolError);
  await expect(stream.next()).rejects.toMatchObject({
    cause: trip,
    message: expect.stringContaining('{"method":"item/completed","params":null}'),
  });
});
