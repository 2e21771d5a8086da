/** The report as it is printed. */
import { expect, test } from 'vitest';
import { changeReport } from '../../../src/generator/diff/change-report.js';
import type { Finding } from '../../../src/generator/diff/protocol-changes.js';

const finding = (effect: Finding['effect'], subject: string, sites: readonly string[] = []): Finding => ({
  effect,
  subject,
  text: 'is new',
  sites,
});

test('what breaks comes first; lines are in order, each once, and shared types have their places', () => {
  const report = changeReport('1.0.0', '1.1.0', [
    finding('new', '`b`'),
    finding('new', '`a`'),
    finding('new', '`a`'),
    finding('changes for readers', '`Shared`.`x`', ['`a` response', '`b` params']),
    finding('breaks callers', '`c` params.`x`'),
  ]);
  expect(report).toBe(`## codex 1.0.0 to 1.1.0

### Breaks callers

- \`c\` params.\`x\` is new

### Changes for readers

- \`Shared\`.\`x\` is new

### New

- \`a\` is new
- \`b\` is new

### Where these types are met

- \`Shared\`: \`a\` response, \`b\` params
`);
});

test('no changes are said to be none', () => {
  expect(changeReport('1.0.0', '1.0.0', [])).toBe('## codex 1.0.0 to 1.0.0\n\nNo changes for a user.\n');
});
