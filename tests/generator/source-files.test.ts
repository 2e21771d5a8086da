/** Reading what generate-ts wrote: one type a file, or the generator stops. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readSourceFiles } from '../../src/generator/source-files.js';
import { file } from './small-protocol.js';

describe('a type of generate-ts', () => {
  test('keeps its doc comment and leaves the header of its file', () => {
    const parsed = file(
      'v2/A.ts',
      '// GENERATED CODE!\n\n// by ts-rs\nimport type { B } from "../B";\n\n/**\n * An A.\n */\nexport type A = B;\n',
    );
    expect(parsed).toEqual({
      path: 'v2/A',
      name: 'A',
      imports: new Map([['B', 'B']]),
      doc: '/**\n * An A.\n */',
      body: 'B',
    });
  });

  test('may have no blank after the equals sign', () => {
    expect(file('A.ts', 'export type A ={ b: string };\n').body).toBe('{ b: string }');
  });

  test.each([
    'export interface A { b: string }\n',
    'export type A = 1;\nexport type B = 2;\n',
    'const a = 1;\nexport type A = 1;\n',
  ])('in a form that is not known is refused with the name of its file: %s', (source) =>
    expect(() => file('v2/Odd.ts', source)).toThrow('v2/Odd.ts'),
  );
});

test('every type of a folder is read, in order of the paths, and index files are not', () => {
  const folder = mkdtempSync(join(tmpdir(), 'source-files-'));
  mkdirSync(join(folder, 'v2'));
  for (const path of ['v2/B.ts', 'A.ts'])
    writeFileSync(join(folder, path), `export type ${path.at(-4)} = 1;\n`);
  for (const path of ['index.ts', 'v2/index.ts']) writeFileSync(join(folder, path), 'export * from "./A";\n');
  const paths = readSourceFiles(folder).map(({ path }) => path);
  rmSync(folder, { recursive: true });
  expect(paths).toEqual(['A', 'v2/B']);
});
