/** What is held of a thread's messages, against a model that keeps them all. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KeptMessages } from '../../../src/runs/follow/kept-messages.js';
import { delta, numberOf } from '../../helpers/messages.js';

test('the newest messages are held, as many as fit, and the newest whatever its size', () => {
  fc.assert(
    fc.property(
      fc.array(fc.option(fc.integer({ min: 1, max: 40 }), { freq: 10, nil: 'skip' as const }), {
        maxLength: 60,
      }),
      fc.integer({ min: 1, max: 100 }),
      (sizes, maxBytes) => {
        const kept = new KeptMessages(maxBytes);
        let held: { sequence: number; bytes: number }[] = [];
        sizes.forEach((size, index) => {
          const sequence = index + 1;
          if (size === 'skip') {
            kept.skip();
            held = [];
          } else {
            kept.add(delta(sequence), String(sequence), size);
            held.push({ sequence, bytes: size });
          }
          const sum = () => held.reduce((total, { bytes }) => total + bytes, 0);
          while (sum() > maxBytes && held.length > 1) held.shift();
          expect(kept.bytes).toBe(sum());
          expect(kept.head).toBe(sequence);
          expect(kept.base).toBe((held[0]?.sequence ?? sequence + 1) - 1);
          expect(kept.at(kept.base)).toBeUndefined();
          expect(kept.at(sequence + 1)).toBeUndefined();
          for (const message of held)
            expect(numberOf(kept.at(message.sequence)?.entry.message)).toBe(message.sequence);
        });
      },
    ),
  );
});

test('a long thread leaves no room behind that is not used', () => {
  const kept = new KeptMessages(10);
  for (let n = 1; n <= 10_000; n += 1) kept.add(delta(n), String(n), 1);
  expect([kept.base, kept.head, kept.bytes]).toEqual([9_990, 10_000, 10]);
  expect(numberOf(kept.at(9_991)?.entry.message)).toBe(9_991);
  expect(kept.at(9_990)).toBeUndefined();
});
