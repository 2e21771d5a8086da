/** What went with a server, and what a server that lives on behind a cut connection still has. */
import { requestKey } from 'codex-async-client/view';
import { describe, expect, test } from 'vitest';
import type { Restart } from '../../src/supervisor/restarts.js';
import type { PipedServer } from '../helpers/piped-server.js';
import { thread as aThread } from '../view/threads.js';
import { turn as aTurn } from '../view/told.js';
import { openedOf, PipedLives } from './piped-lives.js';

function told(method: string, params: object) {
  return { method, params: { threadId: 't', turnId: 'turn', ...params } };
}

const ASKED = {
  id: 0,
  method: 'item/commandExecution/requestApproval',
  params: { threadId: 't', turnId: 'turn', itemId: 'command' },
};

/** A server at work: a turn that writes and asks, and a thread without a turn. */
async function working(areConnections: boolean) {
  const lives = new PipedLives({ areConnections });
  const client = await lives.supervisor.client();
  const server = await lives.server(1);
  const started = client.threadStart({});
  const { id } = await server.receivedWhere(({ method }) => method === 'thread/start');
  server.send({ id, result: { thread: { id: 'empty' } } });
  await started;
  server.send(
    told('turn/started', { turn: aTurn({ id: 'turn', status: 'inProgress' }) }),
    told('item/agentMessage/delta', { itemId: 'm', delta: 'Hel' }),
    told('item/agentMessage/delta', { itemId: 'm', delta: 'lo' }),
    ASKED,
  );
  await server.quiet();
  return { lives, server, key: requestKey(0, openedOf(client).peer.epoch) };
}

async function restartOf(lives: PipedLives): Promise<Restart> {
  const { value } = await lives.supervisor.restarts().next();
  if (value === undefined) throw new Error('there was none');
  return value;
}

const ALL = (key: string) => ({
  turns: [{ threadId: 't', turnId: 'turn' }],
  approvals: [{ key, id: 0, method: ASKED.method, threadId: 't', turnId: 'turn', itemId: 'command' }],
  threads: ['empty'],
  partialText: [{ threadId: 't', turnId: 'turn', itemId: 'm', text: 'Hello' }],
});

describe('L24: a restart says what was lost', () => {
  test('of a process all that was under way', async () => {
    const { lives, key } = await working(false);
    await lives.crash();
    expect(await restartOf(lives)).toMatchObject({
      number: 1,
      lost: ALL(key),
      cause: { code: 'CODEX_SERVER_CLOSED' },
    });
    await lives.supervisor.shutdown();
  });

  test('nothing when nothing was under way', async () => {
    const lives = new PipedLives();
    await lives.crash();
    const { lost, startedAtMs } = await restartOf(lives);
    expect(lost).toEqual({ turns: [], approvals: [], threads: [], partialText: [] });
    expect(Math.abs(Date.now() - startedAtMs)).toBeLessThan(60_000);
    await lives.supervisor.shutdown();
  });
});

describe('behind a connection that was cut', () => {
  async function answer(server: PipedServer, method: string, answered: object): Promise<void> {
    const { id } = await server.receivedWhere((message) => message.method === method);
    server.send({ id, ...answered });
  }
  const read = (status: string, turn: object) => ({
    result: { thread: { ...aThread({}), id: 't', status: { type: status }, turns: [turn] } },
  });

  test.each([
    { title: 'goes on', status: 'active', turn: aTurn({ id: 'turn', status: 'inProgress' }) },
    { title: 'came to its end meanwhile', status: 'idle', turn: aTurn({ id: 'turn', status: 'completed' }) },
    { title: 'is not told of yet', status: 'active', turn: aTurn({ id: 'other', status: 'completed' }) },
  ])('a turn that $title is not lost, nor what it asked and wrote', async ({ status, turn }) => {
    const { lives } = await working(true);
    const next = await lives.crash();
    await answer(next, 'thread/loaded/list', { result: { data: ['t', 'empty'], nextCursor: null } });
    await answer(next, 'thread/read', read(status, turn));
    const { lost } = await restartOf(lives);
    expect(lost).toEqual({ turns: [], approvals: [], threads: [], partialText: [] });
    await lives.supervisor.shutdown();
  });

  test('a server that is another one has lost all of it', async () => {
    const { lives, key } = await working(true);
    const next = await lives.crash();
    await answer(next, 'thread/loaded/list', { result: { data: [], nextCursor: null } });
    await answer(next, 'thread/read', read('notLoaded', aTurn({ id: 'turn', status: 'interrupted' })));
    expect((await restartOf(lives)).lost).toEqual(ALL(key));
    await lives.supervisor.shutdown();
  });

  test('so has one that does not know the thread, or cannot say', async () => {
    const { lives, key } = await working(true);
    const next = await lives.crash();
    const error = { error: { code: -32600, message: 'thread not loaded: t' } };
    await answer(next, 'thread/loaded/list', error);
    await answer(next, 'thread/read', error);
    const again = async () => {
      const { id } = await next.receivedWhere(
        ({ method, params }) => method === 'thread/read' && params?.['includeTurns'] === undefined,
      );
      next.send({ id, ...error });
    };
    await again();
    expect((await restartOf(lives)).lost).toEqual(ALL(key));
    await lives.supervisor.shutdown();
  });
});
