/** Masked parts stand for anything; the rest is compared. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MASKED } from '../../../src/support/secret-shapes.js';
import { fitsMasked } from '../../../src/testing/fit/masked-text.js';

const piece = fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 4 });

test('it says what a regular expression would', () => {
  fc.assert(
    fc.property(
      fc.array(piece, { minLength: 1, maxLength: 4 }),
      fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 8 }),
      (pieces, given) => {
        const pattern = new RegExp(`^${pieces.map((text) => text.replaceAll('.', '\\.')).join('.*')}$`);
        expect(fitsMasked(pieces.join(MASKED), given)).toBe(pattern.test(given));
      },
    ),
  );
});

test('it fits with any secrets in it', () => {
  fc.assert(
    fc.property(fc.array(piece, { minLength: 1, maxLength: 4 }), fc.string(), (pieces, secret) => {
      expect(fitsMasked(pieces.join(MASKED), pieces.join(secret))).toBe(true);
    }),
  );
});
