/** Starting a server: argv, environment and folder as given, errors that say what to do, no leak in the host. */
import { execFile } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it, vi } from 'vitest';
import type { AppServerOptions } from '../../../src/app-server/launch/server-options.js';
import { spawnFailure, spawnServer } from '../../../src/app-server/launch/spawn-server.js';
import { SpawnError } from '../../../src/support/errors.js';
import { fixture, pidOf, readLine, start } from '../processes.js';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'codex-async-client-spawn-')));
afterAll(() => rmSync(folder, { recursive: true }));

async function printedStart(
  options: AppServerOptions,
): Promise<{ args: string[]; cwd: string; env: object }> {
  const server = await spawnServer(options);
  const line = await readLine(server.stdout);
  await server.stop();
  return JSON.parse(line);
}

async function failure(options: AppServerOptions): Promise<Error> {
  const outcome = await spawnServer(options).catch((error: unknown) => error);
  if (!(outcome instanceof Error)) throw new Error('it started');
  return outcome;
}

describe('spawn', () => {
  it('runs codex as: config, app-server, args', async () => {
    const { args, cwd } = await printedStart({
      codexPath: fixture('prints-start'),
      config: { model: 'a "b"\n', features: { x: true } },
      args: ['-c', 'model="later"'],
      cwd: folder,
    });
    expect(args).toEqual([
      '-c',
      'model="a \\"b\\"\\n"',
      '-c',
      'features.x=true',
      'app-server',
      '-c',
      'model="later"',
    ]);
    expect(cwd).toBe(folder);
  });

  it('runs command as it is', async () => {
    const command = [process.execPath, fixture('prints-start'), 'a b', '$HOME', ''];
    expect((await printedStart({ command })).args).toEqual(['a b', '$HOME', '']);
  });

  it('adds env to the environment of this process, removes what is undefined, and sets CODEX_HOME', async () => {
    process.env['H3_INHERITED'] = 'inherited';
    process.env['H3_REMOVED'] = 'removed';
    const { env } = await printedStart({
      codexPath: fixture('prints-start'),
      codexHome: folder,
      env: {
        H3_ADDED: 'added',
        H3_REMOVED: undefined,
        PRINT_NAMES: 'H3_INHERITED,H3_REMOVED,H3_ADDED,CODEX_HOME',
      },
    });
    delete process.env['H3_INHERITED'];
    delete process.env['H3_REMOVED'];
    expect(env).toEqual({
      H3_INHERITED: 'inherited',
      H3_REMOVED: null,
      H3_ADDED: 'added',
      CODEX_HOME: folder,
    });
  });

  it('hands over a paused stdout: what is written before a reader comes is not lost', async () => {
    const server = await start('echoes-to-stderr');
    server.stdin.write('both\n');
    for await (const line of server.stderr.take() ?? []) {
      expect(line).toBe('both');
      break;
    }
    expect(server.stdout.readableFlowing).toBe(false);
    expect(await readLine(server.stdout)).toBe('both');
    await server.stop();
  });

  it('spawn codex ENOENT: the error names the file, where it came from and how to install codex', async () => {
    const file = join(folder, 'no-codex');
    const error = await failure({ codexPath: file });
    expect(error).toBeInstanceOf(SpawnError);
    expect(error.message).toBe(
      `Could not start codex: ${JSON.stringify(file)} (from options.codexPath) failed with ENOENT. There is no such program, or the interpreter in its first line is missing. Install codex with \`npm install @openai/codex\` (into your project) or \`npm install -g @openai/codex\`, or say where it is with \`options.codexPath\`.`,
    );
    expect(error.cause).toMatchObject({ code: 'ENOENT' });
  });

  it('a bare codexPath that is not on PATH says how many folders were searched, and none of them', async () => {
    const error = await failure({ codexPath: 'no-such-codex', env: { PATH: '/secret-folder:/other' } });
    expect(error).toBeInstanceOf(SpawnError);
    expect(error.message).toContain(
      'codexPath is "no-such-codex", and no program of that name is on PATH (2 folders)',
    );
    expect(error.message).not.toContain('secret-folder');
  });

  it('a file that is not executable is EACCES, and so is a folder', async () => {
    const file = join(folder, 'plain-file');
    writeFileSync(file, 'text');
    expect((await failure({ codexPath: file })).message).toContain('EACCES. It is not an executable file');
    expect((await failure({ codexPath: folder })).message).toContain('EACCES');
  });

  it('a command that is missing does not talk about installing codex', async () => {
    const { message } = await failure({ command: ['no-such-ssh', 'host', 'secret-argument'] });
    expect(message).toBe(
      'Could not start codex: "no-such-ssh" (from options.command) failed with ENOENT. There is no such program, or the interpreter in its first line is missing.',
    );
  });

  it('arguments that the system refuses are a SpawnError with its cause, without the arguments', async () => {
    const error = await failure({
      codexPath: fixture('prints-start'),
      config: { model: 'x'.repeat(4 << 20) },
    });
    expect(error).toBeInstanceOf(SpawnError);
    expect(error.message).toContain('failed with E2BIG. The arguments or the environment are too large');
    expect(error.message).not.toContain('xxx');
    expect(error.cause).toMatchObject({ code: 'E2BIG' });
  });

  it('L20 a bad option is refused before anything is started', async () => {
    const error = await failure({ codexPath: fixture('prints-start'), cwd: join(folder, 'nowhere') });
    expect(error.name).toBe('InvalidArgumentError');
  });
});

describe('the error of a start that failed', () => {
  it.each([
    ['ENOENT', 'There is no such program, or the interpreter in its first line is missing.'],
    ['ENOTDIR', 'A part of its path is not a folder.'],
    ['EACCES', 'It is not an executable file, or this user may not run it.'],
    ['EPERM', 'This user may not run it.'],
    ['ENOEXEC', 'It is not a program for this platform.'],
    [
      'E2BIG',
      'The arguments or the environment are too large for the system; move settings from config to config.toml.',
    ],
    ['EAGAIN', 'The system allows no more processes.'],
    ['EMFILE', 'This process has too many open files.'],
    ['ENFILE', 'The system has too many open files.'],
    [
      'ERR_ACCESS_DENIED',
      'Node.js does not allow this process to start programs; begin it with `--allow-child-process`.',
    ],
  ])('says of %s what it means', (code, advice) => {
    const cause = Object.assign(new Error(code), { code });
    expect(spawnFailure({ file: 'ssh', origin: 'from options.command' }, cause)).toBe(
      `Could not start codex: "ssh" (from options.command) failed with ${code}. ${advice}`,
    );
  });

  it('says of a refusal of Deno, which has no code, which flag allows it', () => {
    const cause = Object.assign(new Error('Requires run access to "ssh"'), { name: 'NotCapable' });
    expect(spawnFailure({ file: 'ssh', origin: 'from options.command' }, cause)).toBe(
      'Could not start codex: "ssh" (from options.command) failed with NotCapable. Deno does not allow this process to start the program; begin it with `--allow-run`.',
    );
  });

  it('gives a code that nobody knows as it is, and owns up to having none', () => {
    const command = { file: 'ssh', origin: 'from options.command' };
    expect(spawnFailure(command, Object.assign(new Error(), { code: 'EODD' }))).toMatch(
      /failed with EODD\.$/,
    );
    expect(spawnFailure(command, undefined)).toMatch(/failed with an unknown error\.$/);
  });
});

describe('the host process', () => {
  const listenerCounts = () =>
    Object.fromEntries(process.eventNames().map((name) => [String(name), process.listenerCount(name)]));

  it('L13 is listened to by one listener of its exit and by none of a signal, however many servers', async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error) => warnings.push(warning);
    process.on('warning', onWarning);
    const before = listenerCounts();
    const { emit } = process;
    // It ends with its stdin, and starts faster than a scripted child.
    const servers = await Promise.all(
      Array.from({ length: 50 }, () => spawnServer({ command: ['/bin/cat'] })),
    );
    const during = listenerCounts();
    expect(process.emit).toBe(emit);
    for (const server of servers) {
      await server.stop();
      server.release();
    }
    const after = listenerCounts();
    process.off('warning', onWarning);
    expect(during).toEqual({ ...before, exit: (before['exit'] ?? 0) + 1 });
    expect(after).toEqual(before);
    expect(warnings).toEqual([]);
  });

  it('L13 shares neither its process group nor its session with the server, so a Ctrl-C is its own', async () => {
    const server = await start('ends-with-stdin');
    const pid = pidOf(server);
    const { stdout } = await promisify(execFile)('ps', ['-o', 'pgid=,sess=', '-p', String(pid)]);
    expect(stdout.trim().split(/\s+/).map(Number)).toEqual([pid, pid]);
    await server.stop();
  });
});

it('a folder of this process that was removed is named, and another one does', async () => {
  vi.spyOn(process, 'cwd').mockImplementation(() => {
    throw new Error('ENOENT: no such file or directory, uv_cwd');
  });
  try {
    const error = await failure({ command: [process.execPath, '--version'] });
    expect(error).toBeInstanceOf(SpawnError);
    expect(error.message).toContain('`options.cwd`');
    const server = await spawnServer({ command: [process.execPath, '--version'], cwd: folder });
    await server.stop();
  } finally {
    vi.restoreAllMocks();
  }
});
