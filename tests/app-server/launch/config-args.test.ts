/** Config objects as `-c` arguments: read back by a TOML library, and refused when they cannot be. */
import fc from 'fast-check';
import { parse } from 'smol-toml';
import { describe, expect, it } from 'vitest';
import { configToArgs } from '../../../src/app-server/launch/config-args.js';
import type { ConfigObject } from '../../../src/app-server/launch/server-options.js';
import { CONFIG_MAX_DEPTH } from '../../../src/support/defaults.js';
import { InvalidArgumentError } from '../../../src/support/errors.js';
import { CONFIG, plain } from './any-config.js';

function overridesOf(config: ConfigObject): string[] {
  const args = configToArgs(config);
  expect(args.filter((_, index) => index % 2 === 0).every((flag) => flag === '-c')).toBe(true);
  return args.filter((_, index) => index % 2 === 1);
}

/** What codex does with an override: dots split the path, quotes mean nothing in it, the rest is one TOML value. */
function applyOverride(target: Record<string, unknown>, override: string): void {
  const at = override.indexOf('=');
  const path = override.slice(0, at).split('.');
  const last = path.pop() ?? '';
  let table = target;
  for (const key of path) {
    // A key may be called as what every object has: `valueOf`.
    if (!Object.hasOwn(table, key)) table[key] = {};
    table = table[key] as Record<string, unknown>;
  }
  table[last] = parse(`value = ${override.slice(at + 1)}`, { integersAsBigInt: 'asNeeded' })['value'];
}

/** How codex, and any library of TOML, understand the arguments of a config. */
function expectReadBack(config: ConfigObject): void {
  const overrides = overridesOf(config);
  const readBack = {};
  for (const override of overrides) applyOverride(readBack, override);
  expect(readBack).toEqual(plain(config));
  // Each override alone is a TOML document too, and all of them together are one.
  expect(plain(parse(overrides.join('\n'), { integersAsBigInt: 'asNeeded' }))).toEqual(plain(config));
}

describe('config arguments', () => {
  it('any config comes back the same when its overrides are read by a TOML library', () => {
    fc.assert(fc.property(CONFIG, expectReadBack), { numRuns: 1_000 });
  });

  it.each(['valueOf', 'toString', 'constructor', 'hasOwnProperty'])('a setting may be called %s', (name) => {
    expectReadBack({ [name]: { [name]: { [name]: 'x' } } });
  });

  it('writes dotted keys where codex can split them, and an inline table where a key has a dot', () => {
    const config: ConfigObject = {
      model: 'x',
      model_providers: { local: { name: 'L', request_max_retries: 0, ratio: 0.5, headers: {} } },
      projects: { '/home/a.b': { trust_level: 'trusted' } },
      notify: ['a', 'b'],
      list: [{ a: 1 }, { 'b c': [true] }],
    };
    expect(overridesOf(config)).toEqual([
      'model="x"',
      'model_providers.local.name="L"',
      'model_providers.local.request_max_retries=0',
      'model_providers.local.ratio=0.5',
      'model_providers.local.headers={}',
      'projects={"/home/a.b"={trust_level="trusted"}}',
      'notify=["a", "b"]',
      'list=[{a=1}, {"b c"=[true]}]',
    ]);
  });

  it('a whole number beyond 64 bits is a float, since a longer integer is no TOML', () => {
    expect(overridesOf({ a: 2 ** 53, b: 1e20, c: 1e21, d: -0 })).toEqual([
      'a=9007199254740992.0',
      'b=100000000000000000000.0',
      'c=1e+21',
      'd=0',
    ]);
  });

  it('escapes what TOML does not allow in a string', () => {
    expect(overridesOf({ a: 'q"\\\n\t\0\u007f\u2028' })).toEqual(['a="q\\"\\\\\\n\\t\\u0000\\u007f\u2028"']);
  });

  it('takes as many levels of objects as codex reads, and not one more', () => {
    const nested = (levels: number, innermost: unknown): unknown =>
      levels === 0 ? innermost : { a: nested(levels - 1, innermost) };
    const convert = (levels: number, innermost: unknown) =>
      overridesOf(nested(levels, innermost) as ConfigObject);
    const path = Array.from({ length: CONFIG_MAX_DEPTH }, () => 'a').join('.');
    expect(convert(CONFIG_MAX_DEPTH, 1)).toEqual([`${path}=1`]);
    for (const [innermost, what] of [
      [{}, 'a nested object'],
      [{ a: 1 }, 'a nested object'],
      [{ 'b.c': 1 }, 'a nested object'],
      [[], 'an array of 0'],
      [null, 'null'],
    ])
      expect(() => convert(CONFIG_MAX_DEPTH, innermost)).toThrow(
        `config.${path}: expected at most ${CONFIG_MAX_DEPTH} levels of nesting (does the object contain itself?), got ${what}`,
      );
    expect(convert(CONFIG_MAX_DEPTH - 1, { 'b.c': 1 })).toEqual([`${path.slice(2)}={"b.c"=1}`]);
    expect(convert(CONFIG_MAX_DEPTH - 2, [['b']])).toEqual([`${path.slice(4)}=[["b"]]`]);
    expect(() => convert(CONFIG_MAX_DEPTH - 1, [['b']])).toThrow('[0]: expected at most');
  });

  it('writes true and false, and numbers as TOML has them', () => {
    expect(overridesOf({ a: true, b: false, c: 1.5, d: -(2 ** 53), e: 1e-7, f: 1e300 })).toEqual([
      'a=true',
      'b=false',
      'c=1.5',
      'd=-9007199254740992.0',
      'e=1e-7',
      'f=1e+300',
    ]);
  });

  const cycle: Record<string, unknown> = {};
  cycle['self'] = cycle;
  const cyclicList: unknown[] = [];
  cyclicList.push(cyclicList);
  it.each<[string, unknown, string]>([
    [
      'null',
      { a: { b: null } },
      'options.config.a.b: expected a string, a finite number, true, false, an array or a plain object, got null',
    ],
    ['undefined', { a: undefined }, 'options.config.a: expected a string'],
    [
      'a function',
      { a: [1, () => {}] },
      'options.config.a[1]: expected a string, a finite number, true, false, an array or a plain object, got a function',
    ],
    ['a bigint', { a: 1n }, 'options.config.a: expected'],
    ['a symbol', { a: Symbol('s') }, 'options.config.a: expected'],
    ['NaN', { a: Number.NaN }, 'options.config.a: expected'],
    ['Infinity', { a: [Number.POSITIVE_INFINITY] }, 'options.config.a[0]: expected'],
    ['a date', { a: new Date(0) }, 'got an instance of Date'],
    [
      'a date among the settings',
      new Date(0),
      'options.config: expected a plain object, got an instance of Date',
    ],
    ['null as the settings', null, 'options.config: expected a plain object, got null'],
    [
      'a setting with a space at its end',
      { 'a ': 1 },
      'options.config: the setting "a " has no name codex knows',
    ],
    [
      'a setting with a space before it',
      { ' a': 1 },
      'options.config: the setting " a" has no name codex knows',
    ],
    [
      'a bad value in a table with a bare key',
      { a: [{ b_1: null }] },
      'options.config.a[0].b_1: expected a string, a finite number, true, false, an array or a plain object, got null',
    ],
    ['a bad value in an inner table', { a: { 'x.y': { b: null } } }, 'options.config.a."x.y".b: expected'],
    ['a map', { a: { 'x.y': new Map() } }, 'options.config.a."x.y": expected'],
    ['a hole in an array', { a: new Array(1) }, 'options.config.a[0]: expected'],
    ['half of a surrogate pair', { a: '\ud800' }, 'options.config.a: expected well-formed text'],
    [
      'half of a surrogate pair in a key',
      { a: { '\ud800': 1 } },
      'options.config.a (a key of it): expected well-formed text',
    ],
    ['an object that contains itself', cycle, `at most ${CONFIG_MAX_DEPTH} levels of nesting`],
    ['an array that contains itself', { a: cyclicList }, `at most ${CONFIG_MAX_DEPTH} levels of nesting`],
    [
      'a setting with a dot',
      { 'a.b': 1 },
      'options.config: the setting "a.b" has no name codex knows; a setting\'s name holds letters, digits, "_" and "-", and nested settings are nested objects, for example {a: {b: 1}} for a.b',
    ],
    ['a setting without a name', { '': 1 }, 'options.config: the setting "" has no name codex knows'],
    ['an array', [], 'options.config: expected a plain object, got an array of 0'],
    ['text', 'model=x', 'options.config: expected a plain object, got "model=x"'],
  ])('L20 refuses %s and names its path', (_, config, message) => {
    const convert = () => configToArgs(config as ConfigObject);
    expect(convert).toThrow(InvalidArgumentError);
    expect(convert).toThrow(message);
  });
});
