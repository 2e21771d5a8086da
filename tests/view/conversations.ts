/** Conversations that a server may have, for property tests: turns with items that begin, grow and mostly end. */
import type { ViewMessage } from 'codex-async-client/view';
import fc from 'fast-check';
import type { ThreadItem } from '../../src/protocol/generated.js';
import { agentMessage, turn } from './told.js';

type Params = Readonly<Record<string, unknown>>;

const notification = (method: string, params: Params): ViewMessage => ({
  kind: 'notification',
  method,
  params,
});

const pieces = fc.array(fc.string({ maxLength: 3 }), { maxLength: 4 });

/** An item by its text in pieces: its messages, without their thread and turn. */
type Told = (id: string, pieces: readonly string[], isFinished: boolean) => ViewMessage[];

/** An item that begins empty, grows by one kind of delta and ends whole. */
function growing(method: string, more: Params, itemOf: (id: string, text: string) => ThreadItem): Told {
  return (id, texts, isFinished) => [
    notification('item/started', { item: itemOf(id, '') }),
    ...texts.map((delta) => notification(method, { itemId: id, delta, ...more })),
    ...(isFinished ? [notification('item/completed', { item: itemOf(id, texts.join('')) })] : []),
  ];
}

/** The items of a conversation. */
const ITEMS: Readonly<Record<string, Told>> = {
  agentMessage: growing('item/agentMessage/delta', {}, agentMessage),
  plan: growing('item/plan/delta', {}, (id, text) => ({ type: 'plan', id, text })),
  summary: growing('item/reasoning/summaryTextDelta', { summaryIndex: 0 }, (id, text) => ({
    type: 'reasoning',
    id,
    summary: text === '' ? [] : [text],
    content: [],
  })),
  content: growing('item/reasoning/textDelta', { contentIndex: 0 }, (id, text) => ({
    type: 'reasoning',
    id,
    summary: [],
    content: text === '' ? [] : [text],
  })),
  compaction: (id) => [notification('item/completed', { item: { type: 'contextCompaction', id } })],
};

const item = fc.tuple(fc.constantFrom(...Object.values(ITEMS)), pieces, fc.boolean());
const oneTurn = fc.record({
  items: fc.array(item, { maxLength: 3 }),
  diffs: fc.array(fc.string({ maxLength: 2 }), { maxLength: 2 }),
  status: fc.constantFrom('completed' as const, 'interrupted' as const, 'failed' as const),
  hasRequest: fc.boolean(),
});

/** All messages of a thread, in order. */
export const conversation = (threadId: string): fc.Arbitrary<ViewMessage[]> =>
  fc.array(oneTurn, { maxLength: 3 }).map((turns) =>
    turns
      .flatMap(({ items, diffs, status, hasRequest }, index) => {
        const turnId = `turn ${index}`;
        const messages = [
          notification('turn/started', { turn: turn({ id: turnId }) }),
          ...items.flatMap(([tell, texts, isFinished], place) => tell(`item ${place}`, texts, isFinished)),
          ...diffs.map((diff) => notification('turn/diff/updated', { diff })),
          ...(hasRequest
            ? [{ ...notification('item/tool/call', { callId: 'call' }), kind: 'request' as const, id: index }]
            : []),
          notification('turn/completed', { turn: turn({ id: turnId, status, completedAt: 2 }) }),
        ];
        return messages.map((message) => withPlace(message, { turnId }));
      })
      .map((message) => withPlace(message, { threadId })),
  );

function withPlace(message: ViewMessage, place: Params): ViewMessage {
  return { ...message, params: { ...(message.params as Params), ...place } };
}
