/**
 * Bytes to lines. The model is three lines long: cut at `\n`, decode, keep what starts with `{`. Whatever the
 * chunking, the splitter gives the same; how much it works is shown by counting the bytes it touches.
 */
import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { LineSplitter } from '../../src/wire/line-splitter.js';

const NO_LIMIT = 2 ** 28;

/** What the splitter gives for chunks, the unfinished line included when it starts with `{`. */
function split(chunks: readonly Uint8Array[], maxLineBytes = NO_LIMIT) {
  const splitter = new LineSplitter(maxLineBytes);
  const lines: string[] = [];
  for (const chunk of chunks) {
    const batch = splitter.push(Buffer.from(chunk));
    lines.push(...batch.lines);
    if (batch.overlong !== undefined)
      return { lines, overlong: batch.overlong, noise: splitter.noiseLines, last: undefined };
  }
  return { lines, overlong: undefined, noise: splitter.noiseLines, last: splitter.end() };
}

/** The model. */
function model(bytes: Uint8Array) {
  const pieces = Buffer.from(bytes).toString('latin1').split('\n');
  const decoded = pieces.map((piece) => Buffer.from(piece, 'latin1').toString('utf8'));
  const last = decoded.pop() ?? '';
  const lines = decoded.filter((line) => line.startsWith('{'));
  return {
    lines,
    overlong: undefined,
    noise: decoded.length - lines.length,
    last: last.startsWith('{') ? last : undefined,
  };
}

/** Cuts bytes into chunks whose sizes repeat the given ones. */
function chunked(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let start = 0, turn = 0; start < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    chunks.push(bytes.subarray(start, start + size));
    start += size;
  }
  return chunks;
}

/** Bytes that hit the edges: line ends, braces, broken and whole UTF-8, carriage returns, separators of lines. */
const edgyText = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom('\n', '{', '}', '\r\n', '{"a":1}\n', 'noise\n', '\n\n') },
    { weight: 2, arbitrary: fc.constantFrom('\u2028', '\u2029', 'ü', '漢', '🙂', '\u0085', '\0', '\ufeff') },
    { weight: 1, arbitrary: fc.string({ unit: 'grapheme' }) },
  ),
  { maxLength: 60 },
);
const bytesOfText = edgyText.map((pieces) => Buffer.from(pieces.join('')));
const anyBytes = fc.oneof(
  bytesOfText,
  fc.uint8Array({ maxLength: 200 }),
  fc.tuple(bytesOfText, fc.uint8Array({ maxLength: 4 }), bytesOfText).map((parts) => Buffer.concat(parts)),
);
const chunkSizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 10 });

describe('any bytes', () => {
  test('L19 gives the same lines in any chunking', () => {
    fc.assert(
      fc.property(anyBytes, chunkSizes, (bytes, sizes) => {
        expect(split(chunked(bytes, sizes))).toEqual(model(bytes));
      }),
      { numRuns: 2_000 },
    );
  });

  test('L19 gives the same lines byte by byte', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        expect(split(chunked(bytes, [1]))).toEqual(model(bytes));
      }),
    );
  });

  test('L18 stops at the same over-long line in any chunking', () => {
    fc.assert(
      fc.property(bytesOfText, chunkSizes, fc.integer({ min: 1, max: 30 }), (bytes, sizes, maxLineBytes) => {
        const isOverlong = (line: string) => Buffer.byteLength(line) > maxLineBytes;
        const { lines, last } = model(bytes);
        const first = lines.findIndex(isOverlong);
        const found = split(chunked(bytes, sizes), maxLineBytes);
        expect(found.lines).toEqual(first === -1 ? lines : lines.slice(0, first));
        const overlong = first === -1 && last !== undefined && isOverlong(last) ? last : lines[first];
        expect(found.overlong === undefined).toBe(overlong === undefined);
        // The excerpt is the line's start; its last character can be cut in two.
        expect(overlong ?? '').toContain((found.overlong ?? '').replace(/\ufffd+$/, ''));
      }),
      { numRuns: 2_000 },
    );
  });

  test('says of a batch that it is ASCII only when lengths are byte counts', () => {
    fc.assert(
      fc.property(bytesOfText, chunkSizes, (bytes, sizes) => {
        const splitter = new LineSplitter(NO_LIMIT);
        for (const chunk of chunked(bytes, sizes)) {
          const { lines, ascii } = splitter.push(Buffer.from(chunk));
          if (ascii) for (const line of lines) expect(Buffer.byteLength(line)).toBe(line.length);
        }
      }),
    );
  });

  test('says of a batch with another line that it is not, however the line came', () => {
    const line = Buffer.from('{"a":"ü"}\n');
    for (let cut = 1; cut < line.length - 1; cut += 1) {
      const splitter = new LineSplitter(NO_LIMIT);
      splitter.push(line.subarray(0, cut));
      const rest = Buffer.concat([line.subarray(cut), Buffer.from('{"b":1}\n')]);
      expect(splitter.push(rest)).toMatchObject({ lines: ['{"a":"ü"}', '{"b":1}'], ascii: false });
    }
    expect(new LineSplitter(NO_LIMIT).push(line).ascii).toBe(false);
    const splitter = new LineSplitter(NO_LIMIT);
    splitter.push(Buffer.from('{"b"'));
    expect(splitter.push(Buffer.concat([Buffer.from(':1}\n'), line])).ascii).toBe(false);
  });

  test('says so of every batch when all the bytes are ASCII', () => {
    const bytes = Buffer.from('noise\n{"a":1}\n{"b":2}\n\n{"c":3}\nmore');
    for (const size of [1, 4, 11, bytes.length]) {
      const splitter = new LineSplitter(NO_LIMIT);
      for (const chunk of chunked(bytes, [size])) expect(splitter.push(Buffer.from(chunk)).ascii).toBe(true);
    }
  });
});

describe('line ends', () => {
  test('L19 only \\n ends a line: U+2028, U+2029 and U+0085 stay inside', () => {
    const line = '{"text":"a\u2028b\u2029c\u0085d\re"}';
    expect(split([Buffer.from(`${line}\n`)]).lines).toEqual([line]);
  });

  test('L19 leaves the \\r of \\r\\n in place, which JSON takes for white space', () => {
    const { lines, noise } = split([Buffer.from('{"a":1}\r\n{"b":2}\r'), Buffer.from('\n')]);
    expect(lines.map((line) => JSON.parse(line))).toEqual([{ a: 1 }, { b: 2 }]);
    expect(noise).toBe(0);
  });

  test('L19 keeps every character whole wherever the bytes are cut', () => {
    const line = '{"text":"ü漢🙂👩‍👩‍👧\u2028"}';
    const bytes = Buffer.from(`${line}\n`);
    for (let cut = 1; cut < bytes.length; cut += 1) {
      expect(split([bytes.subarray(0, cut), bytes.subarray(cut)]).lines).toEqual([line]);
    }
  });

  test('gives an unfinished line at the end of input, unless it is noise', () => {
    expect(split([Buffer.from('{"a":1}\n{"b"'), Buffer.from(':2}')])).toMatchObject({ last: '{"b":2}' });
    expect(split([Buffer.from('{"a":1}\nbye')]).last).toBeUndefined();
  });
});

describe('limits', () => {
  test('L18 takes a line of exactly maxLineBytes and refuses one byte more', () => {
    const line = `{${'x'.repeat(9)}`;
    for (const sizes of [[11], [1], [4, 7]]) {
      expect(split(chunked(Buffer.from(`${line}\n`), sizes), 10)).toMatchObject({
        lines: [line],
        overlong: undefined,
      });
      expect(split(chunked(Buffer.from(`${line}y\n`), sizes), 10).overlong).toMatch(/^\{x+/);
    }
  });

  test('L18 sees an over-long line before its end has come', () => {
    expect(split([Buffer.from('{1234'), Buffer.from('567890')], 10).overlong).toBe('{1234567890');
  });

  test('L18 shows the first 200 bytes of an over-long line, whether it came whole or in pieces', () => {
    const line = `{${'0123456789'.repeat(100)}`;
    const wholeAfterAnother = [Buffer.from(`{}\n${line}\n`)];
    for (const chunks of [wholeAfterAnother, [Buffer.from(line)], chunked(Buffer.from(`${line}\n`), [300])])
      expect(split(chunks, 250).overlong).toBe(line.slice(0, 200));
  });

  test('L18 holds nothing of an over-long line any more', () => {
    const splitter = new LineSplitter(10);
    expect(splitter.push(Buffer.from('{1234567890')).overlong).toBe('{1234567890');
    expect(splitter.end()).toBeUndefined();
  });

  test('L19 measures no line of a chunk that is too short for an over-long one', () => {
    const measure = vi.spyOn(Buffer, 'byteLength');
    expect(split([Buffer.from('{"a":1}\n{"b":2}\n')], 20).lines).toHaveLength(2);
    expect(measure).not.toHaveBeenCalled();
    measure.mockRestore();
  });

  test('L18 skips noise that is longer than maxLineBytes', () => {
    const noise = Buffer.from('z'.repeat(50));
    expect(split([noise, noise, Buffer.from('\n{"a":1}\n')], 10)).toMatchObject({
      lines: ['{"a":1}'],
      noise: 1,
      overlong: undefined,
    });
  });

  test('L18 does not hold noise', () => {
    const before = process.memoryUsage().arrayBuffers;
    const splitter = new LineSplitter(NO_LIMIT);
    for (let count = 0; count < 512; count += 1) splitter.push(Buffer.alloc(1024 * 1024, 'z'));
    globalThis.gc?.();
    // Held, it would be 512 MiB; garbage that was not collected yet stays far below.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(256 * 1024 * 1024);
    expect(splitter.push(Buffer.from('\n')).lines).toEqual([]);
    expect(splitter.noiseLines).toBe(1);
  });
});

/** The bytes that the splitter searches, copies and decodes while it takes the chunks: work that can be counted. */
function bytesTouched(chunks: readonly Uint8Array[]): number {
  const forwards = vi.spyOn(Buffer.prototype, 'indexOf');
  const backwards = vi.spyOn(Buffer.prototype, 'lastIndexOf');
  const decoding = vi.spyOn(Buffer.prototype, 'toString');
  const joining = vi.spyOn(Buffer, 'concat');
  try {
    split(chunks);
    const searched = [...forwards.mock.contexts, ...backwards.mock.contexts].reduce(
      (sum, self) => sum + self.length,
      0,
    );
    const copied = joining.mock.results.reduce((sum, { value }) => sum + value.length, 0);
    const decoded = decoding.mock.contexts.reduce((sum, self, call) => {
      const [, start, end] = decoding.mock.calls[call] ?? [];
      return sum + Number(end ?? self.length) - Number(start ?? 0);
    }, 0);
    return searched + copied + decoded;
  } finally {
    vi.restoreAllMocks();
  }
}

describe('work', () => {
  const cases: [string, (size: number) => Uint8Array[]][] = [
    ['one long line in small chunks', (size) => chunked(Buffer.from(`{${'x'.repeat(size)}\n`), [64])],
    [
      'one long line that is not ASCII',
      (size) => chunked(Buffer.from(`{${'漢'.repeat(size / 3)}\n`), [1000]),
    ],
    ['many short lines', (size) => chunked(Buffer.from('{"a":1}\n'.repeat(size / 8)), [65_536])],
    ['many short lines in small chunks', (size) => chunked(Buffer.from('{"a":1}\n'.repeat(size / 8)), [13])],
    ['noise without an end', (size) => chunked(Buffer.from('z'.repeat(size)), [64])],
  ];

  test.each(cases)('L19 is linear in the bytes of %s', (_, make) => {
    const size = 200_000;
    const [small, large] = [bytesTouched(make(size)), bytesTouched(make(8 * size))];
    expect(small).toBeGreaterThan(0);
    // Searched from both ends, copied once, decoded once: whatever the size and the chunking.
    expect(large).toBeLessThanOrEqual(8 * 4 * size);
    // Eight times the bytes are eight times the work, but for the last chunk; a quadratic splitter does 64 times.
    expect(large / small).toBeLessThan(8.5);
  });
});
