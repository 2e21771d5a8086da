/** The program `codex-async-client`, as a process: what it prints, and its exit codes. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { USAGE } from '../../src/doctor/doctor-arguments.js';
import { pause } from '../../src/support/pause.js';
import { runningOf } from '../helpers/processes.js';
import { programFile } from '../helpers/programs.js';
import { LOGGED_OUT } from './conversations.js';
import { emptyFolder, script, tableStandIn, useStandIns } from './stand-ins.js';

useStandIns();

const PROGRAM = programFile('src/doctor/codex-async-client.ts');

/** Runs it, for a user whose folder is empty. */
function runDoctor(...args: string[]): Promise<{ exitCode: unknown; stdout: string; stderr: string }> {
  const env = { ...process.env, HOME: emptyFolder(), CODEX_HOME: '' };
  return new Promise((resolve) => {
    execFile(process.execPath, [PROGRAM, ...args], { env }, (error, stdout, stderr) =>
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
  const args = [PROGRAM, 'doctor', '--codex-path', '/nowhere/codex'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  const [said, [exitCode]] = await Promise.all([child.stderr.toArray(), once(child, 'exit')]);
  expect({ said, exitCode }).toEqual({ said: [], exitCode: 1 });
});

/** Settles with the text of a file when there is some; its writer ends the line. */
async function lineIn(file: string): Promise<string> {
  for (;;) {
    const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
    if (text.endsWith('\n')) return text.trim();
    await pause(10);
  }
}

describe.skipIf(process.platform === 'win32')('a program that is ended in the middle', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('by %s leaves no server and no temporary home', async (signal, expected) => {
    const folder = emptyFolder();
    const told = join(folder, 'told');
    // The user's own does not start; that of the scripted turn says where it lives, and never answers.
    const codexPath = script(
      `case "$CODEX_HOME" in */codex-async-client-*) ;; *) exit 4 ;; esac\necho "$$ $CODEX_HOME" > '${told}'\nexec sleep 1000`,
    );
    const env = { ...process.env, HOME: folder, CODEX_HOME: '' };
    const args = [PROGRAM, 'doctor', '--json', '--codex-path', codexPath];
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
    const [pid = '', home = ''] = (await lineIn(told)).split(' ');
    expect(existsSync(home)).toBe(true);
    child.kill(signal);
    const [said, [exitCode]] = await Promise.all([child.stdout.toArray(), once(child, 'exit')]);
    expect({ said, exitCode }).toEqual({ said: [], exitCode: expected });
    expect(existsSync(dirname(home))).toBe(false);
    expect(await runningOf([Number(pid)], 'sleep')).toEqual([]);
  });
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
