/** Every law has a test whose title cites its number. */
import { expect, test } from 'vitest';
import { LAWS } from './laws.js';
import { allTitles } from './titles.js';

/** The laws that titles cite. */
const cited = new Set((await allTitles()).flatMap((title) => title.match(/\bL\d+\b/g) ?? []));

test.each(Object.entries(LAWS))('%s is cited by the title of a test: %s', (law) => {
  expect(cited).toContain(law);
});

test('no title cites a law that there is not', () => {
  expect([...cited].filter((law) => !(law in LAWS))).toEqual([]);
});
