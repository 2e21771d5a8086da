/** The fold as a whole: pure, of one thread, and the same however its messages are cut and mixed. */
import { applyMessage, emptyView, type ThreadView, type ViewMessage } from 'codex-async-client/view';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { conversation } from './conversations.js';
import { agentMessage, applied, asked, frozen, THREAD, told, turn, turnOf, viewAfter } from './told.js';

const folded = (messages: readonly ViewMessage[], view: ThreadView = emptyView()) =>
  messages.reduce(applyMessage, view);

describe('a view is of one thread', () => {
  const delta = told('item/agentMessage/delta', { itemId: 'a', delta: 'x' });
  const others = told('item/agentMessage/delta', { threadId: 'sub-agent', itemId: 'a', delta: 'y' });

  test('that of the first message that changes it', () => {
    const idle = told('thread/archived', { threadId: 'listed' });
    expect(viewAfter(idle, delta).threadId).toBe(THREAD);
  });

  test('or the one that it was made for', () => {
    const view = emptyView({ threadId: 'sub-agent' });
    expect(applied(view, delta)).toBe(view);
    expect(applied(view, others).turns).toHaveLength(1);
  });

  test('and messages of others, such as sub-agents, or of none leave it as it is', () => {
    const view = viewAfter(delta);
    const ofNone = {
      kind: 'notification' as const,
      method: 'warning',
      params: { threadId: null, message: 'm' },
    };
    expect(applied(view, others, asked(0, 'item/tool/call', { threadId: 'sub-agent' }), ofNone)).toBe(view);
  });
});

describe('a message that nobody knows changes nothing', () => {
  const view = viewAfter(told('turn/started', { turn: turn() }));

  test.each<[string, ViewMessage]>([
    ['a notification to come', { kind: 'notification', method: 'turn/dreamt', params: { threadId: THREAD } }],
    ['a request to come', { kind: 'request', id: 0, method: 'item/dream', params: { threadId: THREAD } }],
    [
      'the name of a member of all objects',
      { kind: 'notification', method: 'toString', params: { threadId: THREAD } },
    ],
    [
      'the same as a request',
      { kind: 'request', id: 0, method: 'constructor', params: { threadId: THREAD } },
    ],
    ['without params', { kind: 'notification', method: 'turn/started', params: undefined }],
    ['with params that are a list', { kind: 'notification', method: 'turn/started', params: [1] }],
  ])('%s', (_, message) => {
    expect(applied(view, message)).toBe(view);
  });
});

test('only the path of a change is new', () => {
  const view = viewAfter(
    told('item/completed', { turnId: 'first', item: agentMessage('a', 'x') }),
    told('item/completed', { turnId: 'second', item: agentMessage('b', 'y') }),
    told('item/agentMessage/delta', { turnId: 'second', itemId: 'c', delta: 'z' }),
    asked(0, 'item/tool/call'),
  );
  const next = applied(view, told('item/agentMessage/delta', { turnId: 'second', itemId: 'c', delta: '!' }));
  expect(next).not.toBe(view);
  expect(next.turns[1]).not.toBe(view.turns[1]);
  expect(next.turns[1]?.items[1]).not.toBe(view.turns[1]?.items[1]);
  expect(next.turns[0]).toBe(view.turns[0]);
  expect(next.turns[1]?.items[0]).toBe(view.turns[1]?.items[0]);
  expect(next.requests).toBe(view.requests);
});

test('a reader who comes late has every item that ends after that, and the end', () => {
  const deltas = ['Hel', 'lo'].map((delta) => told('item/agentMessage/delta', { itemId: 'a', delta }));
  const ends = [
    told('item/completed', { item: agentMessage('a', 'Hello') }),
    told('turn/completed', { turn: turn({ status: 'completed' }) }),
  ];
  const late = viewAfter(...deltas.slice(1));
  expect(turnOf(late)).toMatchObject({ status: 'inProgress', startedAt: null });
  expect(turnOf(late).items).toMatchObject([{ text: 'lo', state: 'partial' }]);
  const whole = viewAfter(told('item/started', { item: agentMessage('a', '') }), ...deltas, ...ends);
  expect(applied(late, ...ends)).toStrictEqual(whole);
});

describe('any conversation', () => {
  test('is folded without a change to a view or a message, and a new view says something new', () => {
    fc.assert(
      fc.property(conversation(THREAD), (messages) => {
        let view = frozen(emptyView());
        for (const message of messages) {
          const next = frozen(applyMessage(view, frozen(message)));
          if (next !== view) expect(next).not.toStrictEqual(view);
          view = next;
        }
      }),
    );
  });

  test('gives the same view however its deltas are cut or merged', () => {
    const cuts = fc.infiniteStream(fc.nat({ max: 3 }));
    fc.assert(
      fc.property(conversation(THREAD), cuts, (messages, cut) => {
        const split = messages.flatMap((message) => splitDelta(message, () => cut.next().value ?? 0));
        expect(folded(split)).toStrictEqual(folded(messages));
        expect(folded(merged(messages))).toStrictEqual(folded(messages));
      }),
    );
  });

  test('gives the same view when another thread’s is mixed into it', () => {
    fc.assert(
      fc.property(
        conversation('left'),
        conversation('right'),
        fc.infiniteStream(fc.boolean()),
        (left, right, takes) => {
          const mixed = interleaved(left, right, () => takes.next().value === true);
          for (const [threadId, own] of [
            ['left', left],
            ['right', right],
          ] as const) {
            const view = emptyView({ threadId });
            expect(folded(mixed, view)).toStrictEqual(folded(own, view));
          }
        },
      ),
    );
  });

  test('gives the same view when all of it comes a second time', () => {
    fc.assert(
      fc.property(conversation(THREAD), (messages) => {
        const finished = messages.filter((message) => !isUnfinished(message, messages));
        expect(folded(finished, folded(finished))).toStrictEqual(folded(finished));
      }),
    );
  });
});

/** A delta as two, cut where the test wants. */
function splitDelta(message: ViewMessage, cutAt: () => number): ViewMessage[] {
  const { delta, ...params } = Object(message.params);
  if (typeof delta !== 'string' || delta === '') return [message];
  const at = Math.min(cutAt(), delta.length);
  return [delta.slice(0, at), delta.slice(at)].map((part) => ({
    ...message,
    params: { ...params, delta: part },
  }));
}

/** Neighbouring deltas of one item as one. */
function merged(messages: readonly ViewMessage[]): ViewMessage[] {
  const grown: ViewMessage[] = [];
  for (const message of messages) {
    const last = grown.at(-1);
    const [before, now] = [Object(last?.params), Object(message.params)];
    const isSame = last?.method === message.method && before.itemId === now.itemId && 'delta' in now;
    if (isSame) grown.pop();
    grown.push(isSame ? { ...message, params: { ...now, delta: before.delta + now.delta } } : message);
  }
  return grown;
}

function interleaved(
  left: readonly ViewMessage[],
  right: readonly ViewMessage[],
  takesLeft: () => boolean,
): ViewMessage[] {
  const [lefts, rights] = [[...left], [...right]];
  const mixed: ViewMessage[] = [];
  for (;;) {
    const next = (rights.length === 0 || takesLeft() ? lefts.shift() : undefined) ?? rights.shift();
    if (next === undefined) return mixed;
    mixed.push(next);
  }
}

/** Whether a message is of an item that nobody ever finished: its deltas, told again, are more text. */
function isUnfinished({ params }: ViewMessage, messages: readonly ViewMessage[]): boolean {
  const { turnId, itemId, item } = Object(params);
  const id = itemId ?? item?.id;
  return (
    id !== undefined &&
    !messages.some(
      (other) =>
        other.method === 'item/completed' &&
        Object(other.params).turnId === turnId &&
        Object(other.params).item.id === id,
    )
  );
}
