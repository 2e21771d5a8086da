/** What a filter lets through, which of two filters is the narrower, and what it must not hold. */
import { type EventFilter, InvalidArgumentError } from 'codex-async-client';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PROTOCOL_VERSION } from '../../../src/protocol/generated.js';
import { scopeOf } from '../../../src/session/messages/server-message.js';
import { checkEventFilter, claimOf, isEmptyFilter } from '../../../src/session/streams/event-filter.js';
import { REQUEST_GROUP } from '../../../src/session/streams/precedence.js';
import { RouteTable } from '../../../src/session/streams/route-table.js';
import { takes } from '../../helpers/filter-oracle.js';
import { ask, delta } from '../../helpers/messages.js';
import { readyServer } from '../../helpers/piped-server.js';
import { messages, routeOf } from './routes.js';

/** Whether a message finds the filter in a table of its own. */
function finds(filter: EventFilter, message: Parameters<typeof takes>[1]): boolean {
  const table = new RouteTable();
  table.add(routeOf(claimOf(filter)));
  return table.find(message, scopeOf(message)) !== undefined;
}

describe('precedence', () => {
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
    const ranks = byWidth.map((filter) => claimOf(filter).precedence);
    expect(ranks).toEqual([...new Set(ranks)].sort((a, b) => a - b));
  });

  test('members that are undefined count for nothing', () => {
    expect(claimOf({ threadId: undefined, kind: 'request' }).precedence).toBe(
      claimOf({ kind: 'request' }).precedence,
    );
    expect(isEmptyFilter({ threadId: undefined, methods: undefined })).toBe(true);
    expect(isEmptyFilter({ kind: 'request' })).toBe(false);
    expect(isEmptyFilter({ threadId: undefined, kind: 'request' })).toBe(false);
  });

  test.each<[EventFilter, number]>([
    [{ methods: ['item/tool/call'] }, REQUEST_GROUP.asked],
    [{ kind: 'request' }, REQUEST_GROUP.asked],
    [{ kind: 'request', threadId: 't' }, REQUEST_GROUP.asked],
    [{ kind: 'notification' }, REQUEST_GROUP.reads],
    [{ threadId: 't', turnId: 'u' }, REQUEST_GROUP.reads],
  ])('L1 a filter that names methods or asks for requests gets them first: %j', (filter, group) => {
    expect(claimOf(filter).requestGroup).toBe(group);
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
      const [ofFirst, ofSecond] = [
        delta(1, { threadId: 't1', turnId: 'u1' }),
        ask(2, { threadId: 't1', turnId: 'u2' }),
      ];
      expect([finds(filter, ofFirst), finds(filter, ofSecond)]).toEqual([takesDelta, takesAsk]);
      expect([takes(filter, ofFirst), takes(filter, ofSecond)]).toEqual([takesDelta, takesAsk]);
    },
  );

  test('a message that names no thread matches no thread', () => {
    const params = { summary: 'careful', details: null };
    const warning = { kind: 'notification', method: 'configWarning', params } as const;
    expect(finds({ threadId: 't1' }, warning)).toBe(false);
    expect(finds({ kind: 'notification' }, warning)).toBe(true);
  });

  test('L1 any filter takes a message exactly when each member that is given says so', () => {
    fc.assert(
      fc.property(
        fc.record<EventFilter>(
          {
            kind: fc.constantFrom('notification', 'request'),
            methods: fc.subarray(['item/agentMessage/delta', 'item/tool/call', 'turn/started'], {
              minLength: 1,
            }),
            threadId: fc.constantFrom('a', 'b'),
            turnId: fc.constantFrom('u', 'v'),
          },
          { requiredKeys: [] },
        ),
        messages,
        (filter, message) => {
          expect(finds(filter, message)).toBe(takes(filter, message));
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

test('L1 a list of methods that is changed later changes nothing of the stream that has it', async () => {
  const server = await readyServer();
  const { client } = server;
  const methods: string[] = ['turn/started'];
  const left = client.events({ methods });
  client.events({ threadId: 'other' });
  methods[0] = 'turn/completed';
  await left.return();
  const next = client.nextMessage();
  server.send({ method: 'turn/started', params: { threadId: 't', turn: { id: 'u' } } });
  expect((await next)?.method).toBe('turn/started');
});

describe('a filter that cannot work is refused, and the message names the member', () => {
  test.each<[string, unknown]>([
    ['filter.kind', { kind: 'response' }],
    ['filter.methods', { methods: [] }],
    ['filter.methods', { methods: 'turn/started' }],
    ['filter.methods', { methods: [1] }],
    ['filter.threadId', { threadId: '' }],
    ['filter.turnId', { turnId: 7 }],
    ['filter.thread', { thread: 't' }],
    ['filter', null],
  ])('L20 %s in %j', (argument, filter) => {
    const check = () => checkEventFilter(filter as EventFilter);
    expect(check).toThrow(InvalidArgumentError);
    expect(check).toThrow(expect.objectContaining({ argument }));
  });

  test('L20 so is a near miss of a method, when the server has the version of the types', () => {
    const filter = { methods: ['turn/started', 'turn/complete'] } as object;
    const check = (server?: string) => () => checkEventFilter(filter, server);
    expect(check(PROTOCOL_VERSION)).toThrow('filter.methods[1]: the protocol has no method "turn/complete"');
    expect(check('0.170.0')).not.toThrow();
    expect(check()).not.toThrow();
    expect(() => checkEventFilter({ methods: ['far/off' as 'error'] }, PROTOCOL_VERSION)).not.toThrow();
  });

  test('one that can is not', () => {
    const filter = { kind: 'request', methods: ['item/tool/call'], threadId: 't', turnId: 'u' } as const;
    expect(() => checkEventFilter(filter)).not.toThrow();
    expect(() => checkEventFilter({})).not.toThrow();
    expect(() => checkEventFilter({ kind: 'notification' })).not.toThrow();
  });

  test.each<[string, unknown]>([
    ['"notification" or "request"', { kind: 'response' }],
    ['at least one method', { methods: [] }],
  ])('L20 it says what is expected: %s', (expected, filter) => {
    expect(() => checkEventFilter(filter as EventFilter)).toThrow(expected);
  });
});
