/** Fake turns as messages: what stands where, and what is refused. */
import type { protocol, ServerMessage } from 'codex-async-client';
import { type FakeTurn, fakeTurnRun } from 'codex-async-client/testing';
import { describe, expect, test } from 'vitest';
import { collected } from '../../runs/played-server.js';

// No more members than a record looks at.
const command = { type: 'commandExecution', id: 'c', command: 'ls' } as protocol.ThreadItem;
const usage = { total: { totalTokens: 3 } } as protocol.ThreadTokenUsage;
const message = (method: string, params: object = {}) =>
  ({ kind: 'notification', method, params }) as unknown as ServerMessage;
const diff = message('turn/diff/updated', { diff: '-a' });

const methodsOf = async (turn: FakeTurn) => (await collected(fakeTurnRun(turn))).map(({ method }) => method);

describe('the messages of a fake turn', () => {
  test('are those of a real one: its beginning, what was done, the answer, the usage, its end', async () => {
    expect(await methodsOf({ finalMessage: 'Hi!', items: [command], messages: [diff], usage })).toEqual([
      'turn/started',
      'item/completed',
      'turn/diff/updated',
      'item/agentMessage/delta',
      'item/completed',
      'thread/tokenUsage/updated',
      'turn/completed',
    ]);
  });

  test('of a turn without a word are its two ends', async () => {
    expect(await methodsOf({})).toEqual(['turn/started', 'turn/completed']);
  });

  test('may be those of a turn that was recorded, ends included', async () => {
    const recorded = await collected(fakeTurnRun({ finalMessage: 'Hi!', turnId: 'real', threadId: 'mine' }));
    const again = fakeTurnRun({ messages: recorded, output: { a: 1 } });
    expect(await collected(again)).toEqual(recorded);
    expect(await again.result()).toMatchObject({
      finalMessage: 'Hi!',
      output: { a: 1 },
      raw: { turn: { id: 'real' } },
    });
  });

  test('carry the ids that they were given', async () => {
    const messages = await collected(fakeTurnRun({ finalMessage: 'Hi!', threadId: 't', turnId: 'u' }));
    for (const { params } of messages) expect(params).toMatchObject({ threadId: 't' });
    expect(messages.at(-1)).toMatchObject({
      params: { turn: { id: 'u', status: 'completed', error: null } },
    });
  });
});

test.each<[object, string]>([
  [{ finalMesage: 'x' }, 'turn.finalMesage'],
  [{ finalMessage: 1 }, 'turn.finalMessage'],
  [{ status: 'failed' }, 'turn.status'],
  [{ failure: 1 }, 'turn.failure'],
  [{ items: 'x' }, 'turn.items'],
  [{ messages: [1] }, 'turn.messages'],
  [{ threadId: '' }, 'turn.threadId'],
  [{ turnId: 4 }, 'turn.turnId'],
])('L20 %j is refused', (turn, argument) => {
  expect(() => fakeTurnRun(turn as FakeTurn)).toThrow(
    expect.objectContaining({ code: 'CODEX_INVALID_ARGUMENT', argument }),
  );
});
