/** Mistakes in a step are told where it is built. */
import {
  applyPatch,
  customToolCall,
  echo,
  failure,
  httpError,
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
import { InvalidArgumentError } from '../../../src/support/errors.js';
import { wrong } from '../wrong.js';

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
    ['an unknown option of a call', () => toolCall('t', {}, wrong({ id: 'x' })), 'toolCall.id: unknown name'],
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
