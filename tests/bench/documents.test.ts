import { describe, expect, test } from 'vitest';
import { readDocument } from '../docs/markdown.js';
import { CASES } from './cases.js';
import { writtenFiles } from './documents.js';
import { readResults } from './results.js';

const results = readResults();

test('every figure that is kept is of a case, and lies between its lowest and its highest', () => {
  const titles = CASES.map(({ title }) => title);
  for (const [title, { median, lowest, highest }] of Object.entries(results.measured)) {
    expect(titles).toContain(title);
    expect([lowest, median, highest]).toEqual([lowest, median, highest].toSorted((a, b) => a - b));
  }
});

test('every case with a bar is measured, and every headline has a bar', () => {
  const barred = CASES.filter(({ bar }) => bar !== undefined).map(({ title }) => title);
  expect(barred.filter((title) => results.measured[title] === undefined)).toEqual([]);
  const headlines = CASES.filter(({ headline }) => headline !== undefined).map(({ title }) => title);
  expect(headlines.length).toBeGreaterThan(5);
  expect(headlines.filter((title) => !barred.includes(title))).toEqual([]);
});

test('the guide to many users tells the figure of its case', () => {
  const [, stuck] =
    Object.entries(results.measured).find(([title]) => title.startsWith('50 turns of others')) ?? [];
  expect(readDocument('.github/docs/many-users.md')).toContain(
    `takes ${stuck?.median.toFixed(2)} times as long`,
  );
});

describe('what is made from the figures', () => {
  test.each([...writtenFiles(results)])('%s has them', (path, text) => {
    expect(readDocument(path)).toBe(text);
  });

  test('changes with them', () => {
    const changed = { ...results, where: 'another machine', measured: { ...results.measured } };
    for (const title of Object.keys(changed.measured))
      changed.measured[title] = { median: 0.123, lowest: 0.101, highest: 0.145 };
    for (const [path, text] of writtenFiles(changed)) {
      expect(text, path).not.toBe(readDocument(path));
      expect(text, path).toMatch(/0\.12/);
    }
  });
});
