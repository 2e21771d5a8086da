/** The budget of a run: what counts, when the turn is stopped, and how the run ends. */
import { BudgetExceededError, type TurnRun } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { readyServer } from '../../helpers/piped-server.js';
import { collected, PlayedServer, type PlayedTurn, turnOf } from '../played-server.js';
import { startedByHand } from './by-hand.js';

/** The server tells what a turn has spent. */
function spent(
  turn: PlayedTurn,
  last: number,
  total: number,
  of: { threadId?: string; turnId?: string } = {},
) {
  const tokenUsage = { last: { totalTokens: last }, total: { totalTokens: total } };
  turn.send('thread/tokenUsage/updated', { turnId: turn.turnId, tokenUsage, ...of });
}

/** A run with a budget of 100 tokens, and its turn. */
async function running(server: PlayedServer): Promise<{ run: TurnRun; turn: PlayedTurn }> {
  const run = server.client.turnRun({ threadId: 't', input: 'x' }, { budget: { totalTokens: 100 } });
  run.result().catch(() => undefined);
  const turn = (await server.turn()).accept().started();
  return { run, turn };
}

/** A sub-agent of the turn begins to run. */
function child(
  turn: PlayedTurn,
  turnId = 'child-turn',
  rootTurnId = turn.turnId,
): { threadId: string; turnId: string } {
  turn.send('turn/started', { threadId: 'child', turn: { ...turnOf(turnId), rootTurnId } });
  return { threadId: 'child', turnId };
}

const interrupted = (server: PlayedServer) =>
  server.piped.received
    .filter(({ method }) => method === 'turn/interrupt')
    .map(({ params }) => [params?.['threadId'], params?.['turnId']]);

describe('a turn that spends more than its budget', () => {
  test('is interrupted at the first usage past it, and the run rejects when it is over, with its result', async () => {
    await using server = new PlayedServer();
    const { run, turn } = await running(server);
    spent(turn, 100, 100);
    await server.piped.quiet();
    expect(interrupted(server)).toEqual([]);
    spent(turn, 1, 101);
    server.answer(await server.next('turn/interrupt'), {});
    turn.say('so far').complete('interrupted');
    const error = await run.result().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(BudgetExceededError);
    const result = { status: 'interrupted', agentMessages: [{ text: 'so far' }], usage: {} };
    expect(error).toMatchObject({ totalTokens: 100, spentTokens: 101, result });
    expect(interrupted(server)).toEqual([['t', turn.turnId]]);
  });

  test.each(['completed', 'failed'] as const)(
    'ends with that error also when it %s with it',
    async (status) => {
      await using server = new PlayedServer();
      const { run, turn } = await running(server);
      spent(turn, 101, 101);
      turn.complete(status);
      await expect(run.result()).rejects.toMatchObject({
        code: 'CODEX_BUDGET_EXCEEDED',
        result: { status },
      });
    },
  );

  test('is one to a loop, which gets every message first, and to text()', async () => {
    await using server = new PlayedServer();
    const read: string[] = [];
    const over = { budget: { totalTokens: 100 } };
    const run = server.client.turnRun({ threadId: 't', input: 'x' }, over);
    const loop = (async () => {
      for await (const { method } of run) read.push(method);
    })();
    const text = server.client.turnRun({ threadId: 'u', input: 'x' }, over).text();
    const pieces = collected(text);
    for (const turn of [await server.turn(), await server.turn()]) {
      turn.accept().started().say('a');
      spent(turn, 101, 101);
      turn.complete('interrupted');
    }
    await expect(loop).rejects.toBeInstanceOf(BudgetExceededError);
    await expect(pieces).rejects.toBeInstanceOf(BudgetExceededError);
    expect(read.at(-1)).toBe('turn/completed');
  });

  test('is interrupted while nobody reads it', async () => {
    await using server = new PlayedServer();
    server.client.turnRun({ threadId: 't', input: 'x' }, { budget: { totalTokens: 100 } });
    const turn = (await server.turn()).accept().started();
    spent(turn, 101, 101);
    await server.next('turn/interrupt');
    turn.complete('interrupted');
    // The thread's line goes on.
    const next = server.client.turnRun({ threadId: 't', input: 'y' }).result();
    (await server.turn()).accept().started().complete();
    expect(await next).toMatchObject({ status: 'completed' });
  });

  test('is interrupted once, also when its reader leaves afterwards', async () => {
    await using server = new PlayedServer();
    const { run, turn } = await running(server);
    spent(turn, 101, 101);
    const interrupt = await server.next('turn/interrupt');
    spent(turn, 10, 111);
    await run.return();
    server.answer(interrupt, {});
    turn.complete('interrupted');
    await expect(run.result()).rejects.toMatchObject({ spentTokens: 111 });
    expect(interrupted(server)).toHaveLength(1);
  });
});

describe('an interruption that the server refuses', () => {
  test('is asked for again at the next usage, of the turn and of a sub-agent, once at a time', async () => {
    await using server = new PlayedServer();
    const { run, turn } = await running(server);
    const one = child(turn);
    spent(turn, 101, 101, one);
    const asked = [await server.next('turn/interrupt'), await server.next('turn/interrupt')];
    spent(turn, 10, 10);
    await server.piped.quiet();
    expect(interrupted(server)).toHaveLength(2);
    for (const interrupt of asked) server.refuse(interrupt, 'not now', -32603);
    await server.piped.quiet();
    spent(turn, 0, 10);
    await server.piped.quiet();
    expect(interrupted(server)).toHaveLength(2);
    spent(turn, 10, 20);
    await server.next('turn/interrupt');
    await server.next('turn/interrupt');
    expect(interrupted(server).slice(2).toSorted()).toEqual([
      ['child', 'child-turn'],
      ['t', turn.turnId],
    ]);
    turn.complete('interrupted');
    await expect(run.result()).rejects.toMatchObject({ spentTokens: 121 });
  });
});

describe('what counts', () => {
  test('is not what the thread had used before, nor what is told again, nor an estimate', async () => {
    await using server = new PlayedServer();
    const before = server.client.turnRun({ threadId: 't', input: 'x' }).result();
    const first = (await server.turn()).accept().started();
    spent(first, 5_000, 5_000);
    first.complete();
    await before;
    const { run, turn } = await running(server);
    spent(turn, 5_000, 5_000);
    spent(turn, 60, 5_060);
    spent(turn, 60, 5_060);
    spent(turn, 7_000, 5_060);
    spent(turn, 40, 5_100);
    turn.complete();
    expect(await run.result()).toMatchObject({ status: 'completed' });
    expect(interrupted(server)).toEqual([]);
  });

  test('is all that a thread has used that was started here, and not only what is told last', async () => {
    await using server = new PlayedServer();
    const started = server.client.threadStart({});
    server.answer(await server.next('thread/start'), { thread: { id: 't', ephemeral: false } });
    await started;
    const { run, turn } = await running(server);
    spent(turn, 1, 101);
    turn.complete();
    await expect(run.result()).rejects.toMatchObject({ spentTokens: 101 });
  });

  test('is only what is told in numbers, and what is told without them spoils nothing', async () => {
    await using server = new PlayedServer();
    const { run, turn } = await running(server);
    // The types promise more.
    turn.send('thread/tokenUsage/updated', {
      turnId: turn.turnId,
      tokenUsage: { last: {}, total: { totalTokens: 50 } },
    });
    spent(turn, 101, 151);
    turn.complete();
    await expect(run.result()).rejects.toMatchObject({ code: 'CODEX_BUDGET_EXCEEDED' });
  });

  test('is not what a resume told', async () => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' }, { budget: { totalTokens: 100 } });
    const turn = await server.turn();
    spent(turn, 900, 9_000, { turnId: 'an-earlier-turn' });
    turn.accept().started();
    spent(turn, 50, 9_050);
    turn.complete();
    expect(await run.result()).toMatchObject({ status: 'completed' });
  });

  test('is what sub-agents spend, whether or not their messages are asked for; they are interrupted, too', async () => {
    await using server = new PlayedServer();
    const { run, turn } = await running(server);
    const one = child(turn);
    spent(turn, 60, 60);
    spent(turn, 30, 30, one);
    await server.piped.quiet();
    expect(interrupted(server)).toEqual([]);
    spent(turn, 11, 41, one);
    await server.next('turn/interrupt');
    await server.next('turn/interrupt');
    expect(interrupted(server).toSorted()).toEqual([
      ['child', 'child-turn'],
      ['t', turn.turnId],
    ]);
    // One that begins only now is stopped as well.
    turn.send('turn/completed', { threadId: 'child', turn: turnOf('child-turn', 'interrupted') });
    child(turn, 'late-turn');
    await server.next('turn/interrupt');
    expect(interrupted(server).at(-1)).toEqual(['child', 'late-turn']);
    turn.complete('interrupted');
    await expect(run.result()).rejects.toMatchObject({ spentTokens: 101 });
  });

  test('is not what a sub-agent spends on another turn’s work, which is left alone', async () => {
    await using server = new PlayedServer();
    const { run, turn } = await running(server);
    turn.item({ type: 'collabAgentToolCall', id: 'c', senderThreadId: 't', receiverThreadIds: ['child'] });
    const others = child(turn, 'others-turn', 'an-earlier-turn');
    spent(turn, 500, 500, others);
    spent(turn, 50, 50);
    turn.complete();
    expect(await run.result()).toMatchObject({ status: 'completed' });
    expect(interrupted(server)).toEqual([]);
  });

  test('ends with the turn: a sub-agent that has ended is not interrupted', async () => {
    await using server = new PlayedServer();
    const { run, turn } = await running(server);
    spent(turn, 10, 10, child(turn));
    turn.send('turn/completed', { threadId: 'child', turn: turnOf('child-turn', 'completed') });
    spent(turn, 200, 200);
    await server.next('turn/interrupt');
    turn.complete('interrupted');
    await expect(run.result()).rejects.toMatchObject({ spentTokens: 210 });
    expect(interrupted(server)).toEqual([['t', turn.turnId]]);
  });
});

describe('whose turn it is', () => {
  test('one that was only joined is not interrupted: the run fails at once', async () => {
    await using server = new PlayedServer();
    const { turnId } = await startedByHand(server);
    const options = { whenBusy: 'steer', budget: { totalTokens: 100 } } as const;
    const run = server.client.turnRun({ threadId: 't', input: 'x' }, options);
    const result = run.result();
    result.catch(() => undefined);
    const turn = await server.turn();
    server.answer(turn.request, { turn: turnOf(turnId) });
    spent(turn, 101, 101, { turnId });
    await expect(result).rejects.toMatchObject({
      code: 'CODEX_BUDGET_EXCEEDED',
      result: { status: 'inProgress', joined: true },
    });
    await server.piped.quiet();
    expect(interrupted(server)).toEqual([]);
  });

  test('what was taken for ours, and was another’s, does not count', async () => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' }, { budget: { totalTokens: 100 } });
    const result = run.result();
    const own = await server.turn();
    server.piped.send({ method: 'turn/started', params: { threadId: 't', turn: turnOf('foreign') } });
    spent(own, 1_000, 1_000, { turnId: 'foreign' });
    own.accept().started();
    spent(own, 60, 1_060);
    own.complete();
    expect(await result).toMatchObject({ status: 'completed' });
    expect(interrupted(server)).toEqual([]);
  });
});

test.each(['thread/tokenUsage/updated', 'turn/started'])(
  'L20 a budget is refused where it could not be kept, without %s, before anything is sent',
  async (untold) => {
    const optOutNotificationMethods = [untold];
    const { client, received } = await readyServer({ optOutNotificationMethods });
    const budget = { totalTokens: 100 };
    const begun = [
      () => client.turnRun({ threadId: 't', input: 'x' }, { budget }),
      () => client.threadRun({ turn: 'x' }, { budget }),
    ];
    for (const begin of begun)
      expect(begin).toThrow(new RegExp(`options\\.budget: .*${untold}.*optOutNotificationMethods`));
    const target = { type: 'uncommittedChanges' } as const;
    // Not in the types.
    expect(() => client.reviewRun({ threadId: 't', target }, { budget } as never)).toThrow(
      'options.budget: a review takes no such option: the server does not tell what it spends',
    );
    expect(() => client.turn({ threadId: 't', turnId: 'u' }, { budget } as never)).toThrow(
      'options.budget: a turn that is adopted takes no such option',
    );
    expect(received.map(({ method }) => method)).toEqual(['initialize', 'initialized']);
    await client.shutdown();
  },
);
