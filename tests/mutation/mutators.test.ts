/** Which mutants small sources get: ours by kind, beside Stryker's own, made where they are wanted alone. */
import { describe, expect, test } from 'vitest';
import { type CatalogueEntry, catalogueOf, mutantsOf } from './catalogue.js';
import { withMutants } from './mutator-list.js';

/** What the mutants of one kind put in, in order of the source. */
async function replacements(kind: string, text: string): Promise<string[]> {
  const entries = await catalogueOf([{ path: 'small.ts', text }]);
  return entries.filter(({ mutatorName }) => mutatorName === kind).map(({ replacement }) => replacement);
}

describe('StatementDeletion', () => {
  test.each([
    ['an expression statement', 'function f() { one(); two(); }', 2],
    ['a return', 'function f() { one ||= 1; return 1; }', 2],
    ['a throw', 'function f() { if (one) throw two; return; }', 2],
    ['break and continue', 'for (;;) { if (one) continue; break; }', 2],
  ])('deletes %s', async (_, text, count) => {
    expect(await replacements('StatementDeletion', text)).toEqual(Array(count).fill(';'));
  });

  test.each([
    ['the one statement of a block, which Stryker empties', 'function f() { one(); }'],
    ['super()', 'class A extends B { constructor() { super(); let one; } }'],
    ['declarations and types', 'let one = 1; interface A { b: 1 } function f() {}'],
  ])('leaves %s alone', async (_, text) => {
    expect(await replacements('StatementDeletion', text)).toEqual([]);
  });
});

describe('AwaitRemoval', () => {
  test('takes the await and leaves what was awaited', async () => {
    expect(await replacements('AwaitRemoval', 'const a = (await one(1)).b; await two;')).toEqual([
      'one(1)',
      'two',
    ]);
  });

  test('leaves loops over async iterables alone', async () => {
    expect(await replacements('AwaitRemoval', 'for await (const one of two) three(one);')).toEqual([]);
  });
});

describe('NumberIncrement', () => {
  test('adds one, whatever the number is', async () => {
    expect(await replacements('NumberIncrement', 'f(0, 1_000, 0.5, -3);')).toEqual(['1', '1001', '1.5', '4']);
  });

  test('leaves types, names of properties and texts alone', async () => {
    const text = "let one: 1 | 2; const two = { 3: '4' } satisfies { 3: '4' }; f<5>(); type Six = 6;";
    expect(await replacements('NumberIncrement', text)).toEqual([]);
  });
});

test('the mutants of Stryker are there as well', async () => {
  expect(await replacements('BooleanLiteral', 'f(true);')).toEqual(['false']);
  expect(await replacements('EqualityOperator', 'f(one < two);')).toEqual(['one <= two', 'one >= two']);
});

test('each mutant has an id of its own, the same each time', async () => {
  const text = 'if (one < 2 && three) await f(4);\nf(5); f(5);';
  const ids = (entries: readonly CatalogueEntry[]) => entries.map(({ id }) => id);
  const first = ids(
    await catalogueOf([
      { path: 'a.ts', text },
      { path: 'b.ts', text },
    ]),
  );
  const second = ids(
    await catalogueOf([
      { path: 'a.ts', text },
      { path: 'b.ts', text },
    ]),
  );
  expect(second).toEqual(first);
  expect(new Set(first).size).toBe(first.length);
});

test('the mutants that are wanted are made, and no others', async () => {
  const sources = [{ path: 'a.ts', text: 'f(1); f(2);' }];
  const [wanted] = (await catalogueOf(sources)).filter(({ replacement }) => replacement === '3');
  const made = await withMutants(
    (id) => id === wanted?.id,
    () => mutantsOf(sources),
  );
  expect(made.map(({ replacement }) => replacement)).toEqual(['3']);
});

test('Stryker has its own list back, even after a failure', async () => {
  const sources = [{ path: 'a.ts', text: 'f(1, true);' }];
  const failing = withMutants(
    () => true,
    () => Promise.reject(new Error('on purpose')),
  );
  await expect(failing).rejects.toThrow('on purpose');
  expect((await mutantsOf(sources)).map(({ mutatorName }) => mutatorName)).toEqual(['BooleanLiteral']);
});
