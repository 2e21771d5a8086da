// The package in the hands of others, under the Node.js that runs the tests and a choice of compilers. The other versions,
// runtimes and bundlers are the business of `tests/long`.

import { execFile } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { LocalModelProvider, text } from 'codex-async-client/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { codeBlocks, readDocument } from '../docs/markdown.js';
import { sized } from '../helpers/sizes.js';
import { run } from './commands.js';
import { typeCheckAll } from './compilers.js';
import { type Consumer, expectTurn, PROGRAM_KINDS, startConsumer } from './consumer.js';
import { REPOSITORY } from './packed.js';
import { addProgram, compiled } from './project.js';

const MODES = sized<('nodenext' | 'bundler')[]>(['nodenext', 'bundler'], ['nodenext']);

/** Compilers take a core each, which others may want, too. */
const COMPILE_TIMEOUT_MS = 180_000;

let consumer: Consumer;

beforeAll(async () => {
  consumer = await startConsumer();
}, COMPILE_TIMEOUT_MS);

afterAll(() => consumer?.remove());

test.each(PROGRAM_KINDS)('a %s program runs a turn with an approval', (kind) =>
  expectTurn([process.execPath], consumer.programs[kind], consumer.folder),
);

test(
  'programs are right, and mistakes are seen, under the TypeScript of this project',
  () =>
    typeCheckAll(consumer.folder, '7.0', ['nodenext, neither DOM nor Node.js', 'bundler, nothing strict']),
  COMPILE_TIMEOUT_MS,
);

test('the first lines of README, which are plain JavaScript, print what the agent says and end', async () => {
  const [block] = codeBlocks(readDocument('README.md'), 'js');
  const provider = await LocalModelProvider.start({ defaultReply: text('Three ', 'files.') });
  try {
    const options = JSON.stringify(provider.options);
    // As they stand there, but for the login: the model is a scripted one.
    const lines = block?.code.replace('AsyncClient.start()', `AsyncClient.start(${options})`) ?? '';
    expect(lines).toContain(options);
    const program = join(consumer.folder, 'first-lines.mjs');
    writeFileSync(program, lines);
    expect(await run(process.execPath, [program], consumer.folder)).toBe('Three files.');
  } finally {
    await provider.close();
  }
});

test('a fake stands in for a client in JavaScript', async () => {
  const program = addProgram(consumer.folder, 'javascript-fakes.mjs');
  expect(await run(process.execPath, [program], consumer.folder)).toBe('Hi! / turn/completed\n');
});

test.each(MODES)(
  'a fake stands in for a client under %s without a cast, and nobody makes a client by hand',
  async (mode) => {
    addProgram(consumer.folder, 'typescript-fakes.ts');
    const program = await compiled(consumer.folder, 'typescript-fakes.ts', mode);
    expect(await run(process.execPath, [program], consumer.folder)).toBe('Hi! / The Pond\n');
  },
);

test.skipIf(process.platform === 'win32')(
  'the installed doctor is a program that looks at the codex of the project',
  async () => {
    const program = join(consumer.folder, 'node_modules', '.bin', 'codex-async-client');
    const home = join(consumer.folder, 'home');
    mkdirSync(home);
    writeFileSync(join(home, 'auth.json'), '{"OPENAI_API_KEY":"none"}');
    const env = { HOME: home, CODEX_HOME: home, PATH: process.env['PATH'] ?? '' };
    const { stdout } = await promisify(execFile)(program, ['doctor', '--json'], {
      cwd: consumer.folder,
      env,
    });
    const { ok, checks }: { ok: boolean; checks: { check: string; status: string }[] } = JSON.parse(stdout);
    expect(ok).toBe(true);
    expect(checks).toContainEqual(expect.objectContaining({ check: 'turn', status: 'ok' }));
  },
);

test('the installed codex-tape stands in for codex', async () => {
  const program = addProgram(consumer.folder, 'javascript-tape.mjs');
  expect(await run(process.execPath, [program], consumer.folder)).toBe('0.169.0 t /played/there\n');
});

test(
  'traces need the API of OpenTelemetry, which nothing else does, and say so where it is missing',
  async () => {
    const script = ['--input-type=module', '-e', "await import('codex-async-client/otel')"];
    await expect(run(process.execPath, script, consumer.folder)).rejects.toThrow(
      /Cannot find package '@opentelemetry\/api'/,
    );
    const scope = join(consumer.folder, 'node_modules', '@opentelemetry');
    mkdirSync(scope);
    symlinkSync(join(REPOSITORY, 'node_modules', '@opentelemetry', 'api'), join(scope, 'api'), 'junction');
    addProgram(consumer.folder, 'typescript-traces.ts');
    for (const mode of MODES) {
      const traces = await compiled(consumer.folder, 'typescript-traces.ts', mode);
      expect(await run(process.execPath, [traces], consumer.folder)).toBe('turn/completed\n');
    }
  },
  COMPILE_TIMEOUT_MS,
);
