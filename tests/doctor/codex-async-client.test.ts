/** The program `codex-async-client`, as a process: what it prints, and its exit codes. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { USAGE } from '../../src/doctor/doctor-arguments.js';
import { LOGGED_OUT } from './conversations.js';
import { emptyFolder, tableStandIn, useStandIns } from './stand-ins.js';

useStandIns();

const PROGRAM = fileURLToPath(new URL('../../src/doctor/codex-async-client.ts', import.meta.url));

/** Runs it, for a user whose folder is empty. */
function runDoctor(...args: string[]): Promise<{ exitCode: unknown; stdout: string; stderr: string }> {
  const env = { ...process.env, HOME: emptyFolder(), CODEX_HOME: '' };
  return new Promise((resolve) => {
    execFile(process.execPath, ['--import', 'tsx', PROGRAM, ...args], { env }, (error, stdout, stderr) =>
      resolve({ exitCode: error?.code ?? 0, stdout, stderr }),
    );
  });
}

test('--help is its usage', async () => {
  expect(await runDoctor('--help')).toEqual({ exitCode: 0, stdout: USAGE, stderr: '' });
});

test('wrong arguments end it with 2, and say what was expected', async () => {
  expect(await runDoctor('doctor', '--fast')).toEqual({
    exitCode: 2,
    stdout: '',
    stderr: expect.stringMatching(/^codex-async-client: arguments: .*--fast.*; --help says more\n$/),
  });
});

test('what fails is a line, and exit code 1', async () => {
  const { exitCode, stdout, stderr } = await runDoctor('doctor', '--codex-path', '/nowhere/codex');
  expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: '' });
  const lines = stdout.split('\n');
  expect(lines[0]).toMatch(/^ok {4}runtime: codex-async-client /);
  expect(lines).toContainEqual(expect.stringMatching(/^fail {2}codex: \/nowhere\/codex /));
  expect(lines).toContain('skip  turn: not looked at: there is no codex to start');
  expect(lines.at(-2)).toMatch(/^1 failed, /);
});

test('a reader that leaves ends it without a word', async () => {
  const args = ['--import', 'tsx', PROGRAM, 'doctor', '--codex-path', '/nowhere/codex'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  const [said, [exitCode]] = await Promise.all([child.stderr.toArray(), once(child, 'exit')]);
  expect({ said, exitCode }).toEqual({ said: [], exitCode: 1 });
});

test.skipIf(process.platform === 'win32')(
  '--json is one object, and exit code 1 when something failed',
  async () => {
    const codexPath = tableStandIn({ 'account/read': LOGGED_OUT });
    const { exitCode, stdout } = await runDoctor('doctor', '--json', '--codex-path', codexPath);
    expect(exitCode).toBe(1);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ doctor: 1, ok: false });
    expect(report.checks).toContainEqual({
      check: 'login',
      status: 'fail',
      finding: 'not logged in',
      advice: expect.any(String),
      details: { account: null, requiresOpenaiAuth: true },
    });
  },
);
