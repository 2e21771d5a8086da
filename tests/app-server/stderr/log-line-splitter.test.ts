/** Bytes of a log as lines: at any chunking, and cut between characters where a line is too long. */
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { LogLineSplitter } from '../../../src/app-server/stderr/log-line-splitter.js';

/** The model: as many whole characters as fit, and the count of the bytes past the limit. */
function cut(line: string, maxLineBytes: number): string {
  const bytes = Buffer.byteLength(line);
  if (bytes <= maxLineBytes) return line;
  let kept = '';
  for (const character of line) {
    if (Buffer.byteLength(kept + character) > maxLineBytes) break;
    kept += character;
  }
  return `${kept}... [${bytes - maxLineBytes} more bytes]`;
}

describe('splitting', () => {
  it('any bytes in any chunks give the lines of the whole text', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'é', '😀', '\n', '\r\n', '\u2028', '\u001b') });
    fc.assert(
      fc.property(text, fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1 }), (whole, sizes) => {
        const bytes = Buffer.from(whole);
        const splitter = new LogLineSplitter(1_000_000);
        const lines: string[] = [];
        for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
          const size = sizes[turn % sizes.length] ?? 1;
          splitter.push(bytes.subarray(at, at + size), (line) => lines.push(line));
          at += size;
        }
        const rest = splitter.takeRest();
        const expected = whole.split(/\r?\n/);
        const last = expected.pop();
        expect(lines).toEqual(expected);
        expect(rest ?? '').toBe(last);
      }),
    );
  });

  it('cuts a line between characters, not inside one', () => {
    const splitter = new LogLineSplitter(5);
    const lines: string[] = [];
    splitter.push(Buffer.from('aé€😀\nabcde\n'), (line) => lines.push(line));
    expect(lines).toEqual(['aé... [5 more bytes]', 'abcde']);
  });

  it('keeps the whole characters that fit and counts the bytes that do not, in any chunks', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'é', '€', '😀', '\ufeff'), minLength: 1 });
    const limits = fc.integer({ min: 1, max: 12 });
    fc.assert(
      fc.property(text, limits, fc.integer({ min: 1, max: 9 }), (line, maxLineBytes, size) => {
        const splitter = new LogLineSplitter(maxLineBytes);
        const bytes = Buffer.from(line);
        for (let at = 0; at < bytes.length; at += size)
          splitter.push(bytes.subarray(at, at + size), () => {});
        expect(splitter.partial).toBe(cut(line, maxLineBytes));
        expect(splitter.takeRest()).toBe(cut(line, maxLineBytes));
        expect(splitter.takeRest()).toBeUndefined();
      }),
    );
  });

  it('puts U+FFFD for bytes that are no UTF-8, also where it cuts', () => {
    const lines: string[] = [];
    new LogLineSplitter(3).push(Buffer.from([0x80, 0x61, 0xff, 0xff, 0x0a]), (line) => lines.push(line));
    expect(lines).toEqual(['\ufffda\ufffd... [1 more bytes]']);
  });

  it('drops one carriage return before the line end, and leaves the others', () => {
    const splitter = new LogLineSplitter(100);
    const lines: string[] = [];
    splitter.push(Buffer.from('a\r\r\n\rb\n\r\n'), (line) => lines.push(line));
    expect(lines).toEqual(['a\r', '\rb', '']);
    expect(splitter.takeRest()).toBeUndefined();
  });

  it('holds nothing of what comes after the limit, piece by piece', () => {
    const splitter = new LogLineSplitter(2);
    for (let count = 0; count < 100; count += 1) splitter.push(Buffer.from('x'), () => {});
    const joining = vi.spyOn(Buffer, 'concat');
    expect(splitter.partial).toBe('xx... [98 more bytes]');
    expect(joining.mock.calls[0]?.[0]).toHaveLength(2);
    joining.mockRestore();
  });
});
