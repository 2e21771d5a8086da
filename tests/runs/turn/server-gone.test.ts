/** L9 and L10 for runs: the server goes in the middle of a turn, and every run settles. */
import { ServerClosedError, ThreadRunError, type TurnRun } from 'codex-async-client';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { LiveTurnRun } from '../../../src/runs/turn/turn-run.js';
import { outcomeOf } from '../../helpers/piped-server.js';
import { agentMessage, collected, methodsOf, PlayedServer, turnOf } from '../played-server.js';

const REVIEW = { threadId: 'r', target: { type: 'uncommittedChanges' } } as const;

/** What it rejects with. */
const errorOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'resolved',
    (error: unknown) => error,
  );

/** @throws when it is another error */
function closedErrorOf(error: unknown): ServerClosedError {
  if (!(error instanceof ServerClosedError)) throw new Error('not that error', { cause: error });
  return error;
}

afterEach(() => {
  vi.useRealTimers();
});

describe('when the server goes in the middle of a turn', () => {
  test('L9 the loop gets everything that was received and then the error, and so does the result', async () => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' });
    const turn = (await server.turn()).accept().started().say('1', '2', '3');
    await run.next();
    turn.say('4');
    server.piped.end();
    await server.client.closed;
    const rest: string[] = [];
    const loop = (async () => {
      for await (const { method } of run) rest.push(method);
    })();
    await expect(loop).rejects.toThrow(ServerClosedError);
    expect(rest).toEqual(Array.from({ length: 4 }, () => 'item/agentMessage/delta'));
    await expect(run.result()).rejects.toThrow(ServerClosedError);
  });

  test('L9 a turn that had completed keeps its result', async () => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' });
    (await server.turn()).accept().started().complete();
    server.piped.end();
    await server.client.closed;
    expect(await methodsOf(run)).toEqual(['turn/started', 'turn/completed']);
    expect((await run.result()).status).toBe('completed');
  });

  test('L9 shutdown() is no clean end for a turn that was cut off', async () => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' });
    (await server.turn()).accept().started();
    await server.piped.quiet();
    await server.client.shutdown();
    expect((await run.next()).value?.method).toBe('turn/started');
    await expect(run.next()).rejects.toThrow(ServerClosedError);
    await expect(run.result()).rejects.toThrow(ServerClosedError);
  });
});

describe.each([
  ['the server goes', async (server: PlayedServer) => server.piped.end()],
  ['the client is shut down', (server: PlayedServer) => server.client.shutdown()],
] as const)('L10 when %s', (_, end) => {
  test('L10 a turn waits for ever because the server died: every run settles, running, in line, iterated, driven, left, read as text', async () => {
    await using server = new PlayedServer();
    const { client } = server;
    const running = client.turnRun({ threadId: 't', input: 'running' }).result();
    const iterated = client.turnRun({ threadId: 'i', input: 'iterated' });
    const waiting = client.turnRun({ threadId: 't', input: 'waiting' });
    const text = collected(client.turnRun({ threadId: 'x', input: 'text' }).text());
    const thread = client.threadRun({ turn: 'never answered' });
    const left = client.turnRun({ threadId: 'l', input: 'left' });
    for (let n = 0; n < 4; n += 1) (await server.turn()).accept().started();
    const loop = collected(iterated);
    await left.next();
    await left.return();
    const settled = Promise.allSettled([
      running,
      loop,
      iterated.result(),
      waiting.next(),
      waiting.result(),
      waiting.steer('x'),
      text,
      thread.next(),
      thread.result(),
      thread.text().next(),
      left.result(),
    ]);
    await end(server);
    const outcomes = await settled;
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'CODEX_SERVER_CLOSED' } });
    expect(server.sent('turn/start')).toBe(4);
  });

  test('L10 a run that is started afterwards fails the same way, in its loop as well', async () => {
    await using server = new PlayedServer();
    await end(server);
    await server.client.closed;
    const run = server.client.turnRun({ threadId: 't', input: 'x' });
    await expect(run.next()).rejects.toThrow(ServerClosedError);
    await expect(run.result()).rejects.toThrow(ServerClosedError);
    await expect(run.steer('x')).rejects.toThrow(ServerClosedError);
    await expect(collected(run.text())).rejects.toThrow(ServerClosedError);
    await expect(server.client.threadRun({ turn: 'x' }).result()).rejects.toThrow(ServerClosedError);
  });
});

describe('the error of a run that was cut short', () => {
  test.each([
    ['its loop', (run: TurnRun) => collected(run)],
    ['its text', (run: TurnRun) => collected(run.text())],
    ['its snapshots', (run: TurnRun) => collected(run.snapshots())],
    ['its result', (run: TurnRun) => run.result()],
  ])('has what the turn had come to, for %s', async (_, read) => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' }, { collectEvents: true });
    const outcome = errorOf(read(run));
    const turn = (await server.turn()).accept().started().item(agentMessage('m0', 'Done: ')).say('an', 'd ');
    turn.send('thread/tokenUsage/updated', { turnId: turn.turnId, tokenUsage: { total: 7 } });
    await server.piped.quiet();
    server.piped.end();
    const { error: cause } = await server.client.closed;
    const error = closedErrorOf(await outcome);
    expect(error.result).toMatchObject({
      status: 'inProgress',
      finalMessage: 'and ',
      items: [{ id: 'm0' }],
      agentMessages: [
        { id: 'm0', text: 'Done: ' },
        { id: 'm1', text: 'and ' },
      ],
      usage: { total: 7 },
      recovered: false,
      joined: false,
      raw: { start: { turn: { id: 'turn-1' } }, started: { turn: { id: 'turn-1' } }, completed: undefined },
    });
    expect(error.result?.events).toHaveLength(5);
    const { message, exitCode, signal, stderrTail } = closedErrorOf(cause);
    expect(error).toMatchObject({ message, exitCode, signal, stderrTail, cause });
    expect(closedErrorOf(cause).result).toBeUndefined();
  });

  test('is the same error for all who ask the run', async () => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' });
    const outcomes = [errorOf(run.next()), errorOf(run.result())];
    (await server.turn()).accept();
    await server.piped.quiet();
    await server.client.shutdown();
    const [first, second] = await Promise.all(outcomes);
    expect(closedErrorOf(first).result?.raw.turn.id).toBe('turn-1');
    expect(second).toBe(first);
    expect(await errorOf(run.started())).toBe('resolved');
  });

  test('has it for a turn that was adopted, too, and for a review', async () => {
    await using server = new PlayedServer();
    const adopted = errorOf(server.client.turn({ threadId: 't', turnId: 'theirs' }).result());
    const review = errorOf(server.client.reviewRun(REVIEW).result());
    server.answer(await server.next('thread/read'), {
      thread: { id: 't', turns: [turnOf('theirs')], status: { type: 'active' } },
    });
    server.answer(await server.next('review/start'), { turn: turnOf('review'), reviewThreadId: 'r' });
    await server.piped.quiet();
    server.piped.end();
    expect(closedErrorOf(await adopted).result).toMatchObject({
      joined: true,
      raw: { turn: { id: 'theirs' } },
    });
    expect(closedErrorOf(await review).result).toMatchObject({ raw: { turn: { id: 'review' } } });
  });

  test('is the cause of the error of a thread run', async () => {
    await using server = new PlayedServer();
    const run = errorOf(server.client.threadRun({ turn: 'x' }).result());
    server.answer(await server.next('thread/start'), { thread: { id: 't' } });
    (await server.turn()).accept().say('so far');
    await server.piped.quiet();
    server.piped.end();
    const error = await run;
    expect(error).toBeInstanceOf(ThreadRunError);
    const { cause } = error as ThreadRunError;
    expect(closedErrorOf(cause).result).toMatchObject({ agentMessages: [{ text: 'so far' }] });
  });

  test('is that of all other calls when the server had not named the turn', async () => {
    await using server = new PlayedServer();
    const runs = ['sent', 'in line'].map((input) => server.client.turnRun({ threadId: 't', input }));
    const outcomes = runs.map((run) => errorOf(run.result()));
    await server.turn();
    server.piped.end();
    const { error } = await server.client.closed;
    expect(await Promise.all(outcomes)).toEqual([error, error]);
    expect(closedErrorOf(error).result).toBeUndefined();
  });
});

describe('whether a turn was sent', () => {
  /** The run as what stands above runs sees it. */
  const inside = (run: TurnRun) => run as LiveTurnRun;

  test('is known of one that waits in line, of one that went out, and of one that is over', async () => {
    await using server = new PlayedServer();
    const [first, second] = ['1', '2'].map((input) =>
      inside(server.client.turnRun({ threadId: 't', input })),
    );
    const turn = await server.turn();
    expect([first?.turn.wasSent, second?.turn.wasSent]).toEqual([true, false]);
    expect(await outcomeOf(first?.turn.untilOver as Promise<void>)).toBe('pending');
    turn.accept().complete();
    await first?.turn.untilOver;
    await server.turn();
    expect(second?.turn.wasSent).toBe(true);
    server.piped.end();
    await second?.turn.untilOver;
    expect([first?.turn.wasSent, second?.turn.wasSent]).toEqual([true, true]);
  });

  test('is known of one that is over without having been sent', async () => {
    await using server = new PlayedServer();
    const [, second] = ['1', '2'].map((input) => inside(server.client.turnRun({ threadId: 't', input })));
    await server.turn();
    server.piped.end();
    await second?.turn.untilOver;
    expect(second?.turn.wasSent).toBe(false);
  });

  test('not one that the server turned away, until it goes out again', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    await using server = new PlayedServer();
    const run = inside(server.client.turnRun({ threadId: 't', input: 'x' }));
    server.refuse(await server.next('turn/start'), 'busy', -32001);
    await server.piped.quiet();
    expect(run.turn.wasSent).toBe(false);
    vi.advanceTimersByTime(1_000);
    await server.next('turn/start');
    expect(run.turn.wasSent).toBe(true);
  });

  test('not one that still waits for the pipe when the server goes', async () => {
    await using server = new PlayedServer({ pipeBytes: 64 });
    server.piped.stopReading();
    const run = inside(server.client.turnRun({ threadId: 't', input: 'x'.repeat(1_000) }));
    const behind = inside(server.client.turnRun({ threadId: 'u', input: 'x' }, { startTimeoutMs: 0 }));
    await server.piped.quiet();
    const last = inside(server.client.turnRun({ threadId: 'v', input: 'x' }));
    await server.piped.quiet();
    server.piped.end();
    await Promise.all([run.turn.untilOver, behind.turn.untilOver, last.turn.untilOver]);
    expect([run.turn.wasSent, last.turn.wasSent]).toEqual([true, false]);
  });

  test('not one whose server closed its input before', async () => {
    await using server = new PlayedServer();
    server.piped.breakStdin(new Error('EPIPE'));
    const run = inside(server.client.turnRun({ threadId: 't', input: 'x' }));
    server.piped.end();
    await run.turn.untilOver;
    expect(run.turn.wasSent).toBe(false);
  });

  test('another one’s was', async () => {
    await using server = new PlayedServer();
    const run = inside(server.client.turn({ threadId: 't', turnId: 'theirs' }));
    expect(run.turn.wasSent).toBe(true);
    server.piped.end();
    await run.turn.untilOver;
  });
});

test('messages of a turn that lack what the protocol promises end neither the host nor the run', async () => {
  await using server = new PlayedServer();
  const result = server.client.turnRun({ threadId: 't', input: 'x' }, { includeSubagents: true }).result();
  const turn = (await server.turn()).accept();
  for (const method of [
    'turn/started',
    'turn/completed',
    'item/started',
    'item/completed',
    'thread/status/changed',
    'thread/tokenUsage/updated',
    'item/agentMessage/delta',
    'thread/started',
  ]) {
    turn.send(method, {});
    server.piped.send({ method });
    server.piped.send({ method, params: { threadId: 'other' } });
  }
  turn.say('fine').complete();
  expect(await result).toMatchObject({ status: 'completed', agentMessages: [{ id: 'm1', text: 'fine' }] });
});
