import { expect, test } from 'vitest';
import { CASES, type Kind } from './cases.js';
import { meetsBar } from './compare.js';
import { benchmarkPicture, shareOfBar } from './picture.js';
import { type Measured, type Results, readResults } from './results.js';

/** Cases as they are, but for how their figure is read. */
function measured(kind: Kind, bar: number, median: number): Measured {
  const [template] = CASES;
  if (template === undefined) throw new Error('there are no cases');
  const result = { median, lowest: median, highest: median };
  const benchCase = { ...template, kind, bar };
  return { case: benchCase, result, isMet: meetsBar(benchCase, result) };
}

test.each([
  ['rate', 0.5],
  ['time', 1.2],
  ['memory', 40],
  ['settled', 1],
] as const)('a %s at its bar takes all of it, and is met up to there', (kind, bar) => {
  for (const factor of [0.5, 0.9, 1, 1.1, 2]) {
    const figure = measured(kind, bar, bar * factor);
    const share = shareOfBar(figure, figure.result.median);
    expect(share <= 1, `${factor} times the bar`).toBe(figure.isMet);
  }
  expect(shareOfBar(measured(kind, bar, bar), bar)).toBe(1);
});

test('every row ends within the picture, however bad its figure is', () => {
  const results = readResults();
  const spread = { median: 1000, lowest: 0.0001, highest: 1e9 };
  const worst: Results = {
    ...results,
    measured: Object.fromEntries(Object.keys(results.measured).map((title) => [title, spread])),
  };
  const [width] = /(?<=viewBox="0 0 )\d+/.exec(benchmarkPicture(worst)) ?? [];
  const ends = [...benchmarkPicture(worst).matchAll(/ x="([\d.-]+)"[^>]* width="([\d.-]+)"/g)];
  expect(ends.length).toBeGreaterThan(10);
  for (const [, x, length] of ends) {
    expect(Number(length)).toBeGreaterThanOrEqual(0);
    expect(Number(x) + Number(length)).toBeLessThanOrEqual(Number(width));
  }
});

test('it is a page of its own on dark and on light ones, and asks for nothing from elsewhere', () => {
  const picture = benchmarkPicture(readResults());
  expect(picture).toContain('@media (prefers-color-scheme: dark)');
  expect(picture).toMatch(/<rect class="page"/);
  expect(picture.replace('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|<script|href|@import|url\(/);
});

test('what a case is called cannot end an element', () => {
  const results = readResults();
  const where = '<b> & "c"';
  expect(benchmarkPicture({ ...results, where })).toContain('&lt;b&gt; &amp; &quot;c&quot;');
});
