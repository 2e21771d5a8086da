/** A line in pieces: the same text at any chunking, and no more memory than it has bytes. */
import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { UnfinishedLine } from '../../src/wire/unfinished-line.js';
import { bytesInUse } from '../helpers/heap.js';

test('L19 gives its bytes back in order, at any chunking', () => {
  const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 40_000 })), {
    minLength: 1,
    maxLength: 60,
  });
  fc.assert(
    fc.property(sizes, (lengths) => {
      const line = new UnfinishedLine();
      const whole = lengths.map((length, n) => String.fromCharCode(65 + (n % 26)).repeat(length)).join('');
      let at = 0;
      for (const length of lengths) {
        line.add(Buffer.from(whole.slice(at, at + length)));
        at += length;
        expect(line.length).toBe(at);
      }
      expect(line.start(5)).toBe(whole.slice(0, 5));
      expect(line.take()).toBe(whole);
      expect(line.length).toBe(0);
      line.add(Buffer.from('next'));
      expect(line.take()).toBe('next');
    }),
    { numRuns: 200 },
  );
});

test('L19 a line that comes byte by byte takes no more than twice its bytes', async () => {
  const bytes = 2_000_000;
  const line = new UnfinishedLine();
  const before = await bytesInUse();
  for (let n = 0; n < bytes; n += 1) line.add(Buffer.from('x'));
  expect((await bytesInUse()) - before).toBeLessThan(2 * bytes);
  expect(line.length).toBe(bytes);
});

test('L19 nothing is left of a line that was dropped', () => {
  const line = new UnfinishedLine();
  for (let n = 0; n < 100; n += 1) line.add(Buffer.from('x'));
  line.clear();
  expect(line.length).toBe(0);
  expect(line.take()).toBe('');
});
