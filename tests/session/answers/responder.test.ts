/** Our answers to the server: once each, those that were given beforehand included, and counted until the pipe takes them. */
import { Writable } from 'node:stream';
import {
  AlreadyRespondedError,
  InvalidArgumentError,
  type ServerNotification,
  type ServerRequest,
  type StandingAnswers,
} from 'codex-async-client';
import { describe, expect, test, vi } from 'vitest';
import { Responder } from '../../../src/session/answers/responder.js';
import { StandingAnswerTable } from '../../../src/session/answers/standing-answers.js';
import { LineWriter } from '../../../src/wire/line-writer.js';
import { OutgoingText } from '../../../src/wire/outgoing-text.js';
import { ask } from '../../helpers/messages.js';
import { outcomeOf, turn } from '../../helpers/piped-server.js';
import { startFlow } from '../streams/fake-flow.js';

const TOOL_RESULT = { contentItems: [], success: true };

/** A responder whose pipe takes a write only when it is told to. */
function startResponder(standing?: StandingAnswers, maxBytes = 1_000, maxTextBytes?: number) {
  const { flow, pipe } = startFlow({ maxBytes });
  const written: string[] = [];
  const pending: (() => void)[] = [];
  const stdin = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      written.push(chunk.toString());
      pending.push(done);
    },
  });
  const takeWrites = () => {
    for (const done of pending.splice(0)) done();
  };
  const writer = new LineWriter(stdin, flow, new OutgoingText(1_000, maxTextBytes), { sent: () => {} });
  const responder = new Responder(new StandingAnswerTable(standing), writer, flow);
  return { responder, flow, pipe, written, takeWrites };
}

describe('an answer', () => {
  test('L12 is written once, and settles when the pipe has taken it', async () => {
    const { responder, written, takeWrites } = startResponder();
    const request = ask(0);
    responder.ledger.received(request);
    expect(responder.answerBeforehand(request)).toBe(false);
    expect(responder.ledger.openCount).toBe(1);
    const answer = responder.respond(request, TOOL_RESULT);
    expect(() => responder.respond(0, TOOL_RESULT)).toThrow(AlreadyRespondedError);
    expect(() => responder.respondError(request, 1, 'no', undefined)).toThrow(AlreadyRespondedError);
    expect(await outcomeOf(answer)).toBe('pending');
    takeWrites();
    expect(await outcomeOf(answer)).toBeUndefined();
    expect(written).toEqual([`{"id":0,"result":${JSON.stringify(TOOL_RESULT)}}\n`]);
  });

  test('L12 that is no JSON is refused, and the request can still be answered', async () => {
    const { responder, written, takeWrites } = startResponder();
    const request = ask(0);
    responder.ledger.received(request);
    expect(() => responder.respond(request, undefined)).toThrow(InvalidArgumentError);
    expect(() => responder.respondError(request, 1, 'no', 1n)).toThrow(InvalidArgumentError);
    const named = (argument: string) => expect.objectContaining({ argument });
    expect(() => responder.respond(request, undefined)).toThrow(named('result'));
    expect(() => responder.respondError(request, 1, 'no', 1n)).toThrow(named('data'));
    expect(responder.ledger.isOpen(request)).toBe(true);
    const answer = responder.respond(0, null);
    await turn();
    takeWrites();
    await answer;
    expect(written).toEqual(['{"id":0,"result":null}\n']);
  });

  test('L12 that is longer than the server takes leaves the request answerable', () => {
    const { responder, written } = startResponder(undefined, 1_000, 20);
    const request = ask(0);
    responder.ledger.received(request);
    const long = 'x'.repeat(20);
    expect(() => responder.respond(request, long)).toThrow(
      'result: expected at most 20 bytes of JSON, got 22',
    );
    expect(() => responder.respondError(request, 1, 'no', long)).toThrow('data: expected at most 20 bytes');
    expect(responder.ledger.isOpen(request)).toBe(true);
    expect(written).toEqual([]);
  });

  test('L12 that cannot be made a line leaves the request answerable', async () => {
    const { responder, written } = startResponder();
    const request = ask(0);
    responder.ledger.received(request);
    const stringify = JSON.stringify.bind(JSON);
    // What is half a gigabyte long in earnest: with its envelope it is longer than the longest string.
    const spy = vi.spyOn(JSON, 'stringify').mockImplementation((value) => {
      if (value === request.id) throw new RangeError('Invalid string length');
      return stringify(value);
    });
    expect(() => responder.respond(request, TOOL_RESULT)).toThrow(InvalidArgumentError);
    expect(() => responder.respondError(request, 1, 'no', undefined)).toThrow(InvalidArgumentError);
    spy.mockRestore();
    expect(responder.ledger.isOpen(request)).toBe(true);
    responder.respond(request, TOOL_RESULT);
    await turn();
    expect(written).toHaveLength(1);
  });

  test('L12 a refusal has code and message, and data only when some is given', async () => {
    const { responder, written } = startResponder();
    for (const id of [1, 2, 3]) responder.ledger.received(ask(id));
    responder.respondError(1, -32_000, 'no', undefined);
    responder.respondError(2, -32_000, 'no', { why: 'late' });
    responder.respondError(3, -32_000, 'no', null);
    await turn();
    expect(written.join('')).toBe(
      [
        '{"id":1,"error":{"code":-32000,"message":"no"}}',
        '{"id":2,"error":{"code":-32000,"message":"no","data":{"why":"late"}}}',
        '{"id":3,"error":{"code":-32000,"message":"no","data":null}}',
        '',
      ].join('\n'),
    );
  });
});

describe('what the server tells of its requests', () => {
  const notification = (method: string, params: unknown) =>
    ({ kind: 'notification', method, params }) as ServerNotification;

  test.each([
    ['serverRequest/resolved', { threadId: 'thread', requestId: 0 }, [false, true, true]],
    ['turn/completed', { threadId: 'thread', turn: { id: 'turn' } }, [false, false, true]],
    ['turn/completed', { threadId: 'thread' }, [true, true, true]],
    ['thread/closed', { threadId: 'thread' }, [false, false, true]],
    ['thread/closed', undefined, [true, true, true]],
    ['serverRequest/resolved', undefined, [true, true, true]],
    ['thread/name/updated', { threadId: 'thread' }, [true, true, true]],
  ])('L12 %s %j says which are still open', (method, params, isOpen) => {
    const { responder } = startResponder();
    const requests = [ask(0), ask(1), ask(2, { threadId: 'other', turnId: 'other' })];
    for (const request of requests) responder.ledger.received(request);
    responder.note(notification(method, params));
    expect(requests.map((request) => responder.ledger.isOpen(request))).toEqual(isOpen);
  });
});

describe('a standing answer', () => {
  const standing: StandingAnswers = { 'item/tool/call': { contentItems: [], success: false } };
  const receive = (responder: Responder, request: ServerRequest) => {
    const received = responder.ledger.received(request);
    return received !== undefined && responder.answerBeforehand(received);
  };

  test('L17 is written when the request is read, which nobody needs to see any more', async () => {
    const { responder, written } = startResponder(standing);
    const request = ask(0);
    responder.ledger.received(request);
    expect(responder.answerBeforehand(request)).toBe(true);
    expect(responder.ledger.openCount).toBe(0);
    expect(() => responder.respond(request, TOOL_RESULT)).toThrow(AlreadyRespondedError);
    await turn();
    expect(written).toEqual(['{"id":0,"result":{"contentItems":[],"success":false}}\n']);
    expect(responder.standingAnswers.given).toBe(1);
  });

  test('L6 counts as held until the pipe takes it: a server that asks and does not read stops being read', async () => {
    const { responder, flow, pipe, takeWrites } = startResponder(standing, 100);
    receive(responder, ask(0));
    flow.decide();
    expect(pipe.isRead).toBe(true);
    receive(responder, ask(1));
    flow.decide();
    expect(flow.isFull).toBe(true);
    expect(pipe.isRead).toBe(false);
    await turn();
    expect(pipe.isRead).toBe(false);
    takeWrites();
    await turn();
    expect(flow.isFull).toBe(false);
    expect(pipe.isRead).toBe(true);
  });
});
