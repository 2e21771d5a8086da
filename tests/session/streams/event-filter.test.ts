/** What a filter lets through, and which of two filters is the narrower. */
import type { ServerMessage } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { scopeOf } from '../../../src/session/messages/server-message.js';
import {
  type EventFilter,
  isEmptyFilter,
  matcherOf,
  specificityOf,
} from '../../../src/session/streams/event-filter.js';
import { ask, delta } from '../../helpers/messages.js';

function matching(filter: EventFilter): (message: ServerMessage) => boolean {
  const matches = matcherOf(filter);
  return (message) => matches(message, scopeOf(message));
}

describe('specificity', () => {
  /** From the widest to the narrowest. */
  const byWidth: readonly EventFilter[] = [
    { kind: 'request' },
    { methods: ['turn/started'] },
    { kind: 'notification', methods: ['turn/started'] },
    { threadId: 't' },
    { threadId: 't', kind: 'notification' },
    { threadId: 't', methods: ['turn/started'] },
    { threadId: 't', methods: ['turn/started'], kind: 'notification' },
    { turnId: 'u' },
    { turnId: 'u', threadId: 't' },
    { turnId: 'u', threadId: 't', methods: ['turn/started'], kind: 'notification' },
  ];

  test('a turn outranks a thread, a thread methods, methods a kind, and more members fewer', () => {
    const ranks = byWidth.map(specificityOf);
    expect(ranks).toEqual([...new Set(ranks)].sort((a, b) => a - b));
  });

  test('members that are undefined count for nothing', () => {
    expect(specificityOf({ threadId: undefined, kind: 'request' })).toBe(specificityOf({ kind: 'request' }));
    expect(isEmptyFilter({ threadId: undefined, methods: undefined })).toBe(true);
    expect(isEmptyFilter({ kind: 'request' })).toBe(false);
  });
});

describe('matching', () => {
  test.each<[EventFilter, boolean, boolean]>([
    [{}, true, true],
    [{ kind: 'notification' }, true, false],
    [{ kind: 'request' }, false, true],
    [{ methods: ['item/agentMessage/delta'] }, true, false],
    [{ methods: ['item/tool/call', 'item/agentMessage/delta'] }, true, true],
    [{ threadId: 't1' }, true, true],
    [{ threadId: 't2' }, false, false],
    [{ threadId: 't1', turnId: 'u2' }, false, true],
    [{ turnId: 'u1', kind: 'request' }, false, false],
  ])(
    '%j lets a delta of turn u1 through: %s, a server request of turn u2: %s',
    (filter, takesDelta, takesAsk) => {
      const matches = matching(filter);
      expect(matches(delta(1, { threadId: 't1', turnId: 'u1' }))).toBe(takesDelta);
      expect(matches(ask(2, { threadId: 't1', turnId: 'u2' }))).toBe(takesAsk);
    },
  );

  test('a message that names no thread matches no thread', () => {
    const matches = matching({ threadId: 't1' });
    const params = { summary: 'careful', details: null };
    expect(matches({ kind: 'notification', method: 'configWarning', params })).toBe(false);
  });
});
