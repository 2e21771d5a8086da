/** Which plans of faults are refused, and that the message names the fault, what was given and what its line is. */
import { describe, expect, it } from 'vitest';
import { InvalidArgumentError } from '../../../src/support/errors.js';
import { checkFaults } from '../../../src/testing/replay/fault-checks.js';
import type { FaultPlan } from '../../../src/testing/replay/faults.js';
import { scriptOf } from '../../../src/testing/replay/replay-script.js';
import { madeTape, TURN } from './made-tapes.js';

const check = (plan: unknown, tape = TURN) => {
  // What a caller without types can give.
  const given = plan as FaultPlan;
  return () => checkFaults(given, scriptOf(tape));
};

describe('a plan of faults', () => {
  it.each<[FaultPlan]>([
    [[]],
    [[{ fault: 'crash', afterLine: 1 }]],
    [[{ fault: 'crash', afterLine: 9, exitCode: 0, signal: undefined }]],
    [[{ fault: 'crash', afterLine: 2, exitCode: null, signal: 'SIGTERM' }]],
    [[{ fault: 'endStdout', afterLine: 1 }]],
    [[{ fault: 'split', bytes: 1 }]],
    [[{ fault: 'delay', line: 3, ms: 0 }]],
    [[{ fault: 'duplicate', line: 9 }]],
    [[{ fault: 'dropAnswer', line: 3 }]],
    [[{ fault: 'overload', line: 2 }]],
    [[{ fault: 'overload', line: 2, times: 3 }]],
    [[{ fault: 'floodStderr', afterLine: 7, bytes: 1 }]],
    [[{ fault: 'stopReading', afterLine: 1 }]],
  ])('takes %j', (plan) => {
    expect(check(plan)).not.toThrow();
  });

  it.each<[unknown, string]>([
    [{}, 'options.faults: expected an array of faults, got an object'],
    [['crash'], 'options.faults[0]: expected a fault, got "crash"'],
    [[null], 'options.faults[0]: expected a fault, got null'],
    [
      [{ fault: 'split', bytes: 1 }, { fault: 'crsh' }],
      'options.faults[1].fault: expected one of crash, endStdout, split, delay, duplicate, dropAnswer, overload, floodStderr, stopReading, got "crsh"',
    ],
    [[{}], 'options.faults[0].fault: expected one of crash, '],
    [[{ fault: 'toString' }], 'options.faults[0].fault: expected one of crash, '],
    [
      [{ fault: 'crash', afterline: 2 }],
      'options.faults[0].afterline: unknown name; did you mean "afterLine"?',
    ],
    [
      [{ fault: 'crash' }],
      'options.faults[0].afterLine: expected the number of a line of the conversation, or 1, the header (of made.jsonl, which has no such line to play), got undefined',
    ],
    [[{ fault: 'crash', afterLine: 10 }], 'options.faults[0].afterLine: expected the number of a line'],
    [[{ fault: 'crash', afterLine: 0 }], 'got 0'],
    [
      [{ fault: 'crash', afterLine: 2, exitCode: 256 }],
      'options.faults[0].exitCode: expected a whole number',
    ],
    [
      [{ fault: 'crash', afterLine: 2, signal: 9 }],
      'options.faults[0].signal: expected the name of a signal, for example "SIGKILL", got 9',
    ],
    [[{ fault: 'crash', afterLine: 2, signal: 'kill' }], 'for example "SIGKILL", got "kill"'],
    [
      [{ fault: 'crash', afterLine: 2, exitCode: 1, signal: 'SIGKILL' }],
      'options.faults[0].signal: expected none beside an exitCode: a process ends with one of them, got "SIGKILL"',
    ],
    [[{ fault: 'split' }], 'options.faults[0].bytes: expected a whole number of bytes, 1 or more, got null'],
    [
      [{ fault: 'split', bytes: 0 }],
      'options.faults[0].bytes: expected a whole number of bytes, 1 or more, got 0',
    ],
    [
      [{ fault: 'delay', line: 2, ms: 1 }],
      'options.faults[0].line: expected the number of a line that the server sent (of made.jsonl, whose line 2 is turn/start, of the client), got 2',
    ],
    [[{ fault: 'delay', line: 3 }], 'options.faults[0].ms: expected a whole number of milliseconds'],
    [
      [{ fault: 'duplicate', line: 1 }],
      'options.faults[0].line: expected the number of a line that the server',
    ],
    [
      [{ fault: 'dropAnswer', line: 4 }],
      "options.faults[0].line: expected the number of a line with the server's answer to a request (of made.jsonl, whose line 4 is turn/started, of the server), got 4",
    ],
    [
      [{ fault: 'dropAnswer', line: 7 }],
      'whose line 7 is the answer to item/commandExecution/requestApproval, of the client), got 7',
    ],
    [
      [{ fault: 'overload', line: 3 }],
      'options.faults[0].line: expected the number of a line with a request of the client (of made.jsonl, whose line 3 is the answer to turn/start, of the server), got 3',
    ],
    [
      [{ fault: 'overload', line: 7 }],
      'options.faults[0].line: expected the number of a line with a request',
    ],
    [[{ fault: 'overload', line: 2, times: 0 }], 'options.faults[0].times: expected a whole number'],
    [[{ fault: 'floodStderr', afterLine: 2 }], 'options.faults[0].bytes: expected a whole number of bytes'],
  ])('L20 is refused: %j', (plan, message) => {
    expect(check(plan)).toThrow(InvalidArgumentError);
    expect(check(plan)).toThrow(message);
  });

  it('L20 is refused for a line that a replay leaves out', () => {
    const tape = madeTape([
      { received: { id: 1, result: {} } },
      { received: { method: 'news', params: {} } },
    ]);
    expect(check([{ fault: 'crash', afterLine: 3 }], tape)).not.toThrow();
    expect(check([{ fault: 'crash', afterLine: 2 }], tape)).toThrow('which has no such line to play');
  });
});
