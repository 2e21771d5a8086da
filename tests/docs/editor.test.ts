// What somebody who writes a loop sees in an editor: the names of messages are offered where one is written, and an answer
// that does not fit is underlined where it is wrong.

import { afterAll, describe, expect, test } from 'vitest';
import { SERVER_MESSAGE_METHODS } from '../../src/protocol/checks/known-names.js';
import { Editor } from './editor.js';

const editor = new Editor();
afterAll(() => editor[Symbol.dispose]());

const ALL = SERVER_MESSAGE_METHODS.toSorted();

describe('the names of messages are offered', () => {
  test.each([
    ["client.events({ methods: ['|'] });"],
    ["client.events({ methods: ['turn/completed', '|'] });"],
    ["client.nextMessage({ methods: ['|'] });"],
    ["thread.events({ kind: 'request', methods: ['|'] });"],
    ["if (message.method === '|') console.log();"],
    ["switch (message.method) { case '|': break; }"],
  ])('all of the protocol in %s', (marked) => {
    expect(editor.offered(marked).toSorted()).toEqual(ALL);
  });

  test.each([
    ["for await (const msg of client.events({ methods: ['turn/completed', 'new/method'] }))"],
    ["for await (const msg of thread.events({ methods: ['turn/completed', 'new/method'] }))"],
  ])('those of the filter, the unknown one included, in %s', (loop) => {
    const marked = `${loop} switch (msg.method) { case '|': break; }`;
    expect(editor.offered(marked).toSorted()).toEqual(['new/method', 'turn/completed']);
  });

  test('and in an answer the members that the request takes', () => {
    expect(editor.offered('client.respond(command, { | });')).toEqual(['decision']);
    expect(editor.offered("client.respond(command, { decision: '|' });").toSorted()).toEqual([
      'accept',
      'acceptForSession',
      'cancel',
      'decline',
    ]);
  });
});

describe('what does not fit is underlined', () => {
  test.each([
    [
      "client.respond(command, { decison: 'accept' });",
      'decison',
      /'decison' does not exist in type 'AnswerTo<"item\/commandExecution\/requestApproval">'. Did you mean to write 'decision'\?$/,
    ],
    ["client.respond(command, { decision: 'accept', scope: 1 });", 'scope', /'scope' does not exist in type/],
    ["client.respond(command, { decision: 'yes' });", 'decision', /^Type '"yes"' is not assignable to type/],
    [
      'client.respond(command, approve(toolCall));',
      'approve(toolCall)',
      /^Argument of type 'MadeAnswer<"item\/tool\/call">' is not assignable to parameter of type 'AnswerTo<"item\/commandExecution\/requestApproval">'/,
    ],
    [
      "client.respond(either, { decision: 'accept' });",
      "{ decision: 'accept' }",
      /'AnswerTo<"item\/commandExecution\/requestApproval" \| "item\/tool\/call">'/,
    ],
    ["client.respond(5, { decision: 'accept' });", '5', /'number' .* type 'AnyServerRequest'/],
    ["if (message.method === 'turn/complete') {}", "message.method === 'turn/complete'", /no overlap/],
  ])('in the place, and named: %s', (code, text, message) => {
    expect(editor.underlined(code)).toEqual([
      { text, code: expect.any(Number), message: expect.stringMatching(message) },
    ]);
  });

  test.each([
    ['client.respond(either, approve(either));'],
    ['client.respond(either, Math.random() > 0.5 ? approve(either) : deny(either));'],
    ["if (message.kind === 'request') client.respond(message, approve(message));"],
    ["client.events({ methods: ['new/method'] });"],
    ["const name: string = message.method; if (name === 'new/method') console.log(message.params);"],
  ])('and nothing else is: %s', (code) => {
    expect(editor.underlined(code)).toEqual([]);
  });
});

test.each([
  ["const found| = client.events({ methods: ['new/method'] });", 'EventStream<UnknownMessage<"new/method">>'],
  ["const found| = client.events({ kind: 'request' });", 'EventStream<ServerRequest>'],
  ['const found| = client.events();', 'EventStream<ServerMessage>'],
  ['const found| = approve(toolCall);', 'MadeAnswer<"item/tool/call">'],
  [
    "const found| = client.nextMessage({ kind: 'request', methods: ['new/method'] });",
    'Promise<UnknownRequest<"new/method"> | undefined>',
  ],
  [
    'const found| = client.respond;',
    '<R extends AnyServerRequest>(request: R, result: AnswerTo<R["method"]>) => Promise<void>',
  ],
])('the type of %s is %s', (marked, type) => {
  expect(editor.typeAt(marked)).toBe(type);
});
