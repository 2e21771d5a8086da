// The package in the hands of others, under the Node.js that runs the tests and a choice of compilers. The other versions
// are the business of `tests/long`.

import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from './commands.js';
import { COMPILERS, typeCheckAll } from './compilers.js';
import { type Consumer, expectTurn, PROGRAM_KINDS, startConsumer } from './consumer.js';
import { addProgram, compiled, MODULE_MODES } from './project.js';
import { typeCost } from './type-cost.js';

/** Compilers take a core each, which others may want, too. */
const COMPILE_TIMEOUT_MS = 180_000;

let consumer: Consumer;

beforeAll(async () => {
  consumer = await startConsumer();
}, COMPILE_TIMEOUT_MS);

afterAll(() => consumer?.remove());

test.each(PROGRAM_KINDS)('a %s program runs a turn with an approval', (kind) =>
  expectTurn(process.execPath, consumer.programs[kind], consumer.folder),
);

test.each(COMPILERS)(
  'programs are right, and mistakes are seen, under TypeScript %s',
  (compiler) =>
    typeCheckAll(consumer.folder, compiler, ['nodenext, neither DOM nor Node.js', 'bundler, nothing strict']),
  COMPILE_TIMEOUT_MS,
);

test(
  'importing the package does not double the types of a program, all declarations counted',
  async () => {
    const [empty, full] = await Promise.all([
      typeCost(consumer.folder, 'empty.ts', false),
      typeCost(consumer.folder, 'typescript-program.ts', false),
    ]);
    expect(empty.types).toBeGreaterThan(1000);
    expect(full.types).toBeGreaterThan(empty.types);
    expect(full.types / empty.types).toBeLessThan(2);
  },
  COMPILE_TIMEOUT_MS,
);

test('a fake stands in for a client in JavaScript', async () => {
  const program = addProgram(consumer.folder, 'javascript-fakes.mjs');
  expect(await run(process.execPath, [program], consumer.folder)).toBe('Hi! / turn/completed\n');
});

test.each(Object.keys(MODULE_MODES) as (keyof typeof MODULE_MODES)[])(
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
