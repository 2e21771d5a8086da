/** What is asked on a thread that is followed: with `answers` it waits for whoever reads, without it nothing changes. */
import { describe, expect, test } from 'vitest';
import { markHandled } from '../../../src/support/deferred.js';
import { ask, delta, numberOf, wire } from '../../helpers/messages.js';
import { outcomeOf, type PipedServer, turn } from '../../helpers/piped-server.js';
import { followed } from './followed.js';

const ANSWER = { contentItems: [], success: true };
const inTurn = { threadId: 'thread', turnId: 'turn' };
const resolved = (requestId: number) => ({
  method: 'serverRequest/resolved',
  params: { threadId: 'thread', requestId },
});
const completed = {
  method: 'turn/completed',
  params: { threadId: 'thread', turn: { id: 'turn', status: 'completed', items: [] } },
};

/** Begins a turn that nobody iterates. */
async function beginTurn(server: PipedServer): Promise<void> {
  markHandled(server.client.turnRun({ threadId: 'thread', input: 'Hi!' }).result());
  const { id } = await server.receivedWhere(({ method }) => method === 'turn/start');
  server.send({ id, result: { turn: { id: 'turn', status: 'inProgress', items: [] } } });
  await server.quiet();
}

const answers = ({ received }: PipedServer) =>
  received.filter(({ method, id }) => method === undefined && typeof id === 'number').map(({ id }) => id);

const held = ({ client }: PipedServer) =>
  client.stats().streams.filter(({ name }) => name === 'the follower of thread thread');

describe('L16 what is asked in a turn that result() drives', () => {
  test('is refused beside a follower that does not answer', async () => {
    const { server } = await followed();
    await beginTurn(server);
    server.send(wire(ask(7, inTurn)));
    expect(await server.receivedWhere(({ id, method }) => id === 7 && method === undefined)).toMatchObject({
      id: 7,
    });
  });

  test('L25 waits for a reader beside one that does, also while nobody reads', async () => {
    const { server, log } = await followed({ answers: true });
    await beginTurn(server);
    server.send(wire(ask(7, inTurn)));
    await server.quiet();
    expect(answers(server)).toEqual([]);
    const { value } = await log.read().next();
    expect(value?.snapshot?.requests.map(({ id }) => id)).toEqual([7]);
    await server.client.respondById(7, ANSWER);
    expect(answers(server)).toEqual([7]);
  });

  test('L11 is refused once the follower is closed', async () => {
    const { server, log } = await followed({ answers: true });
    await beginTurn(server);
    server.send(wire(ask(7, inTurn)), wire(ask(8, inTurn)));
    await server.quiet();
    await server.client.respondById(8, ANSWER);
    log.close();
    await server.receivedWhere(({ id, method }) => id === 7 && method === undefined);
    expect(answers(server).toSorted()).toEqual([7, 8]);
  });

  test('of another thread, or of none, is not the follower’s', async () => {
    const { server } = await followed({ answers: true });
    const main = server.client.events();
    server.send(wire(ask(1, { threadId: 'other' })), { id: 2, method: 'attestation/generate', params: {} });
    expect(numberOf((await main.next()).value)).toBe(1);
    expect((await main.next()).value?.method).toBe('attestation/generate');
  });
});

describe('what a follower holds for those who answer', () => {
  test('is taken over from the main stream, and handed back to it', async () => {
    const { server, log: other } = await followed();
    other.close();
    server.send(wire(ask(1)), wire(delta(2)));
    await server.quiet();
    const log = server.client.thread('thread').follow({ answers: true });
    expect(held(server)).toMatchObject([{ heldMessages: 1 }]);
    const main = server.client.events();
    expect(numberOf((await main.next()).value)).toBe(2);
    server.send(wire(ask(0)));
    const next = main.next();
    expect(await outcomeOf(next)).toBe('pending');
    // What was answered meanwhile is of no use to anybody.
    await server.client.respondById(0, ANSWER);
    log.close();
    expect(numberOf((await next).value)).toBe(1);
    expect(await outcomeOf(main.next())).toBe('pending');
  });

  test.each<[string, object]>([
    ['was resolved', resolved(1)],
    ['ended with its turn', completed],
    ['gave way to the next one', wire(ask(2, { threadId: 'thread', turnId: 'later' }))],
  ])('is let go when it %s', async (_, message) => {
    const { server } = await followed({ answers: true });
    server.send(wire(ask(1, inTurn)));
    await server.quiet();
    expect(held(server)).toMatchObject([{ heldMessages: 1 }]);
    if ('id' in message) await server.client.respondById(1, ANSWER);
    server.send(message);
    await server.quiet();
    await turn();
    expect(held(server)).toMatchObject([{ heldMessages: 'id' in message ? 1 : 0 }]);
    const sent = server.client.stats().requests.unansweredByUs;
    expect(sent).toBe('id' in message ? 1 : 0);
  });

  test('stays while what comes settles nothing', async () => {
    const { server } = await followed({ answers: true });
    server.send(wire(ask(1, inTurn)), wire(delta(2, inTurn)), resolved(9));
    await server.quiet();
    expect(held(server)).toMatchObject([{ heldMessages: 1 }]);
  });
});
