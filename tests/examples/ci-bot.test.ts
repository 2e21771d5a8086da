/** The bot of CI as a CI job runs it: a checkout, an exit code, and what is on stdout and stderr. */
import { execFileSync, spawn } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { applyPatch, failure, LocalModelProvider, shellCommand, text } from 'codex-async-client/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { programFile } from '../helpers/programs.js';
import { environmentOf } from '../helpers/provider-home.js';

const PATCH = applyPatch('*** Begin Patch\n*** Add File: mended.txt\n+all is well\n*** End Patch\n');
const STATUS = shellCommand('git status', { escalate: true });

let checkout = '';
beforeEach(() => {
  checkout = realpathSync(mkdtempSync(join(tmpdir(), 'codex-ci-bot-')));
  execFileSync('git', ['init', '-q'], { cwd: checkout });
});
afterEach(() => rmSync(checkout, { recursive: true, force: true }));

/** Runs the bot in the checkout, with the provider's settings where it finds them: in the home of codex. */
async function runBot(provider: LocalModelProvider) {
  const bot = spawn(process.execPath, [programFile('tests/examples/ci-bot.ts'), 'Mend it.'], {
    cwd: checkout,
    env: environmentOf(provider),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exitCode = new Promise<number | null>((resolve) => bot.once('close', resolve));
  const [code, stdout, stderr] = await Promise.all([exitCode, textOf(bot.stdout), textOf(bot.stderr)]);
  return { exitCode: code, stdout, stderr };
}

// On Windows codex runs commands by PowerShell, of which none is plain.
describe.skipIf(process.platform === 'win32')('the bot in CI', () => {
  test('allows `git status` alone, prints the diff, and exits with 0', async () => {
    await using provider = await LocalModelProvider.start();
    provider.enqueue(
      STATUS,
      shellCommand('git status; touch pwned', { escalate: true }),
      shellCommand('mkdir other && git -C other init -q'),
      shellCommand('git status', { escalate: true, cwd: 'other' }),
      PATCH,
      text('It is mended.'),
    );
    const { exitCode, stdout, stderr } = await runBot(provider);
    expect(stderr.split('\n')).toEqual([
      expect.stringMatching(/^allowed: \S+ -c 'git status' in /),
      expect.stringMatching(/^denied: \S+ -c 'git status; touch pwned' in /),
      expect.stringMatching(/^denied: \S+ -c 'git status' in .*other$/),
      'It is mended.',
      '',
    ]);
    expect(stdout).toMatch(/^diff --git a\/mended\.txt b\/mended\.txt\n/);
    expect(stdout).toContain('\n+all is well\n');
    expect(exitCode).toBe(0);
    expect(existsSync(join(checkout, 'pwned'))).toBe(false);
  });

  test('refuses what has no denial, and goes on', async () => {
    await using provider = await LocalModelProvider.start({
      config: {
        features: {
          current_time_reminder: { enabled: true, clock_source: 'external' },
          nonfatal_clock_read_errors: true,
        },
      },
    });
    provider.enqueue(text('Nothing to mend, whatever the time.'));
    const { exitCode, stderr } = await runBot(provider);
    expect(stderr).toBe('Nothing to mend, whatever the time.\n');
    expect(exitCode).toBe(0);
  });

  test('exits with 1 when the turn fails, and prints no diff', async () => {
    await using provider = await LocalModelProvider.start();
    provider.enqueue(failure({ code: 'invalid_prompt', message: 'The model is out.' }));
    const { exitCode, stdout, stderr } = await runBot(provider);
    expect(stderr).toContain('The model is out.');
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
  });

  test('runs no program that the settings of the repository name', async () => {
    const git = (...args: readonly string[]) => execFileSync('git', args, { cwd: checkout, stdio: 'ignore' });
    const marker = join(checkout, 'was-run');
    const program = (name: string) => {
      writeFileSync(join(checkout, name), `#!/bin/sh\necho ${name} >> '${marker}'\n`, { mode: 0o755 });
      return join(checkout, name);
    };
    git('add', program('a-file'));
    git('config', 'core.fsmonitor', program('monitor'));
    git('config', 'core.hooksPath', dirname(program('post-index-change')));

    utimesSync(join(checkout, 'a-file'), 1, 1);
    git('status');
    const run = readFileSync(marker, 'utf8').split('\n');
    expect(run).toEqual(expect.arrayContaining(['monitor', 'post-index-change']));
    rmSync(marker);

    utimesSync(join(checkout, 'a-file'), 2, 2);
    await using provider = await LocalModelProvider.start();
    provider.enqueue(STATUS, text('Clean.'));
    const { exitCode, stderr } = await runBot(provider);
    expect(stderr).toMatch(/^allowed: /);
    expect(exitCode).toBe(0);
    expect(existsSync(marker)).toBe(false);
  });
});
