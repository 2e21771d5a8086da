/** Findings as everybody may read them. */
import { describe, expect, test } from 'vitest';
import type { Finding } from '../../src/doctor/finding.js';
import { shownFinding } from '../../src/doctor/shown-finding.js';

const HOME = '/home/ada';
const shown = (finding: string) => shownFinding({ check: 'turn', status: 'ok', finding }, HOME).finding;

describe('a text', () => {
  test.each([
    ['/home/ada/.codex and /home/ada', '~/.codex and ~'],
    ['/home/ada-2 and /home/adam/x', '/home/ada-2 and /home/adam/x'],
    ['the key sk-abcdefgh12345678 of ada@example.org', 'the key [masked] of [address]'],
    ['/etc/passwd (from PATH)', '/etc/passwd (from PATH)'],
    ['\u001b[31mred\u001b[0m', 'red'],
    ['@openai/codex-linux-x64', '@openai/codex-linux-x64'],
    ['Ada.Lovelace+x@Mail-1.example.ORG, ada@163.com.', '[address], [address].'],
  ])('%j is shown as %j', (text, expected) => {
    expect(shown(text)).toBe(expected);
  });

  test.each([
    '/a/node_modules/.pnpm/@openai+codex@0.169.0/node_modules/@openai/codex/bin/codex.js',
    '/opt/homebrew/opt/python@3.12/bin',
    '/a/.pnpm/pkg@1.0.0-rc.beta_@types+node@22.0.0/x',
    '/a/node@v24.1.0-nightly.linux/bin',
    '/opt/homebrew/opt/openssl@3/lib.d',
  ])('%s is a path, and no address', (path) => {
    expect(shown(path)).toBe(path);
  });

  test('of a user without a folder is shown as it is', () => {
    const found = { check: 'home', status: 'ok', finding: '/a/b' } as const;
    expect(shownFinding(found, '/').finding).toBe('/a/b');
    expect(shownFinding(found, '').finding).toBe('/a/b');
  });
});

test('every text of a finding is looked at, in details, too', () => {
  const path = `${HOME}/x`;
  const found: Finding = {
    check: 'codex',
    status: 'warn',
    finding: path,
    advice: path,
    notes: [path],
    details: { path, list: [path, 1, null, { path }], flag: true },
  };
  expect(shownFinding(found, HOME)).toEqual({
    check: 'codex',
    status: 'warn',
    finding: '~/x',
    advice: '~/x',
    notes: ['~/x'],
    details: { path: '~/x', list: ['~/x', 1, null, { path: '~/x' }], flag: true },
  });
});
