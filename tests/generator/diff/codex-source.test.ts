/** Where a codex comes from, and what is said when it does not come. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import packageJson from '../../../package.json' with { type: 'json' };
import { findCodexExecutable } from '../../../src/generator/codex-binary.js';
import { CodexSourceError, withCodex } from '../../../src/generator/diff/codex-source.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'codex-source-'));
  vi.stubEnv('TMPDIR', folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

/** Lets a program of these lines be npm. */
function npmIs(lines: string): void {
  const script = join(folder, 'npm.cjs');
  writeFileSync(script, lines);
  vi.stubEnv('npm_execpath', script);
}

/** An npm that installs a codex of one file. */
const INSTALLS = `
const { mkdirSync, writeFileSync } = require('node:fs');
const bin = 'node_modules/@openai/codex/vendor/any/bin';
mkdirSync(bin, { recursive: true });
writeFileSync('node_modules/@openai/codex/package.json', '{}');
writeFileSync(bin + (process.platform === 'win32' ? '/codex.exe' : '/codex'), process.argv.at(-1));
`;

test('the installed one is found by its name and by its version, without npm', () => {
  npmIs('process.exit(1);');
  const path = (executable: string) => executable;
  expect(withCodex('installed', path)).toBe(findCodexExecutable());
  expect(withCodex(packageJson.devDependencies['@openai/codex'], path)).toBe(findCodexExecutable());
});

test('an executable is taken as it is', () => {
  expect(withCodex(process.execPath, (executable) => executable)).toBe(process.execPath);
});

test('another version is fetched into a folder that is removed again', () => {
  npmIs(INSTALLS);
  const used = withCodex('0.1.2', (executable) => executable);
  expect(used.startsWith(folder)).toBe(true);
  expect(readdirSync(folder)).toEqual(['npm.cjs']);
});

test.each([
  ['console.error("npm error code ETARGET\\nnpm error more")', 'npm has no such version'],
  ['console.error("npm error code ECONNREFUSED")', 'the registry does not answer; is there a network?'],
  ['console.error("npm error code EOTHER")', 'npm failed with EOTHER'],
  ['', 'npm failed'],
])('what npm says is said in one line: %s', (lines, reason) => {
  npmIs(`${lines}; process.exit(1);`);
  const fetch = () => withCodex('0.1.2', () => 'never');
  expect(fetch).toThrow(CodexSourceError);
  expect(fetch).toThrow(
    new RegExp(`^cannot fetch @openai/codex@0\\.1\\.2: ${reason.replace(/[?]/g, '\\?')}$`),
  );
  expect(readdirSync(folder)).toEqual(['npm.cjs']);
});

test('a version without an executable for this platform is named', () => {
  npmIs('');
  expect(() => withCodex('0.1.2', () => 'never')).toThrow(/^codex 0\.1\.2 has no executable for /);
});

test.each(['', 'latest', '/does/not/exist', '1.2'])(
  '%j is no codex, and is refused with what is',
  (source) => {
    expect(() => withCodex(source, () => 'never')).toThrow(
      `expected "installed", a version such as 0.169.0, or the path of a codex executable, got ${JSON.stringify(source)}`,
    );
  },
);
