/** Mistakes in a reply are told where it is scripted, and a refused one changes nothing. */
import {
  disconnect,
  failure,
  httpError,
  LocalModelProvider,
  type ModelReply,
  text,
} from 'codex-async-client/testing';
import { describe, expect, test } from 'vitest';
import { InvalidArgumentError } from '../../../src/support/errors.js';
import { wrong } from '../wrong.js';

describe('enqueue refuses', () => {
  test.each<[string, readonly unknown[], string]>([
    ['plain text', ['hello'], 'replies[0]: expected a reply step such as text("Hello")'],
    ['an empty reply', [text('a'), []], 'replies[1]: expected one or more steps'],
    ['an unknown step', [{ type: 'txt' }], 'replies[0].type: expected one of text, reasoning'],
    ['a property of every object as a type', [{ type: 'constructor' }], 'replies[0].type: expected one of'],
    ['a handler function', [() => text('a')], 'got a function'],
    [
      'a step after a failure',
      [[failure({ code: 'c', message: 'm' }), text('a')]],
      'replies[0][0]: expected "failure" as the last step',
    ],
    ['a step after a disconnect', [[disconnect(), text('a')]], 'expected "disconnect" as the last step'],
    [
      'an HTTP error beside text',
      [[text('a'), httpError(500)]],
      'replies[0][1]: expected "http_error" as the only step',
    ],
    [
      'an unknown phase',
      [{ type: 'text', pieces: ['a'], phase: 'x' }],
      'replies[0].phase: expected one of undefined, commentary, final_answer',
    ],
  ])('%s, and takes none of the replies', async (_, replies, message) => {
    await using provider = await LocalModelProvider.start();
    const enqueue = () => provider.enqueue(...wrong<ModelReply[]>(replies));
    expect(enqueue).toThrow(InvalidArgumentError);
    expect(enqueue).toThrow(message);
    expect(provider.queuedReplies).toBe(0);
  });
});
