/** Options of everything that is read: each bad value is refused by its name, before anything is opened. */
import { describe, expect, test } from 'vitest';
import { checkHeldOptions, HELD_OPTION_NAMES } from '../../../src/session/streams/held-options.js';

describe('maxHeldBytes', () => {
  test.each([undefined, 1, 999, 1_000, Number.POSITIVE_INFINITY])('%s is taken', (maxHeldBytes) => {
    expect(() => checkHeldOptions({ maxHeldBytes }, 1_000)).not.toThrow();
  });

  test.each([0, -1, 1.5, Number.NaN, Number.NEGATIVE_INFINITY, 1_001, '10', null])(
    'L20 %s is refused, and the error names the value and buffer.maxBytes',
    (maxHeldBytes) => {
      const check = () => checkHeldOptions({ maxHeldBytes: maxHeldBytes as number }, 1_000);
      expect(check).toThrow(/options\.maxHeldBytes/);
      expect(check).toThrow(/1 to 1000 \(buffer\.maxBytes\), or Infinity/);
    },
  );
});

test.each(['yes', 1, null])('L20 coalesce is true or false, and not %s', (coalesce) => {
  expect(() => checkHeldOptions({ coalesce: coalesce as never }, 1_000)).toThrow(/options\.coalesce/);
  expect(() => checkHeldOptions({ coalesce: false }, 1_000)).not.toThrow();
});

test('the names are those of the options', () => {
  expect(HELD_OPTION_NAMES).toEqual(['maxHeldBytes', 'coalesce']);
});
