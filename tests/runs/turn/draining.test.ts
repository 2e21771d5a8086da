/** L13: a shutdown that lets turns end: which of them run on, which are never sent, and what goes on meanwhile. */
import { InvalidArgumentError, ServerClosedError } from 'codex-async-client';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { outcomeOf } from '../../helpers/piped-server.js';
import { PlayedServer, turnOf } from '../played-server.js';
import { startedByHand } from './by-hand.js';

const DRAIN = { drainMs: 60_000 };

afterEach(() => {
  vi.useRealTimers();
});

/** What of it was not sent is refused, with an error that says so. */
async function expectTurnedBack(promise: Promise<unknown>): Promise<void> {
  const error = await promise.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ServerClosedError);
  expect(error).toMatchObject({ message: expect.stringContaining('drainMs'), result: undefined });
}

describe('L13 shutdown({ drainMs })', () => {
  test('lets the running turn end, whoever reads, and turns back what was not sent', async () => {
    await using server = new PlayedServer();
    const { client } = server;
    const running = client.turnRun({ threadId: 't', input: '1' });
    const inLine = client.turnRun({ threadId: 't', input: '2' });
    const turn = (await server.turn()).accept();
    const down = client.shutdown(DRAIN);
    await expectTurnedBack(inLine.result());
    await expectTurnedBack(client.turnRun({ threadId: 'new', input: 'x' }).result());
    await expectTurnedBack(client.turnRun({ threadId: 'new', input: 'x' }).next());
    await expectTurnedBack(client.threadRun({ turn: 'x' }).result());
    await expectTurnedBack(client.turnStart({ threadId: 'new', input: 'x' }));
    await expectTurnedBack(
      client.reviewRun({ threadId: 't', target: { type: 'uncommittedChanges' } }).result(),
    );
    const result = running.result();
    turn.started().say('to the end').complete();
    expect(await result).toMatchObject({ status: 'completed', agentMessages: [{ text: 'to the end' }] });
    await down;
    expect(await client.closed).toMatchObject({ expected: true, error: undefined });
    expect([server.sent('turn/start'), server.sent('thread/start')]).toEqual([1, 0]);
  });

  test('waits for a turn that is on its way to the server, and for one that was started by hand', async () => {
    await using server = new PlayedServer();
    const { client } = server;
    const sent = client.turnRun({ threadId: 'sent', input: 'x' });
    const turn = await server.turn();
    const byHand = await startedByHand(server);
    const down = client.shutdown(DRAIN);
    turn.accept();
    await server.piped.quiet();
    byHand.complete();
    expect(await outcomeOf(down)).toBe('pending');
    turn.complete();
    expect((await sent.result()).status).toBe('completed');
    await down;
  });

  test('goes on with everything else: answers, interrupts, reads and other calls', async () => {
    await using server = new PlayedServer();
    const { client } = server;
    const run = client.turnRun({ threadId: 't', input: 'x' });
    const turn = (await server.turn()).accept().started();
    const down = client.shutdown(DRAIN);
    turn.ask(7);
    for await (const message of run) {
      if (message.kind !== 'request') continue;
      await client.respondById(message.id, { decision: 'accept' });
      expect(await server.answerTo(7)).toMatchObject({ result: { decision: 'accept' } });
      const interrupted = run.interrupt();
      server.answer(await server.next('turn/interrupt'), {});
      await interrupted;
      const models = client.modelList({});
      server.answer(await server.next('model/list'), { data: [], nextCursor: null });
      await models;
      expect([client.state, client.isAlive]).toEqual(['spawned', true]);
      turn.complete('interrupted');
    }
    await down;
    expect((await run.result()).status).toBe('interrupted');
  });

  test('cuts short what is not over in time, which says what it had come to', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' }).result();
    (await server.turn()).accept().say('so far');
    await server.piped.quiet();
    const down = server.client.shutdown(DRAIN);
    vi.advanceTimersByTime(DRAIN.drainMs - 1);
    expect(await outcomeOf(down)).toBe('pending');
    vi.advanceTimersByTime(1);
    await expect(run).rejects.toMatchObject({
      code: 'CODEX_SERVER_CLOSED',
      result: { agentMessages: [{ text: 'so far' }] },
    });
    await down;
  });

  test.each([
    ['shutdown()', (server: PlayedServer) => server.client.shutdown()],
    ['await using', (server: PlayedServer) => server.client[Symbol.asyncDispose]()],
    ['the end of the server', (server: PlayedServer) => server.piped.end()],
  ])('is cut short by %s', async (_, end) => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' }).result();
    (await server.turn()).accept().started();
    await server.piped.quiet();
    const downs = [server.client.shutdown(DRAIN), server.client.shutdown(DRAIN)];
    expect(await outcomeOf(Promise.race(downs))).toBe('pending');
    await end(server);
    await expect(run).rejects.toBeInstanceOf(ServerClosedError);
    await Promise.all([...downs, server.client.shutdown(DRAIN)]);
    expect(server.client.state).toBe('closed');
  });

  test('takes a turn back that the server turns away', async () => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' }).result();
    const request = await server.next('turn/start');
    const down = server.client.shutdown(DRAIN);
    server.refuse(request, 'busy', -32001);
    await expectTurnedBack(run);
    await down;
    expect(server.sent('turn/start')).toBe(1);
  });

  test('takes a turn back that waits for a place among the requests', async () => {
    await using server = new PlayedServer({ maxInFlightRequests: 1 });
    const before = server.client.request('x/before').catch(() => 'cut off');
    const run = server.client.turnRun({ threadId: 't', input: 'x' }).result();
    await server.piped.quiet();
    const down = server.client.shutdown(DRAIN);
    await expectTurnedBack(run);
    await down;
    expect([await before, server.sent('turn/start')]).toEqual(['cut off', 0]);
  });

  test('does not wait for runs that were given up before they were sent', async () => {
    await using server = new PlayedServer();
    const { client } = server;
    const first = client.turnRun({ threadId: 't', input: '1' }).result();
    const turn = (await server.turn()).accept();
    const abort = new AbortController();
    const inLine = client.turnRun({ threadId: 't', input: '2' }, { signal: abort.signal });
    abort.abort(new Error('never mind'));
    const aborted = client.turnRun({ threadId: 'u', input: '3' }, { signal: abort.signal });
    for (const run of [inLine, aborted]) await expect(run.result()).rejects.toThrow('never mind');
    turn.complete();
    await first;
    await client.shutdown(DRAIN);
    expect(server.sent('turn/start')).toBe(1);
  });

  test('waits for nobody when a joined turn was left, and not for its run', async () => {
    await using server = new PlayedServer();
    const other = await startedByHand(server);
    const run = server.client.turnRun({ threadId: 't', input: 'x' }, { whenBusy: 'steer' });
    server.answer(await server.next('turn/start'), { turn: turnOf(other.turnId) });
    await run.return();
    await server.piped.quiet();
    const down = server.client.shutdown(DRAIN);
    expect(await outcomeOf(down)).toBe('pending');
    other.complete();
    await down;
  });
});

test.each([
  [{ drainMs: -1 }, 'options.drainMs'],
  [{ drainMs: 1.5 }, 'options.drainMs'],
  [{ drainMs: '5s' }, 'options.drainMs'],
  [{ drainMs: Number.POSITIVE_INFINITY }, 'options.drainMs'],
  [{ drain: 5 }, 'options.drain'],
  [5, 'options'],
])('L20 shutdown(%j) names %s, and ends nothing', async (options, argument) => {
  await using server = new PlayedServer();
  const error = await server.client.shutdown(options as never).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(InvalidArgumentError);
  expect(error).toMatchObject({ argument });
  expect(server.client.isAlive).toBe(true);
});
