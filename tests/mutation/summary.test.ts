/** What is told of a run: the counts, the score, and the mutants that live. */
import { describe, expect, test } from 'vitest';
import { asTimeout, details, type Outcome, scoreOf, summaryLine } from './summary.js';

const SOURCE = "const one = 1;\nif (one > 0) {\n  f('text');\n}\n";

/** A mutant of `1` in the first line of the source. */
function outcome(status: string, changes: Partial<Outcome> = {}): Outcome {
  const location = { start: { line: 1, column: 13 }, end: { line: 1, column: 14 } };
  return {
    fileName: 'src/a.ts',
    location,
    mutatorName: 'NumberIncrement',
    replacement: '2',
    status,
    ...changes,
  };
}

const some = (status: string, count: number) => Array.from({ length: count }, () => outcome(status));

describe('the score', () => {
  test('is the part that was killed or timed out', () => {
    expect(scoreOf([...some('Killed', 5), ...some('Timeout', 1), ...some('Survived', 2)])).toBe(75);
  });

  test('falls with mutants that no test runs, and not with errors', () => {
    expect(scoreOf([...some('Killed', 1), ...some('NoCoverage', 1), ...some('RuntimeError', 8)])).toBe(50);
  });

  test('is full when there are no mutants', () => {
    expect(scoreOf([])).toBe(100);
  });

  test('is never rounded up to a bar that it missed', () => {
    expect(summaryLine([...some('Killed', 9499), ...some('Survived', 501)])).toContain('score 94.9 %');
  });
});

test('the summary names every count', () => {
  const all = [
    ...some('Killed', 6),
    ...some('Survived', 2),
    ...some('Timeout', 1),
    ...some('NoCoverage', 1),
    ...some('RuntimeError', 1),
    ...some('CompileError', 1),
  ];
  expect(summaryLine(all)).toBe(
    '12 mutants: 6 killed, 2 survived, 1 timeout, 1 no coverage, 2 errors; score 70.0 %',
  );
});

test.each([
  ['Killed', 'Test timed out in 10000ms.\nIf this is a long-running test', 'Timeout'],
  ['Killed', 'Hook timed out in 10000ms.', 'Timeout'],
  ['Killed', "expected 'Test timed out in 5ms' to be undefined", 'Killed'],
  ['Survived', '', 'Survived'],
])('%s with the message %j is told as %s', (status, statusReason, told) => {
  expect(asTimeout(outcome(status, { statusReason })).status).toBe(told);
});

describe('the details', () => {
  const read = () => SOURCE;

  test('say nothing of mutants that were killed', () => {
    expect(details(some('Killed', 3), read)).toEqual([]);
  });

  test('show where a survivor is, and what it puts in whose place', () => {
    expect(details([outcome('Survived')], read)).toEqual([
      'survived:\n  src/a.ts:1:13 NumberIncrement: 1 -> 2',
    ]);
  });

  test('show code of several lines in one', () => {
    const block = {
      location: { start: { line: 2, column: 14 }, end: { line: 4, column: 2 } },
      replacement: '{}',
    };
    expect(details([outcome('Timeout', block)], read)).toEqual([
      "timed out:\n  src/a.ts:2:14 NumberIncrement: { f('text'); } -> {}",
    ]);
  });

  test('cut long code in the middle', () => {
    const [text = ''] = details([outcome('Survived', { replacement: `a${'.'.repeat(500)}z` })], read);
    expect(text.length).toBeLessThan(200);
    expect(text).toMatch(/-> a\.+ … \.+z$/);
  });

  test('begin with survivors, and give the message of an error', () => {
    const outcomes = [
      outcome('RuntimeError', { statusReason: 'unhandled\nrejection' }),
      outcome('NoCoverage'),
      outcome('Survived'),
    ];
    const paragraphs = details(outcomes, read);
    expect(paragraphs.map((text) => text.split(':')[0])).toEqual([
      'survived',
      'no test runs it',
      'failed outside of a test',
    ]);
    expect(paragraphs.at(-1)).toMatch(/\n {4}unhandled rejection$/);
  });
});
