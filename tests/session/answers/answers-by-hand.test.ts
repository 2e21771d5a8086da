/** The server's requests to us: answered at most once, not after they were withdrawn, and 0 is an id. */
import {
  AlreadyRespondedError,
  type AsyncClient,
  InvalidArgumentError,
  type ServerRequest,
  StaleRequestError,
} from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { ask, wire } from '../../helpers/messages.js';
import { PipedServer, turn } from '../../helpers/piped-server.js';

const result = { contentItems: [], success: true };

const errorOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => new Error('the call was expected to fail'),
    (error: unknown) => error,
  );

async function nextRequest(client: AsyncClient): Promise<ServerRequest<'item/tool/call'>> {
  for (;;) {
    const message = await client.nextMessage();
    if (message?.method === 'item/tool/call') return message;
    if (message === undefined) throw new Error('the stream ended');
  }
}

const question = (id: string | number) => ({ ...wire(ask(0)), id });
const resolved = (requestId: string | number) => ({
  method: 'serverRequest/resolved',
  params: { threadId: 'thread', requestId },
});

/** What the client has answered: a request that it sends now follows every answer before it. */
async function answersOf(server: PipedServer): Promise<object[]> {
  await turn();
  await turn();
  return server.received.filter(({ method }) => method === undefined);
}

describe('an answer', () => {
  test('L12 goes out with the id as it came: 0, "0", "" and texts', async () => {
    const server = new PipedServer();
    const { client } = server;
    const ids = [0, '0', '', 'abc', 7];
    for (const id of ids) {
      server.send(question(id));
      const request = await nextRequest(client);
      expect(request.id).toBe(id);
      await client.respond(request, result);
    }
    expect(await answersOf(server)).toEqual(ids.map((id) => ({ id, result })));
    expect(client.stats().requests.unansweredByUs).toBe(0);
  });

  test('L12 can be given by id alone, and 0 is not "0"', async () => {
    const server = new PipedServer();
    const { client } = server;
    server.send(question('0'));
    server.send(question(0));
    await nextRequest(client);
    await nextRequest(client);
    await client.respondById(0, { which: 'number' });
    expect(client.stats().requests.unansweredByUs).toBe(1);
    await client.respondError('0', -32000, 'text');
    expect(await answersOf(server)).toEqual([
      { id: 0, result: { which: 'number' } },
      { id: '0', error: { code: -32000, message: 'text' } },
    ]);
  });

  test('L12 can be given in any order, and to requests that were asked at once', async () => {
    const server = new PipedServer();
    const { client } = server;
    for (const id of [0, 1, 2]) server.send(question(id));
    const requests = [await nextRequest(client), await nextRequest(client), await nextRequest(client)];
    await Promise.all(requests.reverse().map((request) => client.respond(request, result)));
    expect(await answersOf(server)).toEqual([2, 1, 0].map((id) => ({ id, result })));
  });

  test('L12 a refusal carries code, message and data', async () => {
    const server = new PipedServer();
    const { client } = server;
    server.send(question(0));
    await client.respondError(await nextRequest(client), -32601, 'no such tool', { known: [] });
    expect(await answersOf(server)).toEqual([
      { id: 0, error: { code: -32601, message: 'no such tool', data: { known: [] } } },
    ]);
  });

  test.each([0, 'abc'])('L12 is given at most once, by whatever way (id %j)', async (id) => {
    const server = new PipedServer();
    const { client } = server;
    server.send(question(id));
    const request = await nextRequest(client);
    await client.respond(request, result);
    for (const again of [
      client.respond(request, result),
      client.respondById(id, result),
      client.respondError(request, 1, 'no'),
      client.respondError(id, 1, 'no'),
    ]) {
      const error = await errorOf(again);
      expect(error).toBeInstanceOf(AlreadyRespondedError);
      expect(error).toMatchObject({ message: expect.stringContaining('item/tool/call') });
      expect(error).toMatchObject({ message: expect.stringContaining(JSON.stringify(id)) });
    }
    expect(await answersOf(server)).toEqual([{ id, result }]);
  });

  test('L12 two at once: the first wins, the second is refused', async () => {
    const server = new PipedServer();
    const { client } = server;
    server.send(question(0));
    const request = await nextRequest(client);
    const [first, second] = [client.respond(request, result), errorOf(client.respondError(request, 1, 'no'))];
    await first;
    expect(await second).toBeInstanceOf(AlreadyRespondedError);
    expect(await answersOf(server)).toEqual([{ id: 0, result }]);
  });

  test('L12 to an id that the server uses again goes to the newer request', async () => {
    const server = new PipedServer();
    server.send(question(0));
    const older = await nextRequest(server.client);
    await server.client.respond(older, result);
    const { params } = ask(0);
    server.send({ ...question(0), params: { ...params, callId: 'another' } });
    const newer = await nextRequest(server.client);
    expect(await errorOf(server.client.respond(older, result))).toBeInstanceOf(AlreadyRespondedError);
    await server.client.respond(newer, { contentItems: [], success: false });
    expect(await answersOf(server)).toEqual([
      { id: 0, result },
      { id: 0, result: { contentItems: [], success: false } },
    ]);
  });

  test('L12 to a request that is sent again while it is on its way is given once, and nobody is asked again', async () => {
    const server = new PipedServer();
    server.send(question(0));
    await server.client.respond(await nextRequest(server.client), result);
    server.send(question(0), question(1));
    expect((await nextRequest(server.client)).id).toBe(1);
    expect(await errorOf(server.client.respondById(0, result))).toBeInstanceOf(AlreadyRespondedError);
    expect(await answersOf(server)).toEqual([{ id: 0, result }]);
  });

  test('L12 to a request that is sent again is given once, and the second one says that it is a replay', async () => {
    const server = new PipedServer();
    server.send(question(0), question(0));
    const [first, again] = [await nextRequest(server.client), await nextRequest(server.client)];
    expect([first.replayed, again.replayed]).toEqual([undefined, true]);
    expect(server.client.stats().requests.unansweredByUs).toBe(1);
    expect(server.client.signalOf(again)).toBe(server.client.signalOf(first));
    await server.client.respond(again, result);
    expect(await errorOf(server.client.respond(first, result))).toBeInstanceOf(AlreadyRespondedError);
    expect(await answersOf(server)).toEqual([{ id: 0, result }]);
  });

  test('L12 to an id that nobody asked under is stale', async () => {
    const server = new PipedServer();
    const { client } = server;
    for (const id of [0, '0', 'abc', -1]) {
      expect(await errorOf(client.respondById(id, result))).toBeInstanceOf(StaleRequestError);
    }
    expect(await answersOf(server)).toEqual([]);
  });

  test('L12 to the request of another client is refused, though the ids are the same', async () => {
    const [mine, other] = [new PipedServer(), new PipedServer()];
    mine.send(question(0));
    other.send({ id: 0, method: 'item/commandExecution/requestApproval', params: {} });
    const request = await nextRequest(mine.client);
    const stranger = await other.client.nextMessage({ methods: ['item/commandExecution/requestApproval'] });
    if (stranger === undefined) throw new Error('the stream ended');
    for (const call of [
      mine.client.respond(stranger, { decision: 'accept' }),
      mine.client.respond({ ...request }, result),
    ]) {
      const error = await errorOf(call);
      expect(error).toBeInstanceOf(StaleRequestError);
      expect(error).toMatchObject({ message: expect.stringContaining('of this client') });
    }
    expect(() => mine.client.signalOf(stranger)).toThrow(StaleRequestError);
    await mine.client.respond(request, result);
    expect(await answersOf(mine)).toEqual([{ id: 0, result }]);
  });

  test('L12 that cannot be sent leaves the request open for a better one', async () => {
    const server = new PipedServer();
    const { client } = server;
    server.send(question(0));
    const request = await nextRequest(client);
    expect(await errorOf(client.respondById(0, 1n))).toBeInstanceOf(InvalidArgumentError);
    expect(await errorOf(client.respondError(request, 1.5, 'no'))).toBeInstanceOf(InvalidArgumentError);
    expect(await errorOf(client.respondError(request, 1, 'no', () => 1))).toBeInstanceOf(
      InvalidArgumentError,
    );
    await client.respond(request, result);
    expect(await answersOf(server)).toEqual([{ id: 0, result }]);
  });
});

describe('a request that the server settled elsewhere', () => {
  test.each([0, '0'])('L12 is stale after serverRequest/resolved (id %j)', async (id) => {
    const server = new PipedServer();
    server.send(question(id));
    const request = await nextRequest(server.client);
    server.send(resolved(id));
    expect(await server.client.nextMessage()).toMatchObject({ method: 'serverRequest/resolved' });
    for (const late of [
      server.client.respond(request, result),
      server.client.respondError(request, 1, 'no'),
      server.client.respondById(id, result),
    ]) {
      expect(await errorOf(late)).toBeInstanceOf(StaleRequestError);
    }
    expect(await answersOf(server)).toEqual([]);
  });

  test('L12 is stale as soon as that was read, before anybody saw it', async () => {
    const server = new PipedServer();
    server.send(question(0), resolved(0));
    const request = await nextRequest(server.client);
    expect(await errorOf(server.client.respond(request, result))).toBeInstanceOf(StaleRequestError);
  });

  test('L12 an approval that died with its turn stays on the screen: not here, its signal fires, and an answer is stale', async () => {
    const server = new PipedServer();
    server.send(question(0), {
      method: 'turn/completed',
      params: { threadId: 'thread', turn: { id: 'turn' } },
    });
    const request = await nextRequest(server.client);
    const signal = server.client.signalOf(request);
    expect(signal.aborted).toBe(true);
    expect(signal.reason).toBeInstanceOf(StaleRequestError);
    expect(await errorOf(server.client.respond(request, result))).toBeInstanceOf(StaleRequestError);
    expect(server.client.stats().requests.unansweredByUs).toBe(0);
    expect(await answersOf(server)).toEqual([]);
  });

  test('L12 resolving "0" does not touch 0', async () => {
    const server = new PipedServer();
    server.send(question(0), resolved('0'));
    await server.client.respond(await nextRequest(server.client), result);
    expect(await answersOf(server)).toEqual([{ id: 0, result }]);
  });

  test('L12 after our answer it stays answered: a second answer is not called stale', async () => {
    const server = new PipedServer();
    server.send(question(0));
    const request = await nextRequest(server.client);
    await server.client.respond(request, result);
    server.send(resolved(0));
    await server.client.nextMessage();
    expect(await errorOf(server.client.respond(request, result))).toBeInstanceOf(AlreadyRespondedError);
  });

  test('signalOf fires when the server withdraws the request, and only that one', async () => {
    const server = new PipedServer();
    server.send(question(0), question(1));
    const [first, second] = [await nextRequest(server.client), await nextRequest(server.client)];
    const [withdrawn, kept] = [server.client.signalOf(first), server.client.signalOf(second)];
    expect(server.client.signalOf(first)).toBe(withdrawn);
    server.send(resolved(0));
    await server.client.nextMessage();
    expect(withdrawn.aborted).toBe(true);
    expect(withdrawn.reason).toBeInstanceOf(StaleRequestError);
    expect(kept.aborted).toBe(false);
    await server.client.respond(second, result);
    expect(kept.aborted).toBe(false);
  });

  test('signalOf has fired for a request that was withdrawn before', async () => {
    const server = new PipedServer();
    server.send(question(0), resolved(0));
    expect(server.client.signalOf(await nextRequest(server.client)).aborted).toBe(true);
  });

  test('signalOf fires when the server goes', async () => {
    const server = new PipedServer();
    server.send(question(0));
    const signal = server.client.signalOf(await nextRequest(server.client));
    server.end();
    await server.client.closed;
    expect(signal.aborted).toBe(true);
  });
});
