/** Answers given by hand: to a request, or by its id alone; each call says which of the two it takes. */
import {
  AlreadyRespondedError,
  type AnyServerRequest,
  type AsyncClient,
  deny,
  InvalidArgumentError,
} from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { ask, wire } from '../helpers/messages.js';
import { type PipedServer, readyServer, turn } from '../helpers/piped-server.js';

const RESULT = { contentItems: [], success: true };

/** A server of our version that has asked, and what its client has read. */
async function askingServer(question: object = {}): Promise<{
  server: PipedServer;
  client: AsyncClient;
  request: AnyServerRequest;
}> {
  const server = await readyServer();
  const { client } = server;
  server.send({ ...wire(ask(0)), ...question });
  const request = await client.nextMessage({ kind: 'request' });
  if (request === undefined) throw new Error('the stream ended');
  return { server, client, request };
}

/** What the client sent after the handshake. */
async function sentTo({ received }: PipedServer): Promise<readonly object[]> {
  await turn();
  await turn();
  return received.slice(2);
}

/** As a program without types calls it. */
function callUntyped(client: AsyncClient, call: 'respond' | 'respondById', ...args: unknown[]): unknown {
  return Reflect.apply(client[call], client, args);
}

describe('respond', () => {
  test.each([0, '0', 'abc'])('L20 refuses the bare id %j and names respondById', async (id) => {
    const { client, server } = await askingServer({ id });
    await expect(callUntyped(client, 'respond', id, RESULT)).rejects.toMatchObject({
      code: 'CODEX_INVALID_ARGUMENT',
      argument: 'request',
      message: `request: expected a server request from this client, got ${JSON.stringify(id)}; respondById() answers by the id alone`,
    });
    await client.respondById(id, RESULT);
    expect(await sentTo(server)).toEqual([{ id, result: RESULT }]);
  });

  test('L20 compares the result with what the request expects', async () => {
    const { client, server, request } = await askingServer();
    await expect(callUntyped(client, 'respond', request, { sucess: true })).rejects.toThrow(
      'result.sucess: unknown name; did you mean "success"?',
    );
    expect(await sentTo(server)).toEqual([]);
  });

  test.each([[null], ['text'], [0], [{ deep: [1, { a: false }] }]])(
    'takes %j for a request that the types do not know',
    async (answer) => {
      const { client, server, request } = await askingServer({ method: 'future/question', params: 5 });
      await client.respond(request, answer);
      expect(await sentTo(server)).toEqual([{ id: 0, result: answer }]);
    },
  );

  test('interrupts the turn after a denial that is to end it', async () => {
    const { client, server, request } = await askingServer();
    await client.respond(request, deny(request, { then: 'interrupt' }));
    expect(await sentTo(server)).toMatchObject([
      { id: 0, result: { success: false } },
      { method: 'turn/interrupt', params: { threadId: 'thread', turnId: 'turn' } },
    ]);
  });
});

test('L5 a denial that is to end the turn does so, also where the server does not read just then', async () => {
  const server = await readyServer({ pipeBytes: 16, buffer: { maxBytes: 2_000 } });
  const { client } = server;
  const main = client.events();
  server.send(wire(ask(0)));
  const { value: request } = await main.next();
  server.stopReading();
  client.notify('initialized').catch(() => {});
  await turn();
  server.send({ method: 'warning', params: { threadId: null, message: 'x'.repeat(3_000) } });
  await turn();
  const denied = client.respond(request as never, deny(request as never, { then: 'interrupt' }));
  await expect(denied).rejects.toMatchObject({ code: 'CODEX_BACKPRESSURE' });
  server.readAgain();
  await server.receivedWhere(({ id, result }) => id === 0 && result !== undefined);
  await server.receivedWhere(({ method }) => method === 'turn/interrupt');
});

describe('respondById', () => {
  test('L20 refuses a request and names respond', async () => {
    const { client, server, request } = await askingServer();
    const refused = callUntyped(client, 'respondById', request, RESULT);
    await expect(refused).rejects.toBeInstanceOf(InvalidArgumentError);
    await expect(refused).rejects.toMatchObject({
      argument: 'id',
      message: expect.stringMatching(
        /^id: expected the id of a server request.*; respond\(\) answers the request itself$/,
      ),
    });
    await client.respond(request, RESULT);
    expect(await sentTo(server)).toEqual([{ id: 0, result: RESULT }]);
  });

  test('L12 lets every result pass, and answers once', async () => {
    const { client, server, request } = await askingServer();
    await client.respondById(0, { sucess: 'perhaps' });
    await expect(client.respondById(0, RESULT)).rejects.toBeInstanceOf(AlreadyRespondedError);
    await expect(client.respond(request, RESULT)).rejects.toBeInstanceOf(AlreadyRespondedError);
    expect(await sentTo(server)).toEqual([{ id: 0, result: { sucess: 'perhaps' } }]);
  });

  test('interrupts the turn after a denial that is to end it', async () => {
    const { client, server, request } = await askingServer();
    await client.respondById(0, deny(request, { then: 'interrupt' }));
    expect(await sentTo(server)).toMatchObject([{ id: 0 }, { method: 'turn/interrupt' }]);
  });
});

describe('respondError', () => {
  test('takes a request and an id alike', async () => {
    const { client, server, request } = await askingServer();
    server.send(wire(ask(1)));
    await client.nextMessage();
    await client.respondError(request, -32601, 'no');
    await client.respondError(1, -32601, 'no', { since: 1 });
    expect(await sentTo(server)).toEqual([
      { id: 0, error: { code: -32601, message: 'no' } },
      { id: 1, error: { code: -32601, message: 'no', data: { since: 1 } } },
    ]);
  });
});
