/** What a hover says of a typed method. */
import { describe, expect, test } from 'vitest';
import { methodDoc } from '../../src/generator/method-docs.js';
import type { Method } from '../../src/generator/method-map.js';

const types: Readonly<Record<string, readonly [doc: string, body: string]>> = {
  NoParams: ['', 'Record<string, never>'],
  NameParams: ['', '{ threadId: string, name: string, }'],
  NoResponse: ['', 'Record<string, never>'],
  ManyParams: ['', '{ a: 1, b: 1, c?: 1, d?: 1, e?: 1, f?: 1, g?: 1, h?: 1, i?: 1, j?: 1, }'],
  EitherResponse: ['', '{ "type": "a", } | { "type": "b", url: string, }'],
  ListParams: ['', '{ cursor?: string | null, }'],
  ListResponse: ['', '{ data: Array<string>, nextCursor: string | null, }'],
  ToldParams: ['/**\n * Tells it.\n *\n * @deprecated Tell no more.\n */', '{ a: 1, }'],
  ToldResponse: ['/** What was told. */', '{ b: 1, }'],
  EmptyParams: ['/** Parameters for `x/y`. */', '{ a: 1, }'],
  EmptyResponse: ['/** Successful response for `x/y`. */', 'Record<string, never>'],
  FieldsParams: [
    '',
    '{ /** May be. More of it. */ a?: 1, /**\n * Has to\n * be, e.g. so.\n */ b: 1, /** @deprecated gone */ c?: 1, d: 1, }',
  ],
};
const declarations = new Map(Object.entries(types).map(([name, [doc, body]]) => [name, { name, doc, body }]));

interface Given extends Partial<Method> {
  readonly description?: string;
}

function docOf({ description, ...given }: Given): string {
  const method: Method = {
    method: 'x/y',
    params: given.paramsName ?? 'undefined',
    paramsName: undefined,
    paramsOptional: false,
    response: undefined,
    experimental: false,
    ...given,
  };
  const descriptions = new Map(description === undefined ? [] : [[method.method, description]]);
  return methodDoc(method, { declarations, descriptions }).join('\n');
}

describe('the first sentence', () => {
  test.each<[Given, string]>([
    [{}, 'Sends `x/y`.'],
    [{ paramsName: 'NoParams', response: 'NoResponse' }, 'Sends `x/y`; the server answers with nothing.'],
    [
      { paramsName: 'NameParams', response: 'ListResponse' },
      'Sends `x/y` with `threadId` and `name`; the server answers with `data` and `nextCursor`.',
    ],
    [
      { paramsName: 'NameParams', response: 'EitherResponse' },
      'Sends `x/y` with `threadId` and `name`; the server answers with `type`, and sometimes `url`.',
    ],
    [
      { paramsName: 'ManyParams' },
      'Sends `x/y` with `a` and `b`, and optionally `c`, `d`, `e`, `f`, `g`, `h` and 2 more.',
    ],
    [
      { paramsName: 'ListParams', params: 'ListParams | null | undefined' },
      'Sends `x/y`, optionally with `cursor`.',
    ],
  ])('of %j says what goes in and what comes back', (given, expected) => {
    expect(docOf(given).replaceAll('\n', ' ').startsWith(expected)).toBe(true);
  });
});

test('the words of params and answer follow, and block tags are last', () => {
  expect(docOf({ paramsName: 'ToldParams', response: 'ToldResponse', experimental: true })).toBe(
    [
      'Sends `x/y` with `a`; the server answers with `b`.',
      'Tells it.',
      'The answer: What was told.',
      '@experimental Needs `experimentalApi: true`.',
      '@deprecated Tell no more.',
    ].join('\n\n'),
  );
});

test('words that say no more than the name are left out', () => {
  const doc = docOf({ paramsName: 'EmptyParams', response: 'EmptyResponse' });
  expect(doc).toBe('Sends `x/y` with `a`; the server answers with nothing.');
});

test('members of params without a word of their own are explained, those that are needed first', () => {
  expect(docOf({ paramsName: 'FieldsParams' })).toContain(
    '\n\nParams:\n- `b`: Has to be, e.g. so.\n- `a`: May be.',
  );
});

test('what the protocol says of the method itself is there, unless its params begin the same way', () => {
  expect(docOf({ description: 'Ask it.', paramsName: 'ToldParams' })).toContain('\n\nAsk it.\n\nTells it.');
  expect(docOf({ description: 'Tells all.', paramsName: 'ToldParams' })).not.toContain('Tells all.');
  expect(docOf({ description: 'NEW APIs' })).toBe('Sends `x/y`.');
});

test('a helper that does more is named', () => {
  expect(docOf({ method: 'fs/watch' })).toContain('`fileWatch` watches as well');
  expect(docOf({ method: 'x/list', paramsName: 'ListParams', response: 'ListResponse' })).toContain(
    "`paginate('x/list', params)` yields the items of all pages.",
  );
});

test('lines are broken between words', () => {
  const lines = docOf({ description: `Does ${'very much '.repeat(40)}indeed.` }).split('\n');
  expect(lines.length).toBeGreaterThan(4);
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(115);
});
