/** The last lines of a log: whole ones, within their bytes. */
import { describe, expect, it } from 'vitest';
import { LineTail } from '../../../src/app-server/stderr/line-tail.js';

function tailOf(maxBytes: number, ...lines: readonly string[]): LineTail {
  const tail = new LineTail(maxBytes);
  for (const line of lines) tail.push(line);
  return tail;
}

describe('the tail', () => {
  it('is the last lines that fit with their line ends, whole', () => {
    expect(tailOf(6, 'aa', 'bb', 'cc').text('')).toBe('bb\ncc');
    expect(tailOf(5, 'aa', 'bb', 'cc').text('')).toBe('cc');
  });

  it('stays within its bytes however many lines come', () => {
    const tail = new LineTail(6);
    for (let number = 10; number < 99; number += 1) tail.push(`${number}`);
    expect(tail.text('')).toBe('97\n98');
    tail.push('a');
    expect(tail.text('')).toBe('98\na');
    expect(tail.text('b')).toBe('a\nb');
  });

  it('counts bytes and not characters', () => {
    expect(tailOf(6, 'é', '€').text('')).toBe('€');
    expect(tailOf(7, 'é', '€').text('')).toBe('é\n€');
  });

  it('ends with the line that has not ended yet, which takes the place of old ones and is not kept', () => {
    const tail = tailOf(6, 'aa', 'bb');
    expect(tail.text('cc')).toBe('bb\ncc');
    expect(tail.text('')).toBe('aa\nbb');
  });

  it('keeps one line that alone is too long', () => {
    expect(tailOf(3, 'a', 'long line').text('')).toBe('long line');
    expect(tailOf(3, 'a').text('long line')).toBe('long line');
  });

  it('is empty before the first line', () => {
    expect(tailOf(3).text('')).toBe('');
  });
});
