/** All types in one namespace: what is merged, what is renamed, and what stops the generator. */
import { describe, expect, test } from 'vitest';
import { flatten, renameWords } from '../../src/generator/flatten.js';
import type { SourceFile } from '../../src/generator/source-files.js';
import { file } from './small-protocol.js';

const body = (files: SourceFile[], name: string): string | undefined =>
  flatten(files).find((declaration) => declaration.name === name)?.body;

describe('bigint', () => {
  test('becomes number in code', () => {
    expect(
      body([file('A.ts', 'export type A = { count: bigint | null, list: Array<bigint>, };\n')], 'A'),
    ).toBe('{ count: number | null, list: Array<number>, }');
  });

  test('stays in strings, comments and names of fields', () => {
    const source = '{\n/**\n * A bigint.\n */\nbigint?: "bigint", }';
    expect(body([file('A.ts', `export type A = ${source};\n`)], 'A')).toBe(source);
  });
});

describe('names that exist at the root and in v2', () => {
  test('are emitted once when they mean the same', () => {
    const source = 'export type Same = { a: string };\n';
    expect(flatten([file('Same.ts', source), file('v2/Same.ts', source)]).map(({ name }) => name)).toEqual([
      'Same',
    ]);
  });

  test('keep the doc comment that one of them has', () => {
    const [declaration] = flatten([
      file('Same.ts', '/**\n * Told.\n */\nexport type Same = string;\n'),
      file('v2/Same.ts', 'export type Same = string;\n'),
    ]);
    expect(declaration?.doc).toBe('/**\n * Told.\n */');
  });

  test('stay apart when they differ: v2 keeps the name, references follow their imports', () => {
    const files = [
      file('Source.ts', 'export type Source = "old" | Array<Source>;\n'),
      file(
        'UsesOld.ts',
        'import type { Source } from "./Source";\nexport type UsesOld = { Source: Source, say: "Source" };\n',
      ),
      file('v2/Source.ts', 'export type Source = "new" | Array<Source>;\n'),
      file('v2/UsesNew.ts', 'import type { Source } from "./Source";\nexport type UsesNew = Source;\n'),
      file(
        'v2/UsesOldToo.ts',
        'import type { Source } from "../Source";\nexport type UsesOldToo = Source;\n',
      ),
    ];
    expect(
      Object.fromEntries(flatten(files).map((declaration) => [declaration.name, declaration.body])),
    ).toEqual({
      CoreSource: '"old" | Array<CoreSource>',
      Source: '"new" | Array<Source>',
      UsesNew: 'Source',
      UsesOld: '{ Source: CoreSource, say: "Source" }',
      UsesOldToo: 'CoreSource',
    });
  });

  test('stay apart when they read alike and refer to types that differ', () => {
    const files = [
      file('Inner.ts', 'export type Inner = 1;\n'),
      file('Outer.ts', 'import type { Inner } from "./Inner";\nexport type Outer = Inner;\n'),
      file('v2/Inner.ts', 'export type Inner = 2;\n'),
      file('v2/Outer.ts', 'import type { Inner } from "./Inner";\nexport type Outer = Inner;\n'),
    ];
    expect(body(files, 'CoreOuter')).toBe('CoreInner');
    expect(body(files, 'Outer')).toBe('Inner');
  });

  test('stop the generator when the prefixed name is taken', () => {
    const files = ['A.ts', 'v2/A.ts', 'CoreA.ts'].map((path, index) =>
      file(path, `export type ${path.replace(/^v2\/|\.ts$/g, '')} = ${index};\n`),
    );
    expect(() => flatten(files)).toThrow('needs the name CoreA, which is taken');
  });
});

test('three that differ under one name stop the generator', () => {
  const files = ['A.ts', 'serde_json/A.ts', 'v2/A.ts'].map((path, index) =>
    file(path, `export type A = ${index};\n`),
  );
  expect(() => flatten(files)).toThrow('serde_json/A needs the name CoreA, which is taken');
});

test('an import of a file that does not exist stops the generator', () => {
  const files = [file('v2/A.ts', 'import type { B } from "./B";\nexport type A = B;\n')];
  expect(() => flatten(files)).toThrow('v2/A imports B from v2/B');
});

test('renaming leaves the names of fields, optional ones too', () => {
  expect(renameWords('{ a: a, a?: a, "a": a }', new Map([['a', 'b']]))).toBe('{ a: b, a?: b, "a": b }');
});
