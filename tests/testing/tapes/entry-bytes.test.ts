/** The bytes of a tape's lines, in pieces that one buffer holds. */
import { Buffer } from 'node:buffer';
import { expect, test } from 'vitest';
import { EntryBytes, PIECE_BYTES } from '../../../src/testing/tapes/entry-bytes.js';
import type { TapeEntry } from '../../../src/testing/tapes/tape-masking.js';

const lineOf = ({ kind, atMs, text }: TapeEntry) => `{"atMs":${atMs},"${kind}":${text}}\n`;

test('the bytes are those of the lines, whatever they have in them and however long they are', () => {
  const texts = [
    '{}',
    `{"a":"${'ü😀'.repeat(500)}"}`,
    '{"a":"\u2028"}',
    `{"b":"${'é'.repeat(PIECE_BYTES)}"}`,
    '3',
  ];
  const entries = Array.from({ length: 1_000 }, (_, n): TapeEntry => {
    const kind = (['sent', 'received', 'missed'] as const)[n % 3] ?? 'sent';
    return { kind, atMs: Math.floor(n / 4), text: texts[(n * 7) % (n % 100 === 0 ? 5 : 3)] ?? '{}' };
  });
  const bytes = new EntryBytes();
  for (const some of [entries, entries.slice(0, 3)]) {
    const pieces = [...bytes.pieces(some)].length;
    expect(pieces).toBeGreaterThan(0);
    // A piece is valid until the next one.
    let written = '';
    for (const piece of bytes.pieces(some)) written += Buffer.from(piece).toString();
    expect(written).toBe(some.map(lineOf).join(''));
  }
});

test('nothing has no bytes', () => {
  expect([...new EntryBytes().pieces([])]).toEqual([]);
});
