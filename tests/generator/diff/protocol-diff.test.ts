/** The command, on the codex that is installed. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import packageJson from '../../../package.json' with { type: 'json' };

const COMMAND = fileURLToPath(new URL('../../../src/generator/diff/protocol-diff.ts', import.meta.url));

function protocolDiff(...args: readonly string[]) {
  const all = ['--import', import.meta.resolve('tsx'), COMMAND, ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, all, { encoding: 'utf8' });
  return { status, stdout, stderr };
}

test('a codex compared with itself has no changes', () => {
  const version = packageJson.devDependencies['@openai/codex'];
  expect(protocolDiff('installed', 'installed')).toEqual({
    status: 0,
    stdout: `## codex ${version} to ${version}\n\nNo changes for a user.\n`,
    stderr: '',
  });
});

test('without two versions it says how it is used', () => {
  const { status, stdout, stderr } = protocolDiff('installed');
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toMatch(/^usage: npm run protocol:diff OLD NEW\n/);
});

test('an executable that is no codex is named in one line', () => {
  const { status, stderr } = protocolDiff(process.execPath, 'installed');
  expect(status).toBe(1);
  expect(stderr).toMatch(/^cannot read the protocol of [^\n]+\n$/);
});
