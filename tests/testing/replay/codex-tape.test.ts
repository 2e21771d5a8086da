/** `codex-tape` as a process: for this client, as a stand-in for codex, and for a client in another language. */
import { type ChildProcessWithoutNullStreams, execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { AsyncClient, approve, type StartOptions } from 'codex-async-client';
import type { TapeFault } from 'codex-async-client/testing';
import { describe, expect, test } from 'vitest';
import { programFile } from '../../helpers/programs.js';

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const PROGRAM = [process.execPath, programFile('src/testing/replay/codex-tape.ts')];
const TAPE = file('one-turn.jsonl');

/** A client of the tape. */
const start = (args: readonly string[] = [], options: StartOptions = {}) =>
  AsyncClient.start({ ...options, command: [...PROGRAM, ...args, TAPE] });

const fault = (value: TapeFault) => ['--fault', JSON.stringify(value)];

/** Runs the turn of the tape, and gives the folder of the approval and the last message. */
async function turnOf(client: AsyncClient, input = 'Make a file.') {
  const { thread } = await client.threadStart({ cwd: '/srv/ci' });
  const run = client.turnRun({ threadId: thread.id, input }, { collectEvents: false });
  let folder: unknown;
  for await (const message of run) {
    if (message.kind !== 'request' || message.method !== 'item/commandExecution/requestApproval') continue;
    folder = message.params.cwd;
    await client.respond(message, approve(message));
  }
  return { folder, said: (await run.result()).finalMessage };
}

/** Runs the program by itself. */
async function printedBy(args: readonly string[], env: Record<string, string> = {}) {
  const [node = '', ...rest] = PROGRAM;
  const options = { env: { ...process.env, ...env } };
  const { stdout } = await promisify(execFile)(node, [...rest, ...args], options);
  return stdout;
}

/** The program as a bare child, with the handshake written to it. */
async function childPlaying(args: readonly string[]): Promise<ChildProcessWithoutNullStreams> {
  const [node = '', ...rest] = PROGRAM;
  const child = spawn(node, [...rest, ...args, '--ignore', 'params', TAPE]);
  child.stdin.write('{"id":1,"method":"initialize"}\n{"method":"initialized"}\n');
  await once(child.stdout, 'data');
  return child;
}

describe('a client that says what the tape has', () => {
  test.each([[[]], [['--seed', '3']], [fault({ fault: 'split', bytes: 1 })]])(
    'gets it all, with %j',
    async (args) => {
      const client = await start(args);
      expect(await turnOf(client)).toEqual({ folder: '/srv/ci', said: 'It is there.' });
      await client.shutdown();
      expect(await client.closed).toMatchObject({ exitCode: 0, signal: null, stderrTail: '' });
    },
  );

  test('that stops early is told on stderr what it did not send', async () => {
    const client = await start();
    await client.threadStart({ cwd: '/srv/ci' });
    await client.shutdown();
    const { exitCode, stderrTail } = await client.closed;
    expect(exitCode).toBe(0);
    expect(stderrTail).toContain('the program did not send 2 of the tape');
    expect(stderrTail).toContain('line 7: turn/start');
  });
});

describe('a client that says something else', () => {
  test('finds both in the end of stderr, and exit code 1', async () => {
    const client = await start();
    await expect(turnOf(client, 'Make two files.')).rejects.toMatchObject({ code: 'CODEX_SERVER_CLOSED' });
    const { exitCode, stderrTail } = await client.closed;
    expect(exitCode).toBe(1);
    expect(stderrTail).toContain('one-turn.jsonl:7: turn/start was sent in another form than the tape has');
    expect(stderrTail).toContain('  params.input.0.text\n  - "Make a file."\n  + "Make two files."\n');
  });

  test('may differ where that is ignored', async () => {
    const client = await start(['--ignore', 'params.input.*.text']);
    expect(await turnOf(client, 'Make two files.')).toMatchObject({ said: 'It is there.' });
    await client.shutdown();
  });
});

describe('a fault', () => {
  test.each([
    ['signal', fault({ fault: 'crash', afterLine: 9 }), { exitCode: null, signal: 'SIGKILL' }],
    ['exit code', fault({ fault: 'crash', afterLine: 9, exitCode: 101 }), { exitCode: 101, signal: null }],
  ])('ends the process with its %s, after what was said before', async (_, args, end) => {
    const client = await start(args);
    const { thread } = await client.threadStart({ cwd: '/srv/ci' });
    const run = client.turnRun({ threadId: thread.id, input: 'Make a file.' });
    const seen: string[] = [];
    await expect(async () => {
      for await (const message of run) seen.push(message.method);
    }).rejects.toMatchObject(end);
    expect(seen).toEqual(['turn/started']);
  });

  test('closes stdout of a process that lives on', async () => {
    const child = await childPlaying(fault({ fault: 'endStdout', afterLine: 3 }));
    await once(child.stdout, 'end');
    expect(child.exitCode).toBeNull();
    child.stdin.end();
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});

test.skipIf(process.platform === 'win32')(
  'SIGTERM ends it as it ends codex, also when it reads no more',
  async () => {
    const child = await childPlaying(fault({ fault: 'stopReading', afterLine: 4 }));
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  },
);

describe('as a stand-in for codex', () => {
  const env = { CODEX_TAPE: TAPE };

  test('it takes and ignores every argument', async () => {
    const command = [...PROGRAM, '-c', 'model="x"', 'app-server', '--help'];
    const client = await AsyncClient.start({ command, env });
    expect(await turnOf(client)).toMatchObject({ said: 'It is there.' });
    await client.shutdown();
  });

  test('it has its options from the environment', async () => {
    const options = { faults: [{ fault: 'crash', afterLine: 2, exitCode: 7 }] };
    const started = AsyncClient.start({
      command: [...PROGRAM, 'app-server'],
      env: { ...env, CODEX_TAPE_OPTIONS: JSON.stringify(options) },
    });
    await expect(started).rejects.toMatchObject({ cause: { exitCode: 7 } });
  });

  test('its version is that of the recorded server', async () => {
    expect(await printedBy(['--version'], env)).toBe('codex-cli 0.169.0\n');
  });
});

describe('what it says of itself', () => {
  test('--help names every option', async () => {
    const help = await printedBy(['--help']);
    for (const name of ['--speed', '--seed', '--fault', '--ignore', '--stall-ms', 'CODEX_TAPE_OPTIONS'])
      expect(help).toContain(name);
  });

  test.each([
    ['an argument', ['--seed', 'x', TAPE], '--seed: expected a number, got "x"'],
    [
      'an option of the replay',
      ['--speed', 'slow', TAPE],
      "options.speed: expected 'instant' or 'recorded', got \"slow\"",
    ],
    ['a file that is no tape', [file('codex-tape.test.ts')], 'codex-tape.test.ts:1: expected a JSON object'],
  ])('%s that is wrong ends it with exit code 2', async (_, args, message) => {
    await expect(printedBy(args)).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining(message),
    });
  });
});

const python = ['python3', 'python'].find(
  (name) => spawnSync(name, ['-c', 'import sys; assert sys.version_info[0] == 3']).status === 0,
);

test.skipIf(python === undefined)(
  'a client in Python (skipped where there is none) plays the turn',
  async () => {
    const args = [file('tape-client.py'), ...PROGRAM, '--ignore', 'params.capabilities', TAPE];
    const { stdout } = await promisify(execFile)(python ?? '', args);
    expect(stdout.split(/\r?\n/)).toEqual(['/srv/py', 'It is there.', '']);
  },
);
