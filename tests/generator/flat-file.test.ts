// The generator as pure functions on small inputs: what it changes in upstream's types, and what it leaves.

import { describe, expect, test } from 'vitest';
import { flatFile } from '../../src/generator/flat-file.js';
import { flatten, renameWords } from '../../src/generator/flatten.js';
import { layOutType } from '../../src/generator/layout.js';
import { parseSourceFile, type SourceFile } from '../../src/generator/source-files.js';
import { textOf, tokenize } from '../../src/generator/tokens.js';
import { fieldsOf, mayBeLeftOut, unionMembers } from '../../src/generator/type-shape.js';

const file = (path: string, source: string): SourceFile => parseSourceFile(path, source);
const body = (files: SourceFile[], name: string): string | undefined =>
  flatten(files).find((declaration) => declaration.name === name)?.body;

/** A protocol with one message of each direction; `more` are further files. */
function protocol(
  more: SourceFile[] = [],
  clientRequest = '{ "method": "thing/do", id: number, params: ThingDoParams, }',
) {
  return [
    file(
      'ClientRequest.ts',
      `import type { ThingDoParams } from "./v2/ThingDoParams";\n\nexport type ClientRequest ={ "method": "initialize", id: number, params: undefined, } | ${clientRequest};\n`,
    ),
    file(
      'ServerRequest.ts',
      'export type ServerRequest = { "method": "ask", id: number, params: undefined, };\n',
    ),
    file(
      'ServerNotification.ts',
      'export type ServerNotification = { "method": "said", "params": string };\n',
    ),
    file('ClientNotification.ts', 'export type ClientNotification = { "method": "initialized" };\n'),
    file(
      'v2/ThingDoParams.ts',
      '\n/**\n * Does a thing.\n */\nexport type ThingDoParams = { much?: bigint, };\n',
    ),
    file('v2/ThingDoResponse.ts', 'export type ThingDoResponse = Record<string, never>;\n'),
    ...more,
  ];
}

describe('tokens', () => {
  test('the tokens joined again are the text', () => {
    const text = '/** a "b" */ { "c\\"d": `e`, // f\n \'g\'?: Array<h>, }';
    expect(textOf(tokenize(text))).toBe(text);
  });
});

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

describe('the shape of a type', () => {
  test('its union members are split outside brackets only', () => {
    expect(unionMembers('({ a: 1 | 2 } | Array<"|" | 3> | null)')).toEqual([
      '{ a: 1 | 2 }',
      'Array<"|" | 3>',
      'null',
    ]);
  });

  test('its fields are read with comments and quotes taken off', () => {
    expect(fieldsOf('{ "method": "x",\n/**\n * Of: an a, b.\n */\nparams?: { c: 1, } | null, }')).toEqual([
      { name: 'method', optional: false, type: '"x"' },
      { name: 'params', optional: true, type: '{ c: 1, } | null' },
    ]);
  });

  test.each([
    ['undefined', true],
    ['A | null', true],
    ['{ a?: string, b?: number, }', true],
    ['{ a?: string, b: number, }', false],
    ['Record<string, never>', true],
    ['{ [key in string]?: number }', true],
    ['{ a?: 1 } & ({ b?: 2 } | { c: 3 })', true],
    ['{ a?: 1 } & { c: 3 }', false],
    ['Named', true],
    ['Unknown', false],
    ['string', false],
  ])('params of type %s may be left out: %s', (type, expected) => {
    expect(mayBeLeftOut(type, (name) => (name === 'Named' ? '{ a?: 1 }' : undefined))).toBe(expected);
  });
});

describe('layout', () => {
  test('short types stay on one line, and long unions get a line for each member', () => {
    expect(layOutType('"a"  | "b"')).toBe('"a" | "b"');
    const [left, right] = ['a'.repeat(60), 'b'.repeat(60)];
    expect(layOutType(`"${left}" | "${right}"`)).toBe(`\n  | "${left}"\n  | "${right}"`);
  });

  test('doc comments stand above their field', () => {
    expect(layOutType('{ a: 1,\n/**\n * The b.\n */\nb: 2, }')).toBe(
      '{\n  a: 1,\n  /**\n   * The b.\n   */\n  b: 2,\n}',
    );
  });

  test('a mapped type gets no comma, which it does not admit', () => {
    expect(layOutType('{ [key in string]?:\n/** v */\nnumber }')).not.toContain(',');
  });
});

describe('the flat file', () => {
  const flat = (all: SourceFile[], stable = all) => flatFile({ version: '1.2.3', all, stable });

  test('holds types, maps, lists and typed methods with their docs', () => {
    const text = flat(protocol(), protocol([], '{ "method": "other", id: number, params: undefined, }'));
    expect(text).toContain("export const PROTOCOL_VERSION = '1.2.3';");
    expect(text).toContain('/**\n * Does a thing.\n */\nexport type ThingDoParams = { much?: number, };');
    expect(text).toContain('/** Response to `thing/do`. */\nexport type ThingDoResponse');
    expect(text).toContain("  'thing/do': { params: ThingDoParams; response: ThingDoResponse };");
    expect(text).toContain("export const EXPERIMENTAL_METHODS = [\n  'thing/do',\n] as const;");
    expect(text).toContain(
      '   * Sends `thing/do`.\n   *\n   * Does a thing.\n   *\n   * Experimental: needs `experimentalApi`.\n   */\n' +
        '  thingDo(params?: ThingDoParams, options?: RequestOptions): Promise<ThingDoResponse>;',
    );
  });

  test('leaves the handshake to the client', () => {
    expect(flat(protocol())).toContain("  'initialize': { params: undefined; response: unknown };");
    expect(flat(protocol())).not.toMatch(/^ {2}initialize\(/m);
  });

  test('names the methods whose response type is not found', () => {
    expect(flat(protocol())).toContain("export type MethodsWithoutResponse =\n  | 'initialize'\n  | 'ask';");
  });

  test('is refused when upstream takes a name that the generator needs', () => {
    expect(() => flat(protocol([file('v2/TypedMethods.ts', 'export type TypedMethods = 1;\n')]))).toThrow(
      'TypedMethods',
    );
  });

  test('is refused when a union of messages is missing', () => {
    expect(() => flat(protocol().filter(({ name }) => name !== 'ServerRequest'))).toThrow(
      'has no type ServerRequest',
    );
  });
});
