// What an editor knows of the package: TypeScript's language service over the declarations as they are published. The
// project's own compiler, which has no such service yet, writes the declarations.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript-5.9';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
const COMPILER = join(
  dirname(createRequire(import.meta.url).resolve('typescript/package.json')),
  'bin',
  'tsc',
);

const SETTINGS: ts.CompilerOptions = {
  module: ts.ModuleKind.NodeNext,
  target: ts.ScriptTarget.ES2023,
  lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts'],
  types: [],
  strict: true,
};

/** The declarations of the package in an editor. */
export interface PublishedTypes {
  readonly service: ts.LanguageService;
  readonly checker: ts.TypeChecker;
  /** The declarations made of a source file, for example `index`. */
  declarationsOf(path: string): ts.SourceFile;
  /** The source file, from the repository, that a declaration file was made of; undefined for one of another package. */
  sourceOf(file: string): string | undefined;
}

/** Writes the declarations, asks something about them, and removes them. */
export function withPublishedTypes<T>(ask: (types: PublishedTypes) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'declarations-'));
  try {
    const output = ['--emitDeclarationOnly', '--outDir', folder];
    execFileSync(process.execPath, [COMPILER, '-p', join(REPOSITORY, 'tsconfig.json'), ...output]);
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    // Where the declarations of the entry for traces find those of OpenTelemetry.
    symlinkSync(join(REPOSITORY, 'node_modules'), join(folder, 'node_modules'), 'junction');
    return ask(typesBelow(ts.sys.realpath?.(folder) ?? folder));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function typesBelow(realFolder: string): PublishedTypes {
  // TypeScript writes paths with slashes everywhere.
  const folder = `${realFolder.replaceAll('\\', '/')}/`;
  const service = ts.createLanguageService({
    getCompilationSettings: () => SETTINGS,
    getScriptFileNames: () => ['index', 'testing/index', 'otel/index'].map((path) => `${folder}${path}.d.ts`),
    getScriptVersion: () => '1',
    getScriptSnapshot: (path) => {
      const text = ts.sys.readFile(path);
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
    },
    getCurrentDirectory: () => folder,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: ts.sys.fileExists,
    readFile: ts.sys.readFile,
    directoryExists: ts.sys.directoryExists,
  });
  const program = service.getProgram();
  if (program === undefined) throw new Error('the language service has no program');
  return {
    service,
    checker: program.getTypeChecker(),
    declarationsOf: (path) => {
      const file = program.getSourceFile(`${folder}${path}.d.ts`);
      if (file === undefined) throw new Error(`there are no declarations of ${path}`);
      return file;
    },
    sourceOf: (file) =>
      file.startsWith(folder) ? `src/${file.slice(folder.length).replace(/\.d\.ts$/, '.ts')}` : undefined,
  };
}
