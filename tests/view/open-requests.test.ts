/** The server requests of a view: which it has, how they are named, and what takes them away. */
import { emptyView, requestKey, type ThreadView, threadIdOf } from 'codex-async-client/view';
import { describe, expect, test } from 'vitest';
import { SERVER_REQUEST_METHODS, type ServerRequests } from '../../src/protocol/generated.js';
import { agentMessage, applied, asked, THREAD, TURN, told, turn, viewAfter } from './told.js';

const APPROVAL = 'item/commandExecution/requestApproval';
const keysOf = (view: ThreadView) => view.requests.map(({ key }) => key);

describe('a server request', () => {
  test('is there with its key, its facts, its turn and its item', () => {
    const message = asked(0, APPROVAL, { itemId: 'call', reason: 'May I?' });
    expect(viewAfter(message).requests).toEqual([
      { key: '0:0', id: 0, method: APPROVAL, params: message.params, turnId: TURN, itemId: 'call' },
    ]);
  });

  test.each<[keyof ServerRequests, object, object]>([
    ['item/tool/call', { callId: 'call' }, { turnId: TURN, itemId: 'call' }],
    ['mcpServer/elicitation/request', { turnId: null }, { turnId: null, itemId: null }],
    ['item/permissions/requestApproval', {}, { turnId: TURN, itemId: 'item' }],
  ])('of method %s is placed in its thread', (method, params, place) => {
    expect(viewAfter(asked(1, method, params)).requests).toMatchObject([{ method, ...place }]);
  });

  test('of the old protocol belongs to the conversation that it names', () => {
    const params = { conversationId: THREAD, callId: 'call' };
    const view = viewAfter({ kind: 'request', id: 1, method: 'execCommandApproval', params });
    expect(view).toMatchObject({ threadId: THREAD, requests: [{ turnId: null, itemId: 'call' }] });
  });

  test('is there once when the server sends it again, and the view is the same', () => {
    const view = viewAfter(asked(1, APPROVAL));
    expect(applied(view, { ...asked(1, APPROVAL, { startedAtMs: 5 }) })).toBe(view);
  });

  test.each([
    ['another item', asked(0, APPROVAL, { itemId: 'other' })],
    ['another turn', asked(0, APPROVAL, { turnId: 'other' })],
    ['something else', asked(0, 'item/fileChange/requestApproval')],
  ])('takes the place of an earlier one with its id that was about %s', (_, other) => {
    const view = viewAfter(asked(0, APPROVAL), asked(1, APPROVAL), other);
    expect(view.requests).toMatchObject([{ id: 1 }, { id: 0, params: other.params }]);
  });

  test('without an id, without params or of another thread changes nothing', () => {
    const view = emptyView({ threadId: THREAD });
    const { kind, method, params } = asked(0, APPROVAL);
    expect(applied(view, { kind, method, params })).toBe(view);
    expect(applied(view, { kind, id: 0, method, params: null })).toBe(view);
    expect(applied(view, asked(0, APPROVAL, { threadId: 'another' }))).toBe(view);
  });

  test('is in the view unless it is for the program alone', () => {
    const left = SERVER_REQUEST_METHODS.filter((method) => viewAfter(asked(0, method)).requests.length === 0);
    expect(left).toEqual(['account/chatgptAuthTokens/refresh', 'attestation/generate', 'currentTime/read']);
  });
});

describe('the key of a request', () => {
  test('is of the epoch and the id, of which 0 and "0" are two', () => {
    const view = applied(emptyView({ epoch: 'b7' }), asked(0, APPROVAL), asked('0', APPROVAL));
    expect(keysOf(view)).toEqual(['b7:0', 'b7:"0"']);
    expect(keysOf(view)).toEqual([requestKey(0, 'b7'), requestKey('0', 'b7')]);
    expect(requestKey(3)).toBe('0:3');
  });
});

describe('a server request is taken away', () => {
  const view = viewAfter(
    asked(0, APPROVAL),
    asked(1, APPROVAL, { turnId: 'another' }),
    asked(2, 'mcpServer/elicitation/request', { turnId: null }),
  );

  test('when the server calls it resolved', () => {
    expect(keysOf(applied(view, told('serverRequest/resolved', { requestId: 1 })))).toEqual(['0:0', '0:2']);
  });

  test('by no other id', () => {
    expect(applied(view, told('serverRequest/resolved', { requestId: '1' }))).toBe(view);
  });

  test('at the end of its turn', () => {
    expect(keysOf(applied(view, told('turn/completed', { turn: turn({ status: 'interrupted' }) })))).toEqual([
      '0:1',
      '0:2',
    ]);
  });

  test('of a tool when the item of its call is completed, and no other request with it', () => {
    const call = { callId: 'call', itemId: undefined };
    const asking = viewAfter(
      asked(0, 'item/tool/call', call),
      asked(1, 'item/tool/call', { ...call, turnId: 'another' }),
      asked(2, 'item/tool/requestUserInput', { itemId: 'call' }),
    );
    const item = agentMessage('call', '');
    expect(keysOf(applied(asking, told('item/completed', { item })))).toEqual(['0:1', '0:2']);
  });

  test.each(['thread/closed', 'thread/deleted'] as const)('at %s', (method) => {
    expect(keysOf(applied(view, told(method)))).toEqual([]);
  });
});

test('the thread of a message is found wherever the protocol names it', () => {
  expect(threadIdOf(told('thread/closed'))).toBe(THREAD);
  expect(threadIdOf({ params: { thread: { id: 'a' } } })).toBe('a');
  expect(threadIdOf({ params: { conversationId: 'a' } })).toBe('a');
  expect(threadIdOf({ params: { threadId: null } })).toBeUndefined();
  expect(threadIdOf({ params: 'text' })).toBeUndefined();
});
