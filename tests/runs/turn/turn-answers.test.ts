/** Answers given beforehand for a run or a thread, against a server that a test plays. */
import { InvalidArgumentError, type StandingAnswers } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { failureOf, untyped } from '../mistakes.js';
import { collected, PlayedServer, type PlayedTurn, turnOf } from '../played-server.js';

const CHANGE = 'item/fileChange/requestApproval';
const answered = (decision: 'accept' | 'acceptForSession' | 'cancel'): StandingAnswers => ({
  [CHANGE]: { decision },
});
const decisionOf = async (server: PlayedServer, id: number) =>
  Object(Object(await server.answerTo(id)).result).decision;
const spawns = (turn: PlayedTurn, id: string) =>
  turn.send('thread/started', { threadId: undefined, thread: { id, parentThreadId: turn.threadId } });

describe('standing answers of a run', () => {
  test('L17 answer for its turn, beside a loop that never sees what was asked', async () => {
    await using server = new PlayedServer({ standingAnswers: answered('cancel') });
    const options = { standingAnswers: answered('accept') };
    const messages = collected(server.client.turnRun({ threadId: 't', input: 'x' }, options));
    const turn = (await server.turn()).accept().started().ask(1);
    expect(await decisionOf(server, 1)).toBe('accept');
    turn.complete();
    expect((await messages).map(({ kind }) => kind)).not.toContain('request');
    turn.ask(2);
    expect(await decisionOf(server, 2)).toBe('cancel');
    expect(server.client.stats().messages.standingAnswers).toBe(2);
  });

  test('L17 answer for its sub-agents, and for nobody else', async () => {
    await using server = new PlayedServer();
    const options = { standingAnswers: answered('accept') };
    const result = server.client.turnRun({ threadId: 't', input: 'x' }, options).result();
    const turn = (await server.turn()).accept().started();
    spawns(turn, 'child');
    turn.ask(1, CHANGE, { threadId: 'child', turnId: 'child 1' });
    expect(await decisionOf(server, 1)).toBe('accept');
    turn.ask(2, CHANGE, { threadId: 'stranger', turnId: 'stranger 1' });
    turn.ask(3, CHANGE, { turnId: 'another' });
    await server.piped.quiet();
    expect(server.client.stats().requests.unansweredByUs).toBe(2);
    turn.complete();
    await result;
  });

  test('L16 L17 are not given to a turn that was only joined', async () => {
    await using server = new PlayedServer();
    const started = server.client.turnStart({ threadId: 't', input: [] });
    const foreign = (await server.turn()).accept().started();
    await started;
    const options = { whenBusy: 'steer', standingAnswers: answered('accept') } as const;
    const joined = server.client.turnRun({ threadId: 't', input: 'x' }, options).result();
    server.answer(await server.next('turn/start'), { turn: turnOf(foreign.turnId) });
    await server.piped.quiet();
    foreign.ask(1);
    await server.piped.quiet();
    expect(server.client.stats().requests.unansweredByUs).toBe(1);
    foreign.complete();
    expect((await joined).joined).toBe(true);
  });

  test.each([
    [{ [CHANGE]: { decision: 'approved' } }, 'options.standingAnswers'],
    [{ 'item/fileChange/requestAproval': { decision: 'accept' } }, 'did you mean'],
    ['accept', 'an object of method -> result'],
  ])('L20 %j are refused, and nothing is sent', async (standingAnswers, part) => {
    await using server = new PlayedServer();
    const { client } = server;
    for (const call of [
      () => untyped(client).turnRun({ threadId: 't', input: 'x' }, { standingAnswers }),
      () => untyped(client).threadRun({ turn: 'x' }, { standingAnswers }),
      () => untyped(client).thread('t', { standingAnswers }),
    ]) {
      const error = await failureOf(call);
      expect(error).toBeInstanceOf(InvalidArgumentError);
      expect(String(error)).toContain(part);
    }
    expect(server.piped.received).toEqual([]);
  });
});

describe('standing answers of a thread', () => {
  test('L17 win over those of the client, for whatever is asked on it, until they are taken away', async () => {
    await using server = new PlayedServer({ standingAnswers: answered('cancel') });
    const handle = server.client.thread('t', { standingAnswers: answered('acceptForSession') });
    const result = handle.run('x').result();
    const turn = (await server.turn()).accept().started().ask(1);
    expect(await decisionOf(server, 1)).toBe('acceptForSession');
    turn.ask(2, CHANGE, { threadId: 'u' });
    expect(await decisionOf(server, 2)).toBe('cancel');
    server.client.thread('t');
    turn.ask(3);
    expect(await decisionOf(server, 3)).toBe('acceptForSession');
    server.client.thread('t', { standingAnswers: {} });
    turn.ask(4);
    expect(await decisionOf(server, 4)).toBe('cancel');
    turn.complete();
    await result;
  });

  test('L17 lose to those of a run', async () => {
    await using server = new PlayedServer();
    const handle = server.client.thread('t', { standingAnswers: answered('cancel') });
    const result = handle.run('x', { standingAnswers: answered('accept') }).result();
    const turn = (await server.turn()).accept().started().ask(1);
    expect(await decisionOf(server, 1)).toBe('accept');
    turn.complete();
    await result;
  });
});
