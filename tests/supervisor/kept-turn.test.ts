/** What the server says of a turn that goes by a key, in all its ways of saying it. */
import { RpcError } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { keptTurn } from '../../src/supervisor/kept-turn.js';
import { keptAs, PlayedLife, userMessage } from './played-lives.js';

const SOUGHT = { threadId: 't', key: 'job-7', begunTurnId: undefined };

/** The look, and the server that is asked. */
function looking(sought: Parameters<typeof keptTurn>[1] = SOUGHT) {
  const life = new PlayedLife({});
  return { life, server: life.server, found: keptTurn(life.peer, sought) };
}

describe('the look for a turn that goes by a key', () => {
  test('finds the one whose input has it', async () => {
    const { life, found } = looking();
    const turns = ['a', 'b', 'c'].map((id) =>
      keptAs(id, 'completed', userMessage(id === 'b' ? 'job-7' : id)),
    );
    await life.tell('idle', ...turns);
    expect(await found).toMatchObject({ is: 'kept', isOwn: true, turn: { id: 'b' }, thread: { id: 't' } });
    await using _ = life.server;
  });

  test.each([
    ['in front of it', [userMessage(null, 'u0'), userMessage('job-7')], false],
    ['behind it', [userMessage('job-7'), userMessage(null, 'u2')], true],
  ])('knows whose turn it is by the message %s', async (_, items, isOwn) => {
    const { life, found } = looking();
    await life.tell('active', keptAs('a', 'inProgress', ...items));
    expect(await found).toMatchObject({ is: 'kept', isOwn });
    await using _server = life.server;
  });

  test('finds a turn without its message where the message is known to have begun', async () => {
    const { life, found } = looking({ ...SOUGHT, begunTurnId: 'a' });
    await life.tell('idle', keptAs('a', 'interrupted'));
    expect(await found).toMatchObject({ is: 'kept', isOwn: true, turn: { id: 'a' } });
    await using _ = life.server;
  });

  test('finds nothing in other turns, whatever they lack', async () => {
    const { life, found } = looking();
    await life.tell(
      'idle',
      { id: 'a', status: 'completed' },
      keptAs('b', 'completed', { type: 'userMessage', id: 'u' }),
    );
    expect(await found).toEqual({ is: 'nothing', isBusy: false });
    await using _ = life.server;
  });

  test('says that the thread has another turn, which those who start turns then wait for', async () => {
    const { life, found } = looking();
    await life.tell('active', keptAs('a', 'inProgress'));
    expect(await found).toEqual({ is: 'nothing', isBusy: true });
    expect([life.peer.activity.isBusy('t'), life.peer.activity.turnOf('t')]).toEqual([true, 'a']);
    await using _ = life.server;
  });

  test.each([
    ['thread t is not materialized yet; includeTurns is unavailable before first user message', -32600],
    ['list_turns is not supported yet', -32601],
  ])('finds nothing on a thread without turns: %s', async (message, code) => {
    const { life, server, found } = looking();
    server.refuse(await server.next('thread/read'), message, code);
    const again = await server.next('thread/read');
    expect(again.params).toEqual({ threadId: 't', includeTurns: false });
    server.answer(again, { thread: { id: 't', status: { type: 'idle' }, turns: [] } });
    expect(await found).toEqual({ is: 'nothing', isBusy: false });
    await using _ = life.server;
  });

  test('cannot know of an ephemeral thread', async () => {
    const { life, server, found } = looking();
    server.refuse(await server.next('thread/read'), 'ephemeral threads do not support includeTurns');
    expect(await found).toEqual({ is: 'unknowable' });
    await using _ = life.server;
  });

  test('L24 takes no other refusal, and no other answer, for an answer', async () => {
    const { server, found } = looking();
    server.refuse(await server.next('thread/read'), 'thread not loaded: t');
    await expect(found).rejects.toThrow(RpcError);
    const odd = looking();
    odd.server.answer(await odd.server.next('thread/read'), { thread: { id: 't' } });
    await expect(odd.found).rejects.toMatchObject({ code: 'CODEX_PROTOCOL' });
    await using _ = server;
    await using _odd = odd.server;
  });
});
