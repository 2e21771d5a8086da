/** The ledger of the server's requests: each is answered at most once, and not after the server settled it. */
import {
  AlreadyRespondedError,
  type AnyServerRequest,
  InvalidArgumentError,
  type ServerRequest,
  StaleRequestError,
} from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { ServerRequests } from '../../../src/session/answers/server-requests.js';
import type { RequestId } from '../../../src/wire/wire-message.js';
import { ask, delta } from '../../helpers/messages.js';

/** How many settled requests are remembered by id. */
const REMEMBERED = 1_024;

const request = (id: RequestId): ServerRequest<'item/tool/call'> => ({ ...ask(0), id });

/** What a reader gets of a request, which is one that is to be answered. */
function received(ledger: ServerRequests, asked: ServerRequest): ServerRequest {
  const given = ledger.received(asked);
  if (given === undefined) throw new Error('it was answered before');
  return given;
}

/** A ledger that has received these. */
function startLedger(...ids: readonly RequestId[]) {
  const ledger = new ServerRequests();
  const requests = ids.map((id) => received(ledger, request(id)));
  return { ledger, requests };
}

describe('answering', () => {
  test('L12 gives the right once, by the request or by its id', () => {
    const { ledger, requests } = startLedger('a', 'b');
    const [first] = requests;
    expect(ledger.openCount).toBe(2);
    expect(first && ledger.claimAnswer(first)).toBe('a');
    expect(ledger.claimAnswer('b')).toBe('b');
    expect(ledger.openCount).toBe(0);
    for (const again of ['a', 'b', ...requests]) {
      expect(() => ledger.claimAnswer(again)).toThrow(AlreadyRespondedError);
    }
    expect(() => ledger.claimAnswer('a')).toThrow('item/tool/call (id "a") was answered already');
  });

  test('L12 takes 0, "0" and "" for three ids', () => {
    const ids = [0, '0', ''];
    const { ledger } = startLedger(...ids);
    expect(ledger.openCount).toBe(3);
    ledger.resolved('0');
    expect(ledger.claimAnswer(0)).toBe(0);
    expect(() => ledger.claimAnswer('0')).toThrow(StaleRequestError);
    expect(ledger.claimAnswer('')).toBe('');
  });

  test('L12 an id that nobody asked under is stale', () => {
    const { ledger } = startLedger('a');
    expect(() => ledger.claimAnswer('b')).toThrow('no server request with id "b" waits for an answer');
  });

  test('L12 a request of somebody else is refused, though it has the id of one that is open', () => {
    const { ledger } = startLedger(7);
    expect(() => ledger.claimAnswer(request(7))).toThrow(StaleRequestError);
    expect(() => ledger.claimAnswer(request(7))).toThrow('to answer a copy of one, give its id');
    expect(ledger.openCount).toBe(1);
    expect(ledger.claimAnswer(7)).toBe(7);
  });

  test.each<[unknown]>([[undefined], [null], [true], [{}], [{ id: null }]])(
    'L20 %j is neither a request nor an id',
    (argument) => {
      const { ledger } = startLedger(0);
      const claim = () => ledger.claimAnswer(argument as RequestId);
      expect(claim).toThrow(InvalidArgumentError);
      expect(claim).toThrow(expect.objectContaining({ argument: 'request' }));
      expect(claim).toThrow('expected a server request from this client or its id');
    },
  );

  test('L12 the same request sent again is the same request: one answer, one signal', () => {
    const { ledger, requests } = startLedger(1, 1);
    const [first, again] = requests;
    if (first === undefined || again === undefined) throw new Error('two were received');
    expect(requests.map(({ replayed }) => replayed)).toEqual([undefined, true]);
    expect(ledger.openCount).toBe(1);
    expect(ledger.withdrawalOf(again)).toBe(ledger.withdrawalOf(first));
    expect(ledger.claimAnswer(again)).toBe(1);
    for (const one of requests) expect(() => ledger.claimAnswer(one)).toThrow(AlreadyRespondedError);
  });

  test('L12 one that is asked again after our answer is nobody’s: the two have crossed', () => {
    const { ledger, requests } = startLedger(1);
    ledger.claimAnswer(1);
    expect(ledger.received(request(1))).toBeUndefined();
    expect(ledger.openCount).toBe(0);
    expect(requests.map((one) => ledger.isOpen(one))).toEqual([false]);
    expect(() => ledger.claimAnswer(1)).toThrow(AlreadyRespondedError);
  });

  test('L12 one that is asked again after the server settled it is a new one', () => {
    const { ledger } = startLedger(1);
    ledger.resolved(1);
    const again = ledger.received(request(1));
    expect(again?.replayed).toBeUndefined();
    expect(ledger.claimAnswer(1)).toBe(1);
  });

  test('L12 an answered id that is used for another request means that', () => {
    const { ledger } = startLedger(1);
    ledger.claimAnswer(1);
    const other = { ...request(1), params: { threadId: 'other' } } as ServerRequest;
    expect(ledger.received(other)).toBe(other);
    expect(ledger.claimAnswer(other)).toBe(1);
  });

  test.each([
    ['thread', { threadId: 'other' }],
    ['turn', { turnId: 'other' }],
    ['item', { itemId: 'other' }],
    ['call', { callId: 'other' }],
  ])(
    'L12 an id that is used for another %s means the newer request, and the older one is stale',
    (_, other) => {
      const ledger = new ServerRequests();
      const older = request(1);
      const newer: ServerRequest = { ...older, params: { ...older.params, ...other } };
      ledger.received(older);
      const signal = ledger.withdrawalOf(older);
      ledger.received(newer);
      expect(signal.aborted).toBe(true);
      expect(() => ledger.claimAnswer(older)).toThrow(StaleRequestError);
      expect(ledger.isOpen(newer)).toBe(true);
      expect(ledger.claimAnswer(1)).toBe(1);
    },
  );
});

describe('a request whose turn is over', () => {
  const about = (id: RequestId, threadId: string, turnId: string | null) =>
    ({ ...ask(0, { threadId }), id, params: { threadId, turnId } }) as unknown as ServerRequest;

  test('L12 is stale, and those of other turns and of none are not', () => {
    const ledger = new ServerRequests();
    const requests = [
      about(0, 'a', 'one'),
      about(1, 'a', 'two'),
      about(2, 'a', null),
      about(3, 'b', 'three'),
    ];
    const signals = requests.map((one) => ledger.withdrawalOf(received(ledger, one)));
    ledger.ended('a', 'one');
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false, false, false]);
    expect(signals[0]?.reason).toBeInstanceOf(StaleRequestError);
    expect(ledger.openCount).toBe(3);
    expect(() => ledger.claimAnswer(0)).toThrow('its turn is over');
  });

  test('L12 is stale with all of its thread, when that is closed', () => {
    const ledger = new ServerRequests();
    const requests = [about(0, 'a', 'one'), about(1, 'a', null), about(2, 'b', 'one')];
    for (const one of requests) ledger.received(one);
    ledger.ended('a', undefined);
    expect(requests.map((one) => ledger.isOpen(one))).toEqual([false, false, true]);
  });

  test('L12 an end that names no thread ends nothing', () => {
    const { ledger } = startLedger(0);
    ledger.ended(undefined, undefined);
    expect(ledger.openCount).toBe(1);
  });
});

test('L12 an id that is used for another method means the newer request', () => {
  const ledger = new ServerRequests();
  const older = request(1);
  const other: AnyServerRequest = { ...older, method: 'item/tool/requestUserInput' };
  // Its params play no part here.
  const newer = other as ServerRequest;
  ledger.received(older);
  ledger.received(newer);
  expect(ledger.isOpen(older)).toBe(false);
  expect(ledger.isOpen(newer)).toBe(true);
  expect(ledger.openCount).toBe(1);
});

describe('a request that the server settled', () => {
  test('L12 is stale, also when it was never seen', () => {
    const { ledger, requests } = startLedger('a');
    ledger.resolved('a');
    ledger.resolved('never');
    for (const one of ['a', ...requests]) {
      expect(() => ledger.claimAnswer(one)).toThrow('item/tool/call (id "a") needs no answer any more');
    }
    expect(() => ledger.claimAnswer('never')).toThrow(StaleRequestError);
  });

  test('L12 stays answered when it was answered before', () => {
    const { ledger } = startLedger('a');
    ledger.claimAnswer('a');
    ledger.resolved('a');
    ledger.close();
    expect(() => ledger.claimAnswer('a')).toThrow(AlreadyRespondedError);
  });

  test('L12 is told by its signal, and so is the end of the server; an answer fires none', () => {
    const { ledger, requests } = startLedger('resolved', 'answered', 'left');
    const signals = requests.map((one) => ledger.withdrawalOf(one));
    ledger.resolved('resolved');
    ledger.claimAnswer('answered');
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false, false]);
    ledger.close();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false, true]);
    expect(signals[0]?.reason).toBeInstanceOf(StaleRequestError);
    expect(String(signals[0]?.reason)).toContain(
      'item/tool/call (id "resolved") was settled without this client\'s answer',
    );
    expect(ledger.openCount).toBe(0);
  });

  test('L12 is told by its signal at the end of the server, also when its id was used again', () => {
    const { ledger, requests } = startLedger(1, 1);
    const signals = requests.map((one) => ledger.withdrawalOf(one));
    ledger.close();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
    expect(requests.map((one) => ledger.isOpen(one))).toEqual([false, false]);
  });

  test('has a signal that has fired when somebody asks for it later, and always the same one', () => {
    const { ledger, requests } = startLedger('a', 'b');
    const [first, second] = requests;
    if (first === undefined || second === undefined) throw new Error('two were received');
    ledger.resolved('a');
    const signal = ledger.withdrawalOf(first);
    expect(signal.aborted).toBe(true);
    expect(ledger.withdrawalOf(first)).toBe(signal);
    expect(ledger.withdrawalOf(second).aborted).toBe(false);
    expect(() => ledger.withdrawalOf(request('a'))).toThrow(StaleRequestError);
  });
});

describe('what is open', () => {
  test('is a request that waits for an answer, and nothing else', () => {
    const { ledger, requests } = startLedger('a', 'b', 'c');
    ledger.claimAnswer('a');
    ledger.resolved('b');
    expect(requests.map((one) => ledger.isOpen(one))).toEqual([false, false, true]);
    expect(ledger.isOpen(request('c'))).toBe(false);
    expect(ledger.isOpen(delta(1))).toBe(false);
    ledger.close();
    expect(requests.map((one) => ledger.isOpen(one))).toEqual([false, false, false]);
  });
});

test('what is open on a thread is what was asked there and waits, in order', () => {
  const ledger = new ServerRequests();
  const asked = [1, 2, 3, 4].map((n) => ledger.received(ask(n, { threadId: n === 2 ? 'other' : 'thread' })));
  ledger.claimAnswer(1);
  const open = ledger.openOn('thread');
  expect(open).toEqual([asked[2], asked[3]]);
  expect(open[0]).toBe(asked[2]);
  ledger.close();
  expect(ledger.openOn('thread')).toEqual([]);
});

describe('what another connection was asked', () => {
  const before = { id: 1, method: 'item/tool/call', threadId: 'thread', turnId: 'turn', itemId: 'call 1' };
  const again = ask(1);

  test('is asked again by the same request, until it is answered', () => {
    const ledger = new ServerRequests();
    expect(ledger.asks(before)).toBe(false);
    ledger.received(again);
    expect(ledger.asks(before)).toBe(true);
    ledger.claimAnswer(1);
    expect(ledger.asks(before)).toBe(false);
  });

  test.each([
    { id: 2 },
    { method: 'item/fileChange/requestApproval' },
    { threadId: 'other' },
    { turnId: 'other' },
    { itemId: 'other' },
  ])('is not asked again by one of which it differs in %j', (other) => {
    const ledger = new ServerRequests();
    ledger.received(again);
    expect(ledger.asks({ ...before, ...other })).toBe(false);
  });

  test('is never known again without a turn and an item: another one would look like it', () => {
    const ledger = new ServerRequests();
    const params = { threadId: 'thread' };
    ledger.received({ ...ask(1), params } as unknown as ServerRequest);
    expect(ledger.asks({ ...before, turnId: undefined, itemId: undefined })).toBe(false);
  });
});

describe('what is remembered', () => {
  test('L6 is the 1,024 requests that were settled last; of one before them its id is unknown', () => {
    const ids = Array.from({ length: REMEMBERED + 1 }, (_, id) => id);
    const { ledger, requests } = startLedger(...ids);
    for (const id of ids.slice(0, -1)) ledger.claimAnswer(id);
    expect(() => ledger.claimAnswer(0)).toThrow(AlreadyRespondedError);
    ledger.claimAnswer(REMEMBERED);
    expect(() => ledger.claimAnswer(0)).toThrow('no server request with id 0 waits for an answer');
    for (const id of [1, 2, REMEMBERED]) expect(() => ledger.claimAnswer(id)).toThrow(AlreadyRespondedError);
    // Its message is known for as long as somebody has it.
    expect(() => requests[0] && ledger.claimAnswer(requests[0])).toThrow(AlreadyRespondedError);
  });

  test('L6 counts an id once, at the time it was settled last', () => {
    const ledger = new ServerRequests();
    const settle = (id: RequestId, callId = 'call') => {
      ledger.received({ ...request(id), params: { ...request(id).params, callId } });
      ledger.claimAnswer(id);
    };
    settle('again');
    for (let id = 0; id < REMEMBERED - 1; id += 1) settle(id);
    settle('again', 'another call');
    settle('one more');
    expect(() => ledger.claimAnswer('again')).toThrow(AlreadyRespondedError);
    expect(() => ledger.claimAnswer(0)).toThrow(StaleRequestError);
    expect(() => ledger.claimAnswer(1)).toThrow(AlreadyRespondedError);
  });

  test('L6 requests that wait for an answer are no part of it', () => {
    const open = Array.from({ length: 2 * REMEMBERED }, (_, id) => id);
    const { ledger } = startLedger(...open);
    expect(ledger.openCount).toBe(2 * REMEMBERED);
    for (const id of open) expect(ledger.claimAnswer(id)).toBe(id);
  });
});
