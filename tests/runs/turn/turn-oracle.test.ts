/** L15: what the server's answer says of a turn, and what becomes of a run when it says nothing of use. */
import { describe, expect, test } from 'vitest';
import { outcomeOf } from '../../helpers/piped-server.js';
import { agentMessage, PlayedServer } from '../played-server.js';

/** Short, so that a test waits for the question and not for the clock. */
const IDLE = { idleTimeoutMs: 10 };

const threadOf = (status: string, turns: readonly object[] = []) => ({
  thread: { id: 't', status: { type: status }, turns },
});

describe('a turn that cannot be read', () => {
  test.each([
    ['an answer', agentMessage('m1', 'hi')],
    ['a command', { type: 'commandExecution', id: 'c' }],
  ])('L15 is guessed at by nobody, also when its last item is %s', async (_, item) => {
    await using server = new PlayedServer();
    const result = server.client.turnRun({ threadId: 't', input: 'x' }, IDLE).result();
    (await server.turn()).accept().started().item(item);
    server.answer(await server.next('thread/read'), threadOf('idle'));
    server.refuse(await server.next('thread/read'), 'ephemeral threads do not support includeTurns');
    await expect(result).rejects.toMatchObject({
      code: 'CODEX_TURN_OUTCOME_UNKNOWN',
      result: { items: [item], status: 'inProgress', recovered: false },
    });
  });

  test('L15 counts as failed on a thread in a system error', async () => {
    await using server = new PlayedServer();
    const result = server.client.turnRun({ threadId: 't', input: 'x' }, IDLE).result();
    (await server.turn()).accept().started();
    server.answer(await server.next('thread/read'), threadOf('systemError'));
    server.refuse(await server.next('thread/read'), 'ephemeral threads do not support includeTurns');
    await expect(result).rejects.toMatchObject({
      code: 'CODEX_TURN_FAILED',
      result: { raw: { turn: { id: 'turn-1' } } },
    });
  });
});

describe('a malformed answer or message', () => {
  test.each([[null], [{}], [{ thread: null }], [{ thread: {} }]])(
    'L15 %j is no answer to the question whether a turn is over: it is asked again',
    async (answer) => {
      await using server = new PlayedServer();
      const result = server.client.turnRun({ threadId: 't', input: 'x' }, { idleTimeoutMs: 5 }).result();
      const turn = (await server.turn()).accept().started();
      server.piped.send({ id: (await server.next('thread/read')).id, result: answer });
      await server.next('thread/read');
      turn.complete();
      expect((await result).status).toBe('completed');
    },
  );

  test('L10 L15 ends the run when it is all that the server says, twice in a row', async () => {
    await using server = new PlayedServer();
    const result = server.client.turnRun({ threadId: 't', input: 'x' }, { idleTimeoutMs: 5 }).result();
    (await server.turn()).accept().started();
    server.piped.send({ id: (await server.next('thread/read')).id, result: null });
    server.piped.send({ id: (await server.next('thread/read')).id, result: {} });
    await expect(result).rejects.toMatchObject({ code: 'CODEX_PROTOCOL' });
  });

  test('L15 is no end of a turn that it does not carry: the run goes on and asks', async () => {
    await using server = new PlayedServer();
    const result = server.client.turnRun({ threadId: 't', input: 'x' }, { idleTimeoutMs: 5 }).result();
    const turn = (await server.turn()).accept().started();
    turn.send('turn/completed', { turnId: turn.turnId });
    await server.next('thread/read');
    expect(await outcomeOf(result)).toBe('pending');
    turn.complete();
    expect((await result).status).toBe('completed');
  });
});
