import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { programFile } from '../helpers/programs.js';

const folder = fileURLToPath(new URL('.', import.meta.url));

/** Examples with a test of their own. */
const RUN_ELSEWHERE = ['ci-bot', 'graceful-ctrl-c'];

/** Runs an example as its reader would, against the sources; types `typed` when it is asked. */
async function run(name: string, typed = ''): Promise<string> {
  const child: ChildProcess = spawn(process.execPath, [programFile(`tests/examples/${name}.ts`)]);
  let output = '';
  child.stdout?.on('data', (chunk) => {
    output += chunk;
    if (output.includes('(y/n)')) child.stdin?.end(typed);
  });
  child.stderr?.on('data', (chunk) => (output += chunk));
  const [code] = await once(child, 'close');
  expect(`${code}: ${output}`).toMatch(/^0: /);
  return output;
}

/** What each example prints. */
const OUTPUTS: Readonly<
  Record<string, { readonly typed?: string; readonly lines: readonly (string | RegExp)[] }>
> = {
  'events-loop': { lines: ["Pull, don't listen.", '[completed]'] },
  'one-turn-at-a-time': {
    lines: ['An old pond / a frog leaps in / splash.', 'Silence again.', '2 items, 110 tokens'],
  },
  'approvals-on-terminal': {
    typed: 'y\n',
    lines: [/Run .*echo the deed is done.*\? \(y\/n\)/, 'completed: All done.'],
  },
  'ten-threads': { lines: ['I like Athens.', 'I like Jena.', /^10 threads, \d+ messages$/] },
  'backpressure-pipeline': {
    lines: ['110000 characters written', 'the server had to wait', 'memory stayed bounded'],
  },
  'turns-of-others': {
    lines: [
      'the rest: hi.',
      'the whole: It says hi.',
      'userMessage, commandExecution, agentMessage',
      'the review: Nothing to complain about.',
    ],
  },
  'budgeted-goal': {
    lines: [
      'turn 1: completed',
      'turn 2: completed',
      'complete with 330 tokens: Found the third.',
      'stopped at 500 tokens; the goal is paused',
    ],
  },
  'structured-output': {
    lines: ['The Pond, by nobody: 3 lines', 'got "No poem today.": the final message is no JSON'],
  },
  'tools-with-zod': {
    lines: [
      'weather of Jena for 3 days',
      'noted: clear in Jena',
      'It stays clear in Jena.',
      '- days: Too big: expected number to be <=7',
    ],
  },
  'command-session': { lines: ['> one', '> two', 'exit code 3'] },
  'watch-files': { lines: [/notes\.txt/] },
  'list-threads': { lines: ['first, second, third'] },
  'thread-view': {
    lines: ['open requests: 1', 'open requests: 0', 'command: exit code 0', 'agent: It says hi.'],
  },
  'reload-the-page': { lines: ['An old pond, ', 'An old pond, a frog leaps in, splash.'] },
  'recover-after-crash': { lines: ['Let me th', 'server gone: SIGKILL', 'You asked me to remember.'] },
  'survive-the-server': {
    lines: [
      'the page has completed',
      'restart 1, lost: Let me th (CODEX_SERVER_CLOSED)',
      'the page begins anew',
      'the page has completed,interrupted',
      'job-7: interrupted',
      'job-8: completed',
    ],
  },
  'connect-to-running': {
    lines: [/^first is asked: .*echo hi/, 'second answers', 'first: It is done.', 'the server runs on'],
  },
  'wire-log': {
    lines: [
      /^\d+ lines, from initialize to turn\/completed$/,
      /^{"kind":"ended","reason":"ServerClosedError: the codex app-server .*"}$/,
      'no secret is in the log',
      process.platform === 'win32' ? /^mode / : 'mode 600',
    ],
  },
  traces: {
    lines: [
      'the turn is completed',
      'job',
      '  invoke_agent codex 200',
      '    chat gpt-5.5 100',
      '    execute_tool shell approval.requested, approval.resolved',
    ],
  },
  demo: {
    lines: [
      /Starting codex app-server/,
      'Let me look.',
      /hello from /,
      /The turn is completed; \d+ tokens used\./,
    ],
  },
};

describe('the examples', () => {
  test.each(Object.entries(OUTPUTS))('%s prints what its reader expects', async (name, { typed, lines }) => {
    const printed = (await run(name, typed)).split('\n');
    for (const line of lines) {
      expect(printed).toContainEqual(typeof line === 'string' ? line : expect.stringMatching(line));
    }
  });

  test('a denied approval is told to the model, and the example goes on', async () => {
    expect(await run('approvals-on-terminal', 'n\n')).toMatch(/completed: All done\./);
  });

  test('every example is run, and has fewer than 40 lines', () => {
    const files = readdirSync(folder).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));
    const run = [...Object.keys(OUTPUTS), ...RUN_ELSEWHERE];
    expect(files.map((file) => file.slice(0, -'.ts'.length)).sort()).toEqual(run.sort());
    for (const file of files.filter((name) => name !== 'demo.ts')) {
      expect(readFileSync(`${folder}${file}`, 'utf8').trimEnd().split('\n').length).toBeLessThan(40);
    }
  });
});
