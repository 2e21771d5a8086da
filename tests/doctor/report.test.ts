/** Lines for people, an object for programs, and the exit code. */
import { expect, test } from 'vitest';
import { skipped } from '../../src/doctor/finding.js';
import { exitCodeOf, findingLines, lastLine, reportText } from '../../src/doctor/report.js';

const OK = { check: 'home', status: 'ok', finding: 'there' } as const;
const WARN = { check: 'shell', status: 'warn', finding: 'slow', advice: 'look at it' } as const;
const FAIL = { check: 'codex', status: 'fail', finding: 'none', notes: ['one', 'two'] } as const;

test('a finding is a line, with its advice, and its notes below it', () => {
  expect([OK, WARN, FAIL].map(findingLines)).toEqual([
    'ok    home: there\n',
    'warn  shell: slow (look at it)\n',
    'fail  codex: none\n      one\n      two\n',
  ]);
  expect(skipped(['turn'], 'no codex').map(findingLines)).toEqual(['skip  turn: not looked at: no codex\n']);
});

test.each([
  [[OK], 'Nothing is wrong.\n', 0, true],
  [[OK, WARN], '0 failed, 1 is worth a look.\n', 0, true],
  [[FAIL, WARN, WARN], '1 failed, 2 are worth a look.\n', 1, false],
  [[OK, ...skipped(['turn'], 'no codex')], 'Nothing is wrong.\n', 0, true],
])('%# findings have a last line and an exit code', (findings, line, exitCode, ok) => {
  expect(lastLine(findings)).toBe(line);
  expect(exitCodeOf(findings)).toBe(exitCode);
  expect(JSON.parse(reportText(findings))).toEqual({ doctor: 1, ok, checks: findings });
});
