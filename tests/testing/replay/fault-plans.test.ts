/** Plans by the dozen: each place once, from a tape and from its file. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { InvalidArgumentError } from '../../../src/support/errors.js';
import { everyCrash, everySplit } from '../../../src/testing/replay/fault-plans.js';
import { madeTape, TURN } from './made-tapes.js';

describe('everyCrash', () => {
  it('has a plan for the header and for each line of the conversation', () => {
    expect([...everyCrash(TURN)]).toEqual(
      [1, 2, 3, 4, 5, 6, 7, 8, 9].map((afterLine) => [{ fault: 'crash', afterLine }]),
    );
  });

  it('takes the path of a tape', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tape-'));
    try {
      const path = join(folder, 'one.jsonl');
      writeFileSync(path, '{"tape":1}\n{"atMs":1,"received":{"method":"news"}}\n');
      expect([...everyCrash(path)]).toHaveLength(2);
      expect(() => [...everyCrash(join(folder, 'none.jsonl'))]).toThrow(InvalidArgumentError);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('has none for a line that a replay leaves out', () => {
    const tape = madeTape([{ received: { id: 1, result: {} } }, { received: { method: 'news' } }]);
    expect([...everyCrash(tape)].flat()).toEqual([
      { fault: 'crash', afterLine: 1 },
      { fault: 'crash', afterLine: 3 },
    ]);
  });
});

describe('everySplit', () => {
  const sizesOf = (text: string) =>
    [...everySplit(madeTape([{ received: { method: 'news', params: { text } } }]))]
      .flat()
      .map((fault) => ('bytes' in fault ? fault.bytes : 0));

  it('has pieces of 1 to 4 bytes, and longer ones that cut something', () => {
    expect(sizesOf('')).toEqual([1, 2, 3, 4, 7, 13]);
    expect(sizesOf('x'.repeat(1_000))).toEqual([1, 2, 3, 4, 7, 13, 61, 251, 1_021]);
    expect(sizesOf('x'.repeat(100_000)).at(-1)).toBe(65_521);
  });

  it('has none where nothing comes', () => {
    expect([...everySplit(madeTape([{ sent: { method: 'initialized' } }]))]).toEqual([]);
  });
});
