/** Requests by their keys: what a key of each life means, and that an id alone never answers for another request. */
import { AlreadyRespondedError, InvalidArgumentError, StaleRequestError } from 'codex-async-client';
import { requestKey } from 'codex-async-client/view';
import { describe, expect, test } from 'vitest';
import { outcomeOf, type PipedServer } from '../helpers/piped-server.js';
import { openedOf, PipedLives } from './piped-lives.js';

const DECISION = { decision: 'accept' };

function asked(id: number | string, turnId = 'turn', itemId = 'item') {
  const params = { threadId: 't', turnId, itemId, command: 'ls' };
  return { id, method: 'item/commandExecution/requestApproval', params };
}

const epochOf = (server: PipedServer) => openedOf(server.client).peer.epoch;
const answers = (server: PipedServer) => server.received.filter(({ result }) => result !== undefined);

async function answerResume(server: PipedServer, ...behind: object[]): Promise<void> {
  for (const [method, result] of [
    ['thread/goal/get', { goal: null }],
    ['thread/queue/list', { data: [], nextCursor: null }],
    ['thread/resume', { thread: { id: 't' } }],
  ] as const) {
    const { id } = await server.receivedWhere((message) => message.method === method);
    server.send({ id, result }, ...(method === 'thread/resume' ? behind : []));
  }
}

describe('a key of the server that lives', () => {
  test('answers its request, once; 0 is an id, and "0" is another', async () => {
    const lives = new PipedLives();
    const server = await lives.server(1);
    server.send(asked(0), asked('0', 'turn', 'other'));
    await server.quiet();
    const key = requestKey(0, epochOf(server));
    await lives.supervisor.respondByKey(key, DECISION);
    expect(answers(server)).toEqual([{ id: 0, result: DECISION }]);
    await expect(lives.supervisor.respondByKey(key, DECISION)).rejects.toThrow(AlreadyRespondedError);
    await lives.supervisor.shutdown();
  });

  test('of a request that was never asked is stale', async () => {
    const lives = new PipedLives();
    const key = requestKey(7, epochOf(await lives.server(1)));
    await expect(lives.supervisor.respondByKey(key, DECISION)).rejects.toThrow(StaleRequestError);
    await lives.supervisor.shutdown();
  });
});

describe('L12: a key of a server that is gone', () => {
  test('is stale, and answers nothing else that has its id now', async () => {
    const lives = new PipedLives();
    const first = await lives.server(1);
    first.send(asked(0));
    await first.quiet();
    const key = requestKey(0, epochOf(first));
    const second = await lives.crash();
    second.send(asked(0, 'turn 2'));
    await second.quiet();
    await expect(lives.supervisor.respondByKey(key, DECISION)).rejects.toThrow(StaleRequestError);
    expect(answers(second)).toEqual([]);
    await lives.supervisor.shutdown();
  });

  test('is stale at once while there is no server', async () => {
    const lives = new PipedLives({ restart: { maxRestarts: 5, withinMs: 60_000, firstDelayMs: 60_000 } });
    const { closed } = await lives.supervisor.client();
    const server = await lives.server(1);
    server.send(asked(0));
    await server.quiet();
    server.end();
    await closed;
    const key = requestKey(0, epochOf(server));
    await expect(lives.supervisor.respondByKey(key, DECISION)).rejects.toThrow(StaleRequestError);
    await lives.supervisor.shutdown();
  });
});

describe('a key of a connection that was cut', () => {
  async function cut(...open: object[]) {
    const lives = new PipedLives({ areConnections: true });
    await lives.supervisor.client();
    const first = await lives.server(1);
    first.send(...open);
    await first.quiet();
    const key = requestKey(0, epochOf(first));
    return { lives, key, second: await lives.crash() };
  }

  test('answers the same request, asked again behind the resume of its thread', async () => {
    const { lives, key, second } = await cut(asked(0));
    const answered = lives.supervisor.respondByKey(key, DECISION);
    await answerResume(second, asked(0));
    await answered;
    expect(answers(second)).toEqual([{ id: 0, result: DECISION }]);
    await expect(lives.supervisor.respondByKey(key, DECISION)).rejects.toThrow(StaleRequestError);
    await lives.supervisor.shutdown();
  });

  test('answers it also when it comes a moment later', async () => {
    const { lives, key, second } = await cut(asked(0));
    const answered = lives.supervisor.respondByKey(key, DECISION);
    await answerResume(second);
    const { id } = await second.receivedWhere(({ method }) => method === 'thread/loaded/list');
    expect(await outcomeOf(answered)).toBe('pending');
    second.send(asked(0), { id, result: { data: [], nextCursor: null } });
    await answered;
    expect(answers(second)).toEqual([{ id: 0, result: DECISION }]);
    await lives.supervisor.shutdown();
  });

  test.each([
    { title: 'turn', other: asked(0, 'turn 2') },
    { title: 'item', other: asked(0, 'turn', 'item 2') },
    { title: 'method', other: { ...asked(0), method: 'item/fileChange/requestApproval' } },
    { title: 'thread', other: { ...asked(0), params: { ...asked(0).params, threadId: 'u' } } },
  ])('is stale when what has its id is another request: another $title', async ({ other }) => {
    const { lives, key, second } = await cut(asked(0));
    const answered = lives.supervisor.respondByKey(key, DECISION).catch((error: unknown) => error);
    await answerResume(second, other);
    const { id } = await second.receivedWhere(({ method }) => method === 'thread/loaded/list');
    second.send({ id, result: { data: [], nextCursor: null } });
    expect(await answered).toBeInstanceOf(StaleRequestError);
    expect(answers(second)).toEqual([]);
    await lives.supervisor.shutdown();
  });

  test('waits for the next connection while this one is ending, and is good there', async () => {
    const lives = new PipedLives({ areConnections: true });
    const client = await lives.supervisor.client();
    const first = await lives.server(1);
    first.send(asked(0));
    await first.quiet();
    const over = client.shutdown();
    expect(client.state).toBe('closing');
    const answered = lives.supervisor.respondByKey(requestKey(0, epochOf(first)), DECISION);
    await over;
    const second = await lives.server(2);
    await answerResume(second, asked(0));
    await answered;
    expect(answers(second)).toEqual([{ id: 0, result: DECISION }]);
    await lives.supervisor.shutdown();
  });

  test('is stale when the next server does not know the thread: it is another one', async () => {
    const { lives, key, second } = await cut(asked(0));
    const answered = lives.supervisor.respondByKey(key, DECISION).catch((error: unknown) => error);
    for (const method of ['thread/goal/get', 'thread/queue/list', 'thread/resume']) {
      const { id } = await second.receivedWhere((message) => message.method === method);
      second.send({ id, error: { code: -32600, message: 'no rollout found for thread id t' } });
    }
    expect(await answered).toBeInstanceOf(StaleRequestError);
    await lives.supervisor.shutdown();
  });

  test('and the key of the next connection are two names of one request, which is answered once', async () => {
    const { lives, key, second } = await cut(asked(0));
    const old = lives.supervisor.respondByKey(key, DECISION).catch((error: unknown) => error);
    await answerResume(second, asked(0));
    await second.quiet();
    const other = lives.supervisor
      .respondByKey(requestKey(0, epochOf(second)), DECISION)
      .catch((error: unknown) => error);
    const outcomes = [await old, await other];
    expect(outcomes.filter((outcome) => outcome === undefined)).toHaveLength(1);
    expect(answers(second)).toEqual([{ id: 0, result: DECISION }]);
    await lives.supervisor.shutdown();
  });

  test('is good two connections later, when the one between was not asked again', async () => {
    const { lives, key, second } = await cut(asked(0));
    const early = lives.supervisor.respondByKey(key, DECISION).catch((error: unknown) => error);
    await answerResume(second);
    const { id } = await second.receivedWhere(({ method }) => method === 'thread/loaded/list');
    second.send({ id, result: { data: [], nextCursor: null } });
    expect(await early).toBeInstanceOf(StaleRequestError);
    const third = await lives.crash();
    const late = lives.supervisor.respondByKey(key, DECISION);
    await answerResume(third, asked(0));
    await late;
    expect(answers(third)).toEqual([{ id: 0, result: DECISION }]);
    await lives.supervisor.shutdown();
  });

  test('of a request that was answered before the cut is stale', async () => {
    const lives = new PipedLives({ areConnections: true });
    const { client } = { client: await lives.supervisor.client() };
    const first = await lives.server(1);
    first.send(asked(0));
    await first.quiet();
    await client.respondById(0, DECISION);
    const key = requestKey(0, epochOf(first));
    await lives.crash();
    await expect(lives.supervisor.respondByKey(key, DECISION)).rejects.toThrow(StaleRequestError);
    await lives.supervisor.shutdown();
  });
});

test.each([undefined, 7, '', 'abc', ':0', 'e:', 'e:{}', 'e:x', { key: 'e:0' }])(
  'what is no key (%j) is refused by name',
  async (key) => {
    const lives = new PipedLives();
    const answered = lives.supervisor.respondByKey(key as string, DECISION);
    await expect(answered).rejects.toThrow(InvalidArgumentError);
    await expect(answered).rejects.toThrow('key: expected the key of a server request');
    await lives.supervisor.shutdown();
  },
);
