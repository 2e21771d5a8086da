/** One line to one message and back: the shapes on the wire, and what is no message. */

import { constants } from 'node:buffer';
import { InvalidArgumentError, ProtocolError } from 'codex-async-client';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  errorLine,
  notificationLine,
  parseMessage,
  requestLine,
  resultLine,
} from '../../src/wire/wire-message.js';

/** What reading a line throws. */
function errorOf(line: string): unknown {
  try {
    return parseMessage(line);
  } catch (error) {
    return error;
  }
}

describe('a line from the server', () => {
  test.each<[string, string, object]>([
    [
      'a notification',
      '{"method":"m","params":{"a":1}}',
      { kind: 'notification', method: 'm', params: { a: 1 } },
    ],
    [
      'a notification with the time it was emitted',
      '{"method":"m","params":null,"emittedAtMs":1700000000000}',
      { kind: 'notification', method: 'm', params: null, emittedAtMs: 1_700_000_000_000 },
    ],
    [
      'a notification whose time is no number',
      '{"method":"m","emittedAtMs":"soon"}',
      { kind: 'notification', method: 'm', params: undefined },
    ],
    [
      'a notification without params',
      '{"method":"m"}',
      { kind: 'notification', method: 'm', params: undefined },
    ],
    ['a request', '{"id":7,"method":"m","params":{}}', { kind: 'request', id: 7, method: 'm', params: {} }],
    ['a request with id 0', '{"id":0,"method":"m"}', { kind: 'request', id: 0, method: 'm' }],
    ['a request with id "0"', '{"id":"0","method":"m"}', { kind: 'request', id: '0', method: 'm' }],
    ['a request with an empty id', '{"id":"","method":"m"}', { kind: 'request', id: '', method: 'm' }],
    ['a result', '{"id":0,"result":{"ok":true}}', { kind: 'result', id: 0, result: { ok: true } }],
    ['a result that is null', '{"id":1,"result":null}', { kind: 'result', id: 1, result: null }],
    ['a result that is false', '{"id":1,"result":false}', { kind: 'result', id: 1, result: false }],
    [
      'an error with data',
      '{"id":1,"error":{"code":-32600,"message":"no","data":[0]}}',
      { kind: 'error', id: 1, error: { code: -32600, message: 'no', data: [0] } },
    ],
    [
      'an error without an id',
      '{"id":null,"error":{"code":-32700,"message":"parse error"}}',
      { kind: 'error', id: null, error: { code: -32700, message: 'parse error' } },
    ],
    [
      'a message with a jsonrpc member',
      '{"jsonrpc":"2.0","id":1,"result":1}',
      { kind: 'result', id: 1, result: 1 },
    ],
    ['a message with white space after it', '{"id":1,"result":1} \t\r', { kind: 'result', id: 1, result: 1 }],
  ])('can be %s', (_, line, message) => {
    expect(parseMessage(line)).toEqual(message);
  });

  test.each<[string, string]>([
    ['cut off', '{"id":1,"resu'],
    ['two objects', '{"id":1,"result":1}{"id":2,"result":2}'],
    ['an object with nothing of JSON-RPC', '{"level":"info","msg":"started"}'],
    ['an empty object', '{}'],
    ['a method that is no text', '{"method":5,"params":{}}'],
    ['a request whose id is an object', '{"id":{},"method":"m"}'],
    ['a request whose id is null', '{"id":null,"method":"m"}'],
    ['an answer without result or error', '{"id":1}'],
    ['a result without an id', '{"result":{}}'],
    ['an error that is no object', '{"id":1,"error":"no"}'],
    ['an error without a code', '{"id":1,"error":{"message":"no"}}'],
    ['an error whose code is no number', '{"id":1,"error":{"code":"1","message":"no"}}'],
    ['an error that is null', '{"id":1,"error":null}'],
    ['an error without an id', '{"error":{"code":1,"message":"no"}}'],
    ['an answer with a method that is no text', '{"id":1,"method":null,"result":1}'],
    ['an answer whose id is an object', '{"id":{},"result":1}'],
  ])('L18 is no message when it is %s', (_, line) => {
    expect(() => parseMessage(line)).toThrow(ProtocolError);
    expect(() => parseMessage(line)).toThrow(`the line starts: ${line}`);
  });

  test('L18 shows the start of a long bad line, not all of it', () => {
    const line = `{"secret":"${'x'.repeat(10_000)}`;
    expect(() => parseMessage(line)).toThrow(`${line.slice(0, 200)}...`);
    expect(() => parseMessage(line)).not.toThrow(line.slice(0, 201));
  });

  test('L18 shows a bad line of 200 characters whole', () => {
    const line = `{${'x'.repeat(199)}`;
    expect(() => parseMessage(line)).toThrow(new RegExp(`the line starts: \\${line}$`));
  });

  test('L18 says of a line that is not JSON that it is none, and keeps the cause', () => {
    const error = errorOf('{oops');
    expect(error).toMatchObject({
      code: 'CODEX_PROTOCOL',
      message:
        'the server wrote a line that is not JSON, so the connection was closed; the line starts: {oops',
      cause: expect.any(SyntaxError),
    });
  });

  test('L18 says of JSON that is no message what it is; there is no cause then', () => {
    const error = errorOf('{"a":1}');
    expect(error).toMatchObject({
      message:
        'the server wrote a JSON object that is not a JSON-RPC message, so the connection was closed; the line starts: {"a":1}',
    });
    expect(error).not.toHaveProperty('cause');
  });

  test('L18 is a message or a ProtocolError, whatever JSON object it holds', () => {
    const member = fc.constantFrom('id', 'method', 'params', 'result', 'error', 'emittedAtMs', 'code');
    fc.assert(
      fc.property(fc.dictionary(member, fc.jsonValue()), (envelope) => {
        try {
          expect(parseMessage(JSON.stringify(envelope)).kind).toMatch(
            /^(notification|request|result|error)$/,
          );
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError);
        }
      }),
    );
  });
});

describe('a line to the server', () => {
  test('is one line that reads back as the message, whatever the text in it', () => {
    const text = fc.string({ unit: 'grapheme' });
    fc.assert(
      fc.property(fc.oneof(fc.integer(), text), text, fc.jsonValue(), (id, method, value) => {
        const json = JSON.stringify(value);
        const lines = [
          requestLine(id, method, json, '{"traceparent":"t"}'),
          notificationLine(method, json),
          resultLine(id, json),
          errorLine(id, 1, method, json),
        ];
        for (const line of lines) expect(line.indexOf('\n')).toBe(line.length - 1);
        const plain: unknown = JSON.parse(json);
        expect(lines.map((line) => JSON.parse(line))).toEqual([
          { id, method, params: plain, trace: { traceparent: 't' } },
          { method, params: plain },
          { id, result: plain },
          { id, error: { code: 1, message: method, data: plain } },
        ]);
      }),
    );
  });

  test('has no member for what was left out', () => {
    expect(requestLine(0, 'm', '{}', undefined)).toBe('{"id":0,"method":"m","params":{}}\n');
    expect(notificationLine('m', undefined)).toBe('{"method":"m"}\n');
    expect(errorLine('0', 1, 'no', undefined)).toBe('{"id":"0","error":{"code":1,"message":"no"}}\n');
  });

  test('L20 has to fit into a string with its envelope, or is refused with the argument’s name', () => {
    // Half a string twice: a text of this length that nobody has to write out.
    const longest = 'x'.repeat(constants.MAX_STRING_LENGTH - 10);
    const lines = [
      () => requestLine(0, 'a/b', longest, undefined),
      () => notificationLine('a/b', longest),
      () => resultLine(0, longest),
      () => errorLine(0, 1, 'no', longest),
    ];
    const names = ['a/b: params', 'a/b: params', 'result', 'error'];
    for (const [index, line] of lines.entries()) {
      const refusal = { argument: names[index], cause: expect.any(RangeError) };
      expect(line).toThrow(InvalidArgumentError);
      expect(line).toThrow(expect.objectContaining(refusal));
    }
  });
});
