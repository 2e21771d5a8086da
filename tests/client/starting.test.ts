/**
 * What users of such clients complain about when codex is to be found and started, and what a failed start tells:
 * every message of it may end in an issue tracker, so it holds nothing of the environment.
 */
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import {
  AsyncClient,
  CodexClientError,
  HandshakeError,
  InvalidArgumentError,
  SpawnError,
  type StartOptions,
} from 'codex-async-client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { scriptedCommand } from '../helpers/scripted.js';

const IS_WINDOWS = process.platform === 'win32';
/** Has the shape of no key that could be masked by its looks. */
const SECRET = 'Tr0ub4dor-and-3';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'codex shim '));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

/** Writes a launcher as npm does: a shell script, and beside it the `.cmd` that Windows can start. */
async function writeShim(name: string): Promise<string> {
  const [node, server] = scriptedCommand('echo-params');
  const script = join(folder, name);
  await writeFile(script, `#!/bin/sh\nexec '${node}' '${server}' "$@"\n`);
  await chmod(script, 0o755);
  await writeFile(`${script}.cmd`, `@"${node}" "${server}" %*\r\n`);
  return IS_WINDOWS ? `${script}.cmd` : script;
}

/** What a start fails with. */
async function failureOf(options: StartOptions): Promise<unknown> {
  try {
    await using client = await AsyncClient.start(options);
    return `${client.pid} was started`;
  } catch (error) {
    return error;
  }
}

test('a shim on PATH (codex.cmd on Windows) fails with EINVAL: it is found by its name, and starts', async () => {
  await writeShim('codex');
  await using client = await AsyncClient.start({ codexPath: 'codex', env: { PATH: folder } });
  expect(await client.request('ping', { n: 1 })).toMatchObject({ method: 'ping', params: { n: 1 } });
});

test('bundlers and Electron cannot find the binary: a path that is given is used as it is, spaces included', async () => {
  const codexPath = await writeShim('my own codex');
  await using client = await AsyncClient.start({ codexPath, env: { PATH: '' } });
  expect(await client.request('ping')).toMatchObject({ method: 'ping' });
});

test('spawn codex ENOENT when PATH has no codex: the error says where it looked and how to go on', async () => {
  const error = await failureOf({ codexPath: 'codex', env: { PATH: folder } });
  expect(error).toBeInstanceOf(SpawnError);
  expect(String(error)).toMatch(/on PATH \(1 folder\).*npm install @openai\/codex.*codexPath/);
});

test('spawn codex ENOENT with a path that is not there: the error names it, and says how to install codex', async () => {
  const error = await failureOf({ codexPath: '/no/such/codex' });
  expect(error).toBeInstanceOf(SpawnError);
  expect(String(error)).toContain('/no/such/codex');
  expect(String(error)).toContain('npm install @openai/codex');
});

const failures: readonly (readonly [string, StartOptions])[] = [
  ['codex is not on PATH', { codexPath: 'no-such-codex' }],
  ['codexPath names no file', { codexPath: '/no/such/codex' }],
  ['codexPath names a folder', { codexPath: tmpdir() }],
  ['the command does not exist', { command: ['/no/such/ssh', 'host'] }],
  ['the command is a folder', { command: ['/'] }],
  ['the folder does not exist', { command: ['codex'], cwd: '/no/such/folder' }],
  ['the home does not exist', { codexPath: 'codex', codexHome: '/no/such/home' }],
  ['the server exits at once', { command: scriptedCommand('process-exits-at-once') }],
  ['the server exits in the handshake', { command: scriptedCommand('exits-in-handshake') }],
  ['the server refuses', { command: scriptedCommand('refuses-handshake'), shutdownGraceMs: 50 }],
  ['the server says nothing', { command: scriptedCommand('never-answers'), requestTimeoutMs: 1 }],
  [
    'the server is too old',
    { command: scriptedCommand('answers-handshake-with', '{"userAgent":"c/0.1.0 (x)"}') },
  ],
];

test.each(failures)('a secret from the environment is in no error when %s', async (_, options) => {
  vi.stubEnv('INHERITED_SETTING', `${SECRET}-inherited`);
  const error = await failureOf({ ...options, env: { ADDED_SETTING: `${SECRET}-added` } });
  expect(error).toBeInstanceOf(CodexClientError);
  // As a logger prints it: causes, stacks and hidden members included.
  expect(inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true })).not.toContain(SECRET);
  expect(JSON.stringify(error)).not.toContain(SECRET);
});

test.each([
  ['holds a NUL character', { ADDED_SETTING: `${SECRET}\0` }],
  ['is no text', { ADDED_SETTING: [SECRET] }],
  ['stands beside one that is no text', { ADDED_SETTING: SECRET, OTHER: 5 }],
  ['stands where an object should', SECRET],
])('a secret from the environment is in no error when its variable %s', async (_, env) => {
  const error = await failureOf({ command: ['codex'], env: env as never });
  expect(error).toBeInstanceOf(InvalidArgumentError);
  expect(inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true })).not.toContain(SECRET);
});

test.skipIf(IS_WINDOWS)(
  'a secret from the environment is masked when the server itself prints it under a telling name',
  async () => {
    const env = { OPENAI_API_KEY: SECRET, GITHUB_ACCESS_TOKEN: SECRET, DB_PASSWORD: SECRET };
    const error = await failureOf({ command: ['/bin/sh', '-c', 'env >&2; exit 3'], env });
    expect(error).toBeInstanceOf(HandshakeError);
    expect(Object(error).stderrTail).toContain('OPENAI_API_KEY=[masked]');
    expect(inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true })).not.toContain(SECRET);
  },
);
