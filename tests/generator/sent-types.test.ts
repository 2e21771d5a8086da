/** The form of types as callers write them, and which types have two forms. */
import { describe, expect, test } from 'vitest';
import type { Declaration } from '../../src/generator/flatten.js';
import { sentForm, withSentTypes } from '../../src/generator/sent-types.js';
import { file, flat, protocol } from './small-protocol.js';

const declaration = (name: string, body: string): Declaration => ({ name, doc: '', body });

describe('the form for callers', () => {
  test.each([
    ['{ a?: string, }', '{ a?: string | undefined, }'],
    ['{ a?: string | null, b: number, }', '{ a?: string | null | undefined, b: number, }'],
    ['{ params?: undefined, }', '{ params?: undefined, }'],
    ['{ a: Array<Array<string>>, }', '{ a: ReadonlyArray<ReadonlyArray<string>>, }'],
    ['unknown[]', 'ReadonlyArray<unknown>'],
    ['{ [key in string]?: Array<A> }', '{ [key in string]?: ReadonlyArray<A> | undefined }'],
    ['{ a: { b?: 1, }, }', '{ a: { b?: 1 | undefined, }, }'],
    ['"x" | { "y": { a?: 1 } }', '"x" | { "y": { a?: 1 | undefined } }'],
    [
      '{ "type": "a", } & ({ b?: 1, } | { c: 2, })',
      '{ "type": "a", } & ({ b?: 1 | undefined, } | { c: 2, })',
    ],
    [
      '{ a?: 1, /** For tests. */ mockField?: 2, mocks?: 3, }',
      '{ a?: 1 | undefined, mocks?: 3 | undefined, }',
    ],
    ['{ a: "Array<string>", }', '{ a: "Array<string>", }'],
    ['Record<string, never>', 'Record<string, never>'],
  ])('of %s is %s', (body, expected) => {
    expect(sentForm(body)).toBe(expected);
  });

  test('keeps docs above their member', () => {
    expect(sentForm('{ /**\n * Why, and: how?\n */\na?: 1, }')).toBe(
      '{ /**\n * Why, and: how?\n */\na?: 1 | undefined, }',
    );
  });

  test('lets out what the schema does not ask for, one level down and in unions too', () => {
    const inner = { required: ['b'], properties: { b: {}, c: {} } };
    const schema = { required: ['a'], properties: { a: inner, d: {} } };
    expect(sentForm('{ a: { b: 1, c: 2, }, d: 3 | null, }', schema)).toBe(
      '{ a: { b: 1, c?: 2 | undefined, }, d?: 3 | null | undefined, }',
    );
    const text = { required: ['type'], properties: { type: { enum: ['text'] }, spans: {} } };
    expect(
      sentForm('{ "type": "text", spans: 1, } | { "type": "other", spans: 1, }', { oneOf: [text] }),
    ).toBe('{ "type": "text", spans?: 1 | undefined, } | { "type": "other", spans: 1, }');
  });
});

describe('the types of a protocol', () => {
  const types = [
    declaration('Answer', '{ both: Both, plain: Plain, read?: Array<string>, }'),
    declaration('Both', '{ list: Array<Part>, }'),
    declaration('Outer', '{ both: Both, }'),
    declaration('Part', '{ a: string, }'),
    declaration('Plain', '{ a: string, }'),
    declaration('Question', '{ outer: Outer, plain: Plain, written?: Array<string>, }'),
    declaration('Said', '{ outer: Outer, }'),
  ];
  const directions = { sent: ['Question'], received: ['Answer', 'Said'] };
  const bodies = new Map(withSentTypes(types, directions, {}).map(({ name, body }) => [name, body]));

  test('have the form for callers where only callers write them', () => {
    expect(bodies.get('Question')).toBe(
      '{ outer: SentOuter, plain: Plain, written?: ReadonlyArray<string> | undefined, }',
    );
  });

  test('stay as they are where only the server sends them', () => {
    expect(bodies.get('Answer')).toBe('{ both: Both, plain: Plain, read?: Array<string>, }');
  });

  test('have two forms where both write them and the forms differ, or those of a part do', () => {
    expect([...bodies.keys()]).toEqual([
      'Answer',
      'Both',
      'Outer',
      'Part',
      'Plain',
      'Question',
      'Said',
      'SentBoth',
      'SentOuter',
    ]);
    expect(bodies.get('Both')).toBe('{ list: Array<Part>, }');
    expect(bodies.get('SentBoth')).toBe('{ list: ReadonlyArray<Part>, }');
    expect(bodies.get('SentOuter')).toBe('{ both: SentBoth, }');
  });

  test('stop the generator when a prefixed name is taken, or a direction begins with a type of both', () => {
    const taken = [...types, declaration('SentBoth', 'string')];
    expect(() => withSentTypes(taken, directions, {})).toThrow(
      'Both needs the name SentBoth, which is taken',
    );
    const both = { sent: ['Question', 'Both'], received: ['Answer'] };
    expect(() => withSentTypes(types, both, {})).toThrow('Both is both sent and received');
  });
});

test('the flat file has params and answers to server requests in the form for callers', () => {
  const more = [
    file('AskResponse.ts', 'export type AskResponse = { words?: Array<string>, };\n'),
    file('v2/Heard.ts', 'export type Heard = { words?: Array<string>, };\n'),
  ];
  const text = flat(protocol(more));
  expect(text).toContain('export type AskResponse = { words?: ReadonlyArray<string> | undefined, };');
  expect(text).toContain('export type ThingDoParams = { much?: number | undefined, };');
  expect(text).toContain('export type Heard = { words?: Array<string>, };');
});
