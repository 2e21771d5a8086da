/** Cuts of the output: nothing is lost, and the same seed cuts in the same places whatever is at hand. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChunkCutter } from '../../../src/testing/replay/chunk-cutter.js';

const LINE = Buffer.from('{"text":"héllo 🌍"}\n');
const cutterOf = (seed?: number, splitBytes?: number) => new ChunkCutter({ seed, splitBytes });

describe('a cutter without a seed', () => {
  it('leaves a line whole, and lets the next go with it at once', () => {
    expect(cutterOf().cut(LINE)).toEqual({ pieces: [LINE], goesOn: true });
    expect(cutterOf().chunksOf(LINE)).toEqual([{ bytes: LINE, turns: 0 }]);
  });

  it('splits where it is asked to, and lets no piece wait', () => {
    const chunks = cutterOf(undefined, 9).chunksOf(LINE);
    expect(chunks.map(({ bytes }) => bytes.length)).toEqual([9, 9, LINE.length - 18]);
    expect(chunks.map(({ turns }) => turns)).toEqual([0, 0, 0]);
  });
});

describe('a cutter with a seed', () => {
  it('loses nothing, and cuts the same for the same seed', () => {
    const run = (seed: number, splitBytes?: number) => {
      const cutter = cutterOf(seed, splitBytes);
      return Array.from({ length: 20 }, () => {
        const { pieces, goesOn } = cutter.cut(LINE);
        return { pieces, goesOn, chunks: pieces.flatMap((piece) => cutter.chunksOf(piece)) };
      });
    };
    fc.assert(
      fc.property(fc.nat(), fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }), (seed, split) => {
        const lines = run(seed, split);
        for (const { pieces, chunks } of lines) {
          expect(Buffer.concat(pieces)).toEqual(LINE);
          expect(Buffer.concat(chunks.map(({ bytes }) => bytes))).toEqual(LINE);
          expect(chunks.every(({ bytes }) => bytes.length > 0)).toBe(true);
        }
        expect(run(seed, split)).toEqual(lines);
      }),
    );
  });

  it('cuts inside characters, makes chunks wait, and ends a run, each with some seed', () => {
    const seen = { inside: false, waits: false, ends: false };
    for (let seed = 0; seed < 50; seed += 1) {
      const cutter = cutterOf(seed);
      const { pieces, goesOn } = cutter.cut(LINE);
      seen.inside ||= pieces.some((piece) => piece.toString().includes('\ufffd'));
      seen.ends ||= !goesOn;
      seen.waits ||= cutter.chunksOf(LINE).some(({ turns }) => turns > 0);
    }
    expect(seen).toEqual({ inside: true, waits: true, ends: true });
  });
});
