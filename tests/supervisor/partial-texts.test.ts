/** The texts of messages that are not complete. */
import { describe, expect, test } from 'vitest';
import type { ServerMessage } from '../../src/session/messages/server-message.js';
import { PartialTexts } from '../../src/supervisor/partial-texts.js';

function told(texts: PartialTexts, method: string, params: unknown): void {
  texts.add({ kind: 'notification', method, params } as ServerMessage);
}

function say(texts: PartialTexts, itemId: string, delta: string, turnId = 'turn', threadId = 'thread'): void {
  told(texts, 'item/agentMessage/delta', { threadId, turnId, itemId, delta });
}

describe('partial texts', () => {
  test('grow by deltas, each message by itself', () => {
    const texts = new PartialTexts();
    say(texts, 'a', 'Hel');
    say(texts, 'b', 'other', 'turn2', 'thread2');
    say(texts, 'a', 'lo');
    expect(texts.all).toEqual([
      { threadId: 'thread', turnId: 'turn', itemId: 'a', text: 'Hello' },
      { threadId: 'thread2', turnId: 'turn2', itemId: 'b', text: 'other' },
    ]);
  });

  test('go when the message is complete, its turn over, or its thread closed', () => {
    const texts = new PartialTexts();
    for (const itemId of ['a', 'b', 'c', 'd']) say(texts, itemId, itemId, `turn of ${itemId}`);
    told(texts, 'item/completed', { threadId: 'thread', item: { id: 'a' } });
    told(texts, 'turn/completed', { threadId: 'thread', turn: { id: 'turn of b' } });
    told(texts, 'turn/completed', { threadId: 'other', turn: { id: 'turn of c' } });
    expect(texts.all.map(({ itemId }) => itemId)).toEqual(['c', 'd']);
    told(texts, 'thread/closed', { threadId: 'thread' });
    expect(texts.all).toEqual([]);
  });

  test('are bounded: of a long one the beginning is held', () => {
    const texts = new PartialTexts();
    for (let count = 0; count < 20; count += 1) say(texts, 'a', 'x'.repeat(100_000));
    expect(texts.all[0]?.text.length).toBe(1_048_576);
  });

  test('what lacks what its method promises changes nothing', () => {
    const texts = new PartialTexts();
    for (const method of ['item/agentMessage/delta', 'item/completed', 'turn/completed', 'thread/closed'])
      for (const params of [undefined, {}, { threadId: 'thread', turnId: 'turn', itemId: 'a', delta: 7 }])
        told(texts, method, params);
    expect(texts.all).toEqual([]);
  });
});
