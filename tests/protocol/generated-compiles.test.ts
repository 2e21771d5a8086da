/** `generated.ts` alone, as a program that does not have Node's types compiles it. */
import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');
const folder = mkdtempSync(join(tmpdir(), 'protocol-compiles-'));

beforeAll(() => {
  mkdirSync(join(folder, 'protocol'));
  mkdirSync(join(folder, 'session', 'requests'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(
    join(folder, 'session', 'requests', 'request-options.ts'),
    'export interface RequestOptions { timeoutMs?: number }\n',
  );
  const source = fileURLToPath(new URL('../../src/protocol/generated.ts', import.meta.url));
  copyFileSync(source, join(folder, 'protocol', 'generated.ts'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function compile(compilerOptions: Record<string, unknown>): Promise<string> {
  const strict = {
    strict: true,
    skipLibCheck: false,
    exactOptionalPropertyTypes: true,
    noUnusedLocals: true,
    verbatimModuleSyntax: true,
    isolatedModules: true,
    target: 'es2022',
    lib: ['es2022'],
    types: [],
    declaration: true,
    rootDir: folder,
  };
  const config = { compilerOptions: { ...strict, ...compilerOptions }, include: ['protocol', 'session'] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  const run = promisify(execFile)(process.execPath, [tsc, '-p', join(folder, 'tsconfig.json')]);
  return run.then(
    ({ stdout }) => stdout,
    (error: { stdout?: string }) => error.stdout ?? String(error),
  );
}

test.each([
  { module: 'nodenext', outDir: 'out-nodenext' },
  { module: 'esnext', moduleResolution: 'bundler', outDir: 'out-bundler' },
])('the file compiles under module $module with skipLibCheck false', async (options) => {
  expect(await compile({ ...options, outDir: join(folder, options.outDir) })).toBe('');
});

test('a mistake in it would be seen', async () => {
  writeFileSync(
    join(folder, 'session', 'mistake.ts'),
    "import type { NoSuchType } from '../protocol/generated.js';\nexport type A = NoSuchType;\n",
  );
  expect(await compile({ module: 'nodenext', noEmit: true })).toContain('NoSuchType');
  rmSync(join(folder, 'session', 'mistake.ts'));
});
