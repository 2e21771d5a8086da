// A page: it has messages from somewhere, and shows the turn that they tell of.
import { applyMessage, emptyView } from 'codex-async-client/view';

const ids = { threadId: 't', turnId: '1', itemId: 'a' };
const messages = [
  { method: 'turn/started', params: { threadId: 't', turn: { id: '1', items: [], status: 'inProgress' } } },
  { method: 'item/started', params: { ...ids, item: { id: 'a', type: 'agentMessage', text: '' } } },
  { method: 'item/agentMessage/delta', params: { ...ids, delta: 'It ' } },
  { method: 'item/agentMessage/delta', params: { ...ids, delta: 'works.' } },
];

const view = messages.reduce(
  (before, msg) => applyMessage(before, { kind: 'notification', ...msg }),
  emptyView(),
);
globalThis.shown = view.turns[0].items[0].text;
