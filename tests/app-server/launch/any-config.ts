/** Any config that codex can be given, for properties of how it is handed over. */
import fc from 'fast-check';

type Json = string | number | boolean | Json[] | { [key: string]: Json };

const NAME = fc.stringMatching(/^[A-Za-z0-9_-]{1,6}$/).filter((name) => name !== '__proto__');
const WELL_FORMED = fc.string({ unit: 'binary', maxLength: 12 });
const KEY = fc
  .oneof(NAME, WELL_FORMED, fc.constantFrom('/a.b', '"', "'", '', ' ', 'a=b', 'é', '\n'))
  .filter((key) => key !== '__proto__');
const NUMBER = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (value === 0 ? 0 : value)),
  fc.constantFrom(2 ** 53, -(2 ** 63), 1e20, 1e21, 1e-7, 0.1, Number.MAX_VALUE, Number.MIN_VALUE),
);
const TEXT = fc.oneof(
  WELL_FORMED,
  fc.constantFrom('"""', "'''", '\\', 'a\r\nb', '\u007f', '\u2028', '\0', '$HOME', 'true', '1', '\u{1f600}'),
);

function valueArbitrary(key: fc.Arbitrary<string>): fc.Arbitrary<Json> {
  return fc.letrec<{ value: Json; table: { [key: string]: Json } }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      TEXT,
      NUMBER,
      fc.boolean(),
      fc.array(tie('value'), { maxLength: 4 }),
      tie('table'),
    ),
    table: fc.dictionary(key, tie('value'), { maxKeys: 4 }),
  })).value;
}

/** A config: settings with plain names, with any values and keys below. */
export const CONFIG = fc.dictionary(NAME, valueArbitrary(KEY), { maxKeys: 4, noNullPrototype: true });

/** Plain objects all the way, for comparing. */
export function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_, entry) => (typeof entry === 'bigint' ? Number(entry) : entry)));
}
