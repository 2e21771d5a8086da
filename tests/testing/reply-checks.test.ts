/** Mistakes in a script are told where they are written, and a refused script changes nothing. */

import {
  applyPatch,
  customToolCall,
  disconnect,
  echo,
  failure,
  gate,
  httpError,
  LocalModelProvider,
  type LocalModelProviderOptions,
  type ModelReply,
  rawEvent,
  repeatText,
  requestPermissions,
  requestUserInput,
  shellCommand,
  spawnAgent,
  text,
  toolCall,
  usage,
} from 'codex-async-client/testing';
import { describe, expect, test } from 'vitest';
import { InvalidArgumentError } from '../../src/support/errors.js';

/** A value that JavaScript users can pass although its type forbids it. */
const wrong = <Wanted>(value: unknown): Wanted => value as Wanted;

describe('a builder refuses', () => {
  test.each([
    [
      'text without pieces',
      () => text(),
      'text.pieces: expected one or more pieces of text, got an array of 0',
    ],
    ['an empty piece', () => text('a', ''), 'text.pieces[1]: expected non-empty text'],
    [
      'a number as a piece',
      () => text(wrong(5)),
      'text.pieces[0]: expected non-empty text, repeatText(...) or gate(), got 5',
    ],
    ['a repeat of nothing', () => repeatText('', 3), 'repeatText.pieces[0].piece: expected non-empty text'],
    [
      'a repeat of zero times',
      () => repeatText('a', 0),
      'repeatText.pieces[0].count: expected a whole number of pieces, 1 or more, got 0',
    ],
    ['a tool without a name', () => toolCall('', {}), 'toolCall.name: expected non-empty text'],
    [
      'a list as arguments',
      () => toolCall('t', wrong([1])),
      'toolCall.arguments: expected a plain object, or JSON text, got an array of 1',
    ],
    [
      'arguments that JSON cannot carry',
      () => toolCall('t', { n: 1n }),
      'toolCall.arguments: expected something that JSON can carry',
    ],
    [
      'an unknown option of a call',
      () => toolCall('t', {}, wrong({ id: 'x' })),
      'toolCall: unknown name "id"',
    ],
    [
      'a custom call without input',
      () => customToolCall('t', ''),
      'customToolCall.input: expected non-empty text',
    ],
    [
      'an empty command',
      () => shellCommand(''),
      'shellCommand: expected a shell command as non-empty text, got ""',
    ],
    [
      'a justification without escalation',
      () => shellCommand('ls', { justification: 'x' }),
      'shellCommand.justification',
    ],
    [
      'text that is no patch',
      () => applyPatch('diff'),
      'applyPatch: expected a patch that begins with "*** Begin Patch", got "diff"',
    ],
    [
      'a wish for nothing',
      () => requestPermissions({ reason: 'x' }),
      'requestPermissions: expected at least one of network, read and write',
    ],
    ['no questions', () => requestUserInput([]), 'requestUserInput: expected one or more questions'],
    ['a sub-agent without a task', () => spawnAgent(''), 'spawnAgent: expected a task as non-empty text'],
    [
      'negative usage',
      () => usage({ inputTokens: -1, outputTokens: 0 }),
      'usage.inputTokens: expected a whole number of tokens, 0 or more, got -1',
    ],
    ['usage without output', () => usage(wrong({ inputTokens: 1 })), 'usage.outputTokens'],
    [
      'a failure without a code',
      () => failure(wrong({ message: 'x' })),
      'failure.code: expected non-empty text, got undefined',
    ],
    [
      'a status that is no error',
      () => httpError(200),
      'httpError.status: expected a whole number of an HTTP error status, 400 to 599, got 200',
    ],
    ['a prefix that is no text', () => echo(wrong(1)), 'echo.prefix: expected text, got 1'],
    ['an event without a type', () => rawEvent(wrong({})), 'rawEvent.event.type: expected non-empty text'],
  ])('%s', (_, build, message) => {
    expect(build).toThrow(InvalidArgumentError);
    expect(build).toThrow(message);
  });
});

describe('enqueue refuses', () => {
  test.each<[string, readonly unknown[], string]>([
    ['plain text', ['hello'], 'enqueue[0]: expected a reply step such as text("Hello")'],
    ['an empty reply', [text('a'), []], 'enqueue[1]: expected one or more steps'],
    ['an unknown step', [{ type: 'txt' }], 'enqueue[0].type: expected one of text, reasoning'],
    ['a property of every object as a type', [{ type: 'constructor' }], 'enqueue[0].type: expected one of'],
    ['a handler function', [() => text('a')], 'got a function'],
    [
      'a step after a failure',
      [[failure({ code: 'c', message: 'm' }), text('a')]],
      'enqueue[0][0]: expected "failure" as the last step',
    ],
    ['a step after a disconnect', [[disconnect(), text('a')]], 'expected "disconnect" as the last step'],
    [
      'an HTTP error beside text',
      [[text('a'), httpError(500)]],
      'enqueue[0][1]: expected "http_error" as the only step',
    ],
    [
      'an unknown phase',
      [{ type: 'text', pieces: ['a'], phase: 'x' }],
      'enqueue[0].phase: expected one of undefined, commentary, final_answer',
    ],
  ])('%s, and takes none of the replies', async (_, replies, message) => {
    await using provider = await LocalModelProvider.start();
    const enqueue = () => provider.enqueue(...wrong<ModelReply[]>(replies));
    expect(enqueue).toThrow(InvalidArgumentError);
    expect(enqueue).toThrow(message);
    expect(provider.queuedReplies).toBe(0);
  });
});

describe('when refuses', () => {
  test.each<[string, unknown, readonly ModelReply[], string]>([
    [
      'an empty match',
      {},
      [text('a')],
      'when.match: expected at least one of userText, threadId, toolOutput',
    ],
    [
      'a misspelt condition',
      { userTxt: 'a' },
      [text('a')],
      'when.match: unknown name "userTxt"; did you mean "userText"?',
    ],
    ['empty text', { userText: '' }, [text('a')], 'when.match.userText: expected a non-empty string'],
    ['a missing match', undefined, [text('a')], 'when.match: expected an object'],
    ['no reply', { userText: 'a' }, [], 'when: expected one or more replies after the match'],
  ])('%s', async (_, match, replies, message) => {
    await using provider = await LocalModelProvider.start();
    expect(() => provider.when(wrong(match), ...replies)).toThrow(message);
  });
});

describe('start refuses', () => {
  test.each<[string, unknown, string]>([
    [
      'an unknown option',
      { replys: [] },
      'LocalModelProvider.start: unknown name "replys"; did you mean "replies"?',
    ],
    ['replies that are no list', { replies: text('a') }, 'replies: expected an array of replies'],
    ['a bad reply', { replies: [text('a'), 5] }, 'replies[1]: expected a reply step'],
    ['a bad default reply', { defaultReply: 'echo' }, 'defaultReply: expected a reply step'],
    ['another step as usage', { usage: text('a') }, 'usage: expected usage({ inputTokens, outputTokens })'],
    [
      'a limit of zero',
      { keptRequests: 0 },
      'keptRequests: expected a whole number of requests, 1 or more, got 0',
    ],
    ['config that is no object', { config: 'model=x' }, 'config: expected a plain object'],
    ['an empty model name', { model: '' }, 'model: expected a non-empty string'],
  ])('%s', async (_, options, message) => {
    const start = LocalModelProvider.start(wrong<LocalModelProviderOptions>(options));
    await expect(start).rejects.toThrow(InvalidArgumentError);
    await expect(start).rejects.toThrow(message);
  });
});

test('a reply is copied, so that changing the array afterwards changes nothing', async () => {
  await using provider = await LocalModelProvider.start();
  const reply = [text('before')];
  provider.enqueue(reply);
  reply[0] = text('after');
  const body = JSON.stringify({ model: 'm', input: [] });
  const response = await fetch(`${provider.baseUrl}/responses`, { method: 'POST', body });
  expect(await response.text()).toContain('before');
});

test('release opens the gates of every reply, whether it was reached or not', async () => {
  await using provider = await LocalModelProvider.start();
  const gates = [gate(), gate(), gate()] as const;
  provider.enqueue([gates[0], text('a', gates[1])]);
  provider.when({ userText: 'x' }, gates[2]);
  provider.release();
  expect(gates.map((one) => one.isOpen)).toEqual([true, true, true]);
});
