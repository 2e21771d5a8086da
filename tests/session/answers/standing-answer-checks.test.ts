/** Answers given beforehand that no request can have, wherever they are given. */
import { describe, expect, test } from 'vitest';
import { PROTOCOL_VERSION } from '../../../src/protocol/generated.js';
import {
  checkStandingAnswer,
  checkStandingAnswers,
} from '../../../src/session/answers/standing-answer-checks.js';

const PLACE = { method: 'method', result: 'result' };
const COMMAND = 'item/commandExecution/requestApproval';

describe.each([[undefined], [PROTOCOL_VERSION]])('for a server of version %s', (server) => {
  test.each<[unknown, string]>([
    [{ 'item/commandExecution/requestAproval': { decision: 'accept' } }, `did you mean "${COMMAND}"?`],
    [{ [COMMAND]: 'accept' }, `options.standingAnswers["${COMMAND}"]: expected an object that answers`],
    [
      { [COMMAND]: { decision: 'approved' } },
      `options.standingAnswers["${COMMAND}"].decision: expected one of`,
    ],
    [{ [COMMAND]: () => {} }, 'a value that JSON can hold, got a function'],
    [{ '': {} }, 'options.standingAnswers: expected a non-empty string'],
    [[], 'options.standingAnswers: expected an object of method -> result'],
    [null, 'options.standingAnswers: expected an object of method -> result'],
  ])('L17 L20 %j is refused where it was given', (answers, message) => {
    expect(() => checkStandingAnswers('options.standingAnswers', answers, server)).toThrow(message);
  });

  test.each<[unknown]>([
    [{}],
    [{ [COMMAND]: undefined }],
    [{ [COMMAND]: { decision: 'decline' }, 'future/thing': 5 }],
  ])('L17 %j passes', (answers) => {
    expect(() => checkStandingAnswers('options.standingAnswers', answers, server)).not.toThrow();
  });
});

test('L20 with a server of another version every method and result passes', () => {
  checkStandingAnswers('options.standingAnswers', { [COMMAND]: 'accept', 'item/tool/cal': {} }, '0.170.0');
  checkStandingAnswer(PLACE, COMMAND, { decision: 'later' }, '0.170.0');
  expect(() => checkStandingAnswer(PLACE, COMMAND, 5n, '0.170.0')).toThrow(
    'result: expected a value that JSON',
  );
});

test('L20 a single answer is refused by the name of its argument', () => {
  const refused = (method: string, result: unknown) => () =>
    checkStandingAnswer(PLACE, method, result, PROTOCOL_VERSION);
  expect(refused('item/tool/cal', {})).toThrow(expect.objectContaining({ argument: 'method' }));
  expect(refused('', {})).toThrow(expect.objectContaining({ argument: 'method' }));
  expect(refused(COMMAND, {})).toThrow(expect.objectContaining({ argument: 'result' }));
  expect(refused(COMMAND, undefined)).not.toThrow();
});
