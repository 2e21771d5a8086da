/** The command, on the codex that is installed. */
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { programFile } from '../helpers/programs.js';

const COMMAND = programFile('src/generator/diff/protocol-diff.ts');

function protocolDiff(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [COMMAND, ...args], { encoding: 'utf8' });
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

test.each([[[]], [['installed']], [['installed', '--tapes']]])('with %j it says how it is used', (args) => {
  const { status, stdout, stderr } = protocolDiff(...args);
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toMatch(/^usage: npm run protocol:diff OLD NEW\n/);
});

test('an executable that is no codex is named in one line', () => {
  const { status, stderr } = protocolDiff(process.execPath, 'installed');
  expect(status).toBe(1);
  expect(stderr).toMatch(/^cannot read the protocol of [^\n]+\n$/);
});

test('a comparison ends with the tapes when they are asked for: the types of a codex know all that it says', () => {
  const tapes = `fixtures/tapes/${packageJson.devDependencies['@openai/codex']}`;
  const { status, stdout, stderr } = protocolDiff('installed', 'installed', '--tapes', tapes);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const [comparison, drift] = stdout.split(/\n(?=## fixtures)/);
  expect(comparison).toMatch(/^## codex .*\n\nNo changes for a user\.\n$/);
  expect(drift).toMatch(/^## fixtures\/tapes\/\S+ against the types of codex /);
  // What the types promise and a server leaves out is told as missing; of that there is some.
  expect(drift).not.toContain('unknown');
});

test('a folder without tapes is named in one line', () => {
  const { status, stdout, stderr } = protocolDiff('--tapes', 'src');
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toMatch(/^expected a folder with tapes [^\n]+ got src\n$/);
});
