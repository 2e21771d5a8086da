// Every TypeScript block of README, the guides, CONTRIBUTING, and the `@example`s of the sources compiles against the package.
//
// A block that continues another names what it needs in a comment before it: `<!-- context: client, threadId -->`.
// Such a block also has the package's exports without importing them. Examples in the sources always have a context.

import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as main from 'codex-async-client';
import * as testing from 'codex-async-client/testing';
import { afterAll, expect, test } from 'vitest';
import { sourceFiles } from '../structure/source-files.js';
import { DOCUMENTS } from './documents.js';
import { type CodeBlock, codeBlocks, REPOSITORY } from './markdown.js';

/** What a context can name. */
const CONTEXTS: Readonly<Record<string, string>> = {
  client: "declare const client: import('codex-async-client').AsyncClient;",
  threadId: 'declare const threadId: string;',
  myBot:
    "declare const myBot: (client: import('codex-async-client').AsyncClient) => Promise<string>; import assert from 'node:assert';",
  tools:
    "declare const tools: import('codex-async-client').Tools<import('codex-async-client').ToolCall<'weather', { city: string }, { celsius: number }>>;",
  provider: "declare const provider: import('codex-async-client/testing').LocalModelProvider;",
};

const folder = mkdtempSync(join(tmpdir(), 'codex-async-client-docs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const blocks: readonly (readonly [file: string, block: CodeBlock])[] = [
  ...DOCUMENTS.flatMap(({ path, text }) => codeBlocks(text, 'ts').map((block) => [path, block] as const)),
  ...sourceFiles().flatMap(({ path, text }) =>
    codeBlocks(text.replaceAll(/^ +\* ?/gm, ''), 'ts').map(
      (block) => [`src/${path}`, { ...block, context: ['client', 'threadId', 'provider'] }] as const,
    ),
  ),
];

test('blocks are found in README, in the guides and in the sources', () => {
  const files = blocks.map(([file]) => file);
  expect(files.filter((file) => file.startsWith('.github/docs/')).length).toBeGreaterThan(30);
  expect(files).toEqual(expect.arrayContaining(['README.md', 'src/testing/model/gate.ts']));
});

test('every block that names a context names a known one', () => {
  const known = Object.keys(CONTEXTS);
  expect(blocks.flatMap(([, { context }]) => context ?? []).filter((name) => !known.includes(name))).toEqual(
    [],
  );
});

test('every block compiles against the package', async () => {
  blocks.forEach(([file, block], index) => {
    writeFileSync(join(folder, nameOf(file, block, index)), programOf(block));
  });
  expect(await compileErrors()).toEqual([]);
});

test('a block with a mistake does not compile', async () => {
  const block: CodeBlock = { line: 1, code: 'await client.threadStrat({});\n', context: ['client'] };
  const name = nameOf('mistake.md', block, 0);
  writeFileSync(join(folder, name), programOf(block));
  expect(await compileErrors()).toEqual([expect.stringContaining(`${name}(1,14): error TS2551`)]);
  rmSync(join(folder, name));
});

/** The file and line of a block, in the name of its program. */
function nameOf(file: string, { line }: CodeBlock, index: number): string {
  return `${file.replaceAll(/\W+/g, '-')}-line-${line}-${index}.ts`;
}

/** The block's own lines stay in place: what is added stands behind them. */
function programOf({ code, context }: CodeBlock): string {
  if (context === undefined) return `${code}export {};\n`;
  const declared = declaredNames(code);
  const declarations = context.filter((name) => !declared.has(name)).map((name) => CONTEXTS[name] ?? '');
  const imports = [
    importOf(code, 'codex-async-client', Object.keys(main)),
    importOf(code, 'codex-async-client/testing', Object.keys(testing)),
  ];
  return [code, ...declarations, ...imports, 'export {};', ''].join('\n');
}

/** An import of the names that a block uses and does not import or declare itself. */
function importOf(code: string, specifier: string, names: readonly string[]): string {
  const declared = declaredNames(code);
  const isUsed = (name: string) => new RegExp(`(?<![.\\w])${name}\\b(?!:)`).test(code);
  const needed = names.filter((name) => isUsed(name) && !declared.has(name));
  return needed.length === 0 ? '' : `import { ${needed.join(', ')} } from '${specifier}';`;
}

function declaredNames(code: string): ReadonlySet<string> {
  const patterns = code.matchAll(/\b(?:const|let|using|import)\s+(\{[^}]*\}|\[[^\]]*\]|\w+)/g);
  return new Set([...patterns].flatMap((match) => match[1]?.match(/\w+/g) ?? []));
}

function compileErrors(): Promise<string[]> {
  mkdirSync(folder, { recursive: true });
  const source = (path: string) => [join(REPOSITORY, 'src', path)];
  const installed = (path: string) => [join(REPOSITORY, 'node_modules', path)];
  const config = {
    extends: join(REPOSITORY, 'tests', 'tsconfig.json'),
    compilerOptions: {
      rootDir: '/',
      noUnusedLocals: false,
      typeRoots: [join(REPOSITORY, 'node_modules', '@types')],
      paths: {
        'codex-async-client': source('index.ts'),
        'codex-async-client/testing': source('testing/index.ts'),
        'codex-async-client/view': source('view/index.ts'),
        'codex-async-client/otel': source('otel/index.ts'),
        '@opentelemetry/api': installed('@opentelemetry/api/build/src/index.d.ts'),
        '@opentelemetry/sdk-trace-base': installed('@opentelemetry/sdk-trace-base/build/src/index-shim.d.ts'),
        zod: installed('zod/index.d.ts'),
      },
    },
    include: [folder],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  const tsc = join(REPOSITORY, 'node_modules', 'typescript', 'bin', 'tsc');
  return new Promise((resolve) => {
    execFile(process.execPath, [tsc, '-p', folder], { cwd: folder }, (error, stdout) => {
      resolve(
        error === null
          ? []
          : stdout
              .trim()
              .split('\n')
              .filter((line) => !/^\s/.test(line)),
      );
    });
  });
}
