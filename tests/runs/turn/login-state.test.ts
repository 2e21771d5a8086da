/** A turn that the model's provider refuses for want of a login: what is known early is said early. */
import { TurnFailedError } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { isLoggedOut, isLoginRefused } from '../../../src/runs/turn/login-state.js';
import { collected, PlayedServer, type PlayedTurn, turnOf } from '../played-server.js';

const refused = (httpStatusCode: number | null) => ({
  message: 'Reconnecting... 1/5',
  codexErrorInfo: { responseStreamDisconnected: { httpStatusCode } },
  additionalDetails: null,
  misalignment: null,
});
const NOBODY = { account: null, requiresOpenaiAuth: true };
const HINT = "nobody is logged in, and the model's provider answered 401; run `codex login`";

/** The provider answers with 401, and codex will try again. */
const retries = (turn: PlayedTurn, more: object = {}) =>
  turn.send('error', { turnId: turn.turnId, error: refused(401), willRetry: true, ...more });

describe('a turn that nobody iterates', () => {
  test.each([['result'], ['text']] as const)(
    'L20 fails %s() at the first 401 when nobody is logged in, and its turn is interrupted',
    async (how) => {
      await using server = new PlayedServer();
      const run = server.client.turnRun({ threadId: 't', input: 'x' });
      const ended = (how === 'result' ? run.result() : collected(run.text())).catch(
        (error: unknown) => error,
      );
      const turn = (await server.turn()).accept().started();
      retries(turn);
      retries(turn);
      server.answer(await server.next('account/read'), NOBODY);
      const error = await ended;
      expect(error).toBeInstanceOf(TurnFailedError);
      expect(error).toMatchObject({ message: expect.stringContaining(HINT) });
      expect((await server.next('turn/interrupt')).params).toEqual({ threadId: 't', turnId: turn.turnId });
      turn.complete('interrupted');
      await server.piped.quiet();
      expect(server.sent('account/read')).toBe(1);
    },
  );

  test('L20 of a new thread says so too', async () => {
    await using server = new PlayedServer();
    const run = server.client.threadRun({ turn: 'x' });
    const ended = collected(run.text()).catch((error: unknown) => error);
    server.answer(await server.next('thread/start'), { thread: { id: 't' } });
    const turn = (await server.turn()).accept().started();
    retries(turn);
    server.answer(await server.next('account/read'), NOBODY);
    expect(await ended).toMatchObject({ message: expect.stringContaining(HINT) });
    turn.complete('interrupted');
  });

  test.each<[string, object | undefined]>([
    ['somebody is logged in', { account: { type: 'apiKey' }, requiresOpenaiAuth: true }],
    ['the provider needs no login of OpenAI’s', { account: null, requiresOpenaiAuth: false }],
    ['the server cannot say', undefined],
  ])('goes on when %s', async (_why, account) => {
    await using server = new PlayedServer();
    const result = server.client.turnRun({ threadId: 't', input: 'x' }).result();
    const turn = (await server.turn()).accept().started();
    retries(turn);
    const asked = await server.next('account/read');
    if (account === undefined) server.refuse(asked, 'unknown method');
    else server.answer(asked, account);
    turn.say('hello').complete();
    expect(await result).toMatchObject({ status: 'completed', finalMessage: 'hello' });
    expect(server.sent('turn/interrupt')).toBe(0);
  });

  test.each<[string, object]>([
    ['of another kind', { error: refused(503) }],
    ['that is the last', { willRetry: false }],
    ['of another turn', { turnId: 'other' }],
  ])('asks nothing for an error %s', async (_what, more) => {
    await using server = new PlayedServer();
    const result = server.client.turnRun({ threadId: 't', input: 'x' }).result();
    const turn = (await server.turn()).accept().started();
    retries(turn, more);
    turn.complete();
    await result;
    expect(server.sent('account/read')).toBe(0);
  });
});

test('a loop over the turn sees the errors itself, and decides', async () => {
  await using server = new PlayedServer();
  const run = server.client.turnRun({ threadId: 't', input: 'x' });
  const messages = collected(run);
  const turn = (await server.turn()).accept().started();
  retries(turn);
  turn.complete();
  expect((await messages).map(({ method }) => method)).toContain('error');
  expect(server.sent('account/read')).toBe(0);
});

test('L20 a turn that failed with a 401 says how to log in', async () => {
  await using server = new PlayedServer();
  const result = server.client.turnRun({ threadId: 't', input: 'x' }).result();
  const turn = (await server.turn()).accept().started();
  const error = { ...refused(401), message: 'unexpected status 401 Unauthorized' };
  turn.send('turn/completed', { turn: { ...turnOf(turn.turnId, 'failed'), error } });
  await expect(result).rejects.toThrow('401 Unauthorized; run `codex login`, or log in with client.login()');
});

test('a refusal is known by its kind or its status', () => {
  const error = (codexErrorInfo: unknown) => ({ ...refused(null), codexErrorInfo }) as never;
  expect(isLoginRefused(error('unauthorized'))).toBe(true);
  expect(isLoginRefused(error({ httpConnectionFailed: { httpStatusCode: 401 } }))).toBe(true);
  expect(isLoginRefused(error({ httpConnectionFailed: { httpStatusCode: 403 } }))).toBe(false);
  for (const info of [null, 'other', {}, { later: 5 }, { later: null }])
    expect(isLoginRefused(error(info))).toBe(false);
  expect(isLoginRefused(null)).toBe(false);
});

test('a server that is gone leaves open who is logged in', async () => {
  await using server = new PlayedServer();
  const peer = server.client['peer'];
  server.piped.end();
  await server.client.closed;
  expect(await isLoggedOut(peer)).toBe(false);
});
