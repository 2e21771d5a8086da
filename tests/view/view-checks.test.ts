/** Bad input: the error names what was given and what was expected. */
import { applyMessage, emptyView, viewOfThread } from 'codex-async-client/view';
import { describe, expect, test } from 'vitest';
import { told } from './told.js';

describe('a clear error', () => {
  test.each<[string, () => unknown, string]>([
    [
      'an unknown option',
      () => emptyView(JSON.parse('{"threadID":"a"}')),
      'emptyView.threadID: unknown name; known are threadId, epoch',
    ],
    [
      'an id that is no text',
      () => emptyView(JSON.parse('{"threadId":5}')),
      'emptyView.threadId: expected non-empty text, got 5',
    ],
    ['an empty epoch', () => emptyView({ epoch: '' }), 'emptyView.epoch: expected non-empty text, got ""'],
    [
      'an id in place of the options',
      () => emptyView(JSON.parse('"thread"')),
      'emptyView: expected an object of options, got "thread"',
    ],
    [
      'an answer in place of its thread',
      () => viewOfThread(JSON.parse('{"thread":{},"readState":null}')),
      'viewOfThread: expected the `thread` of an answer to thread/read or thread/resume, with its turns, got an object with thread, readState',
    ],
    [
      'an empty object in place of a thread',
      () => viewOfThread(JSON.parse('{}')),
      'got an object with no members',
    ],
    [
      'an option that a view of a thread does not take',
      () => viewOfThread(JSON.parse('{"id":"a","turns":[]}'), JSON.parse('{"threadId":"b"}')),
      'viewOfThread.threadId: unknown name; known are epoch',
    ],
    [
      'a list in place of a view',
      () => applyMessage(JSON.parse('[1,2]'), told('thread/closed')),
      'applyMessage.view: expected a view, as emptyView() or viewOfThread() make one, got an array of 2',
    ],
    [
      'no message',
      () => applyMessage(emptyView(), JSON.parse('null')),
      'applyMessage.message: expected a message of the server: kind, method and params, got null',
    ],
    [
      'an answer in place of a message',
      () => applyMessage(emptyView(), JSON.parse('{"id":1,"result":{}}')),
      'got an object with id, result',
    ],
  ])('for %s', (_, give, message) => {
    expect(give).toThrow(TypeError);
    expect(give).toThrow(message);
  });
});
