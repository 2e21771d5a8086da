/** What parsed messages cost, by the estimate and by the heap. */
import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parsedCost } from '../../src/wire/parsed-cost.js';
import { bytesInUse } from '../helpers/heap.js';

/** A message that holds `value`, `count` times. */
const message = (value: string, count: number) =>
  `{"method":"x/y","params":{"threadId":"t","v":[${Array(count).fill(value).join(',')}]}}`;

const costOf = (text: string) => parsedCost(text, Buffer.byteLength(text));

describe('the cost of a message', () => {
  test.each<[string, string]>([
    ['empty arrays', '[]'],
    ['empty objects', '{}'],
    ['small objects', '{"a":1}'],
    ['arrays in arrays', '[[[[[[]]]]]]'],
    ['small numbers', '1'],
    ['a table', `{${Array.from({ length: 1_000 }, (_, n) => `"k${n}":1`).join(',')}}`],
  ])('L5 is near the memory that it takes, for %s', async (_what, value) => {
    const text = message(value, Math.ceil(20_000 / value.length));
    const before = await bytesInUse();
    const parsed: unknown[] = Array.from({ length: 50 }, () => JSON.parse(text));
    const each = ((await bytesInUse()) - before) / parsed.length;
    expect(each).toBeGreaterThan(2 * text.length);
    expect(costOf(text) / each).toBeGreaterThan(0.6);
    expect(costOf(text) / each).toBeLessThan(2);
  });

  test.each<[string, string]>([
    ['prose', JSON.stringify({ method: 'x', params: { text: 'He said: "Hm, [well], {so}."\n'.repeat(50) } })],
    [
      'backslashes',
      JSON.stringify({ method: 'x', params: { path: '\\'.repeat(101), rest: ',,,,[[[['.repeat(9) } }),
    ],
    ['two-byte characters', JSON.stringify({ method: 'x', params: { text: 'ж'.repeat(500) } })],
    [
      'a delta',
      `{"method":"item/agentMessage/delta","params":{"threadId":"${'t'.repeat(36)}","turnId":"${'u'.repeat(36)}","itemId":"${'i'.repeat(30)}","delta":" the"},"emittedAtMs":1760000000000}`,
    ],
  ])('is the size of its text for %s', (_what, text) => {
    expect(costOf(text)).toBe(Buffer.byteLength(text));
  });

  test('is never less than its text, whatever the text is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
        expect(costOf(text)).toBeGreaterThanOrEqual(Buffer.byteLength(text));
      }),
    );
  });
});
