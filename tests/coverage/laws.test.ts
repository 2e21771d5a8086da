/** Every law has a test whose title cites its number. */
import { expect, test } from 'vitest';
import { LAWS } from './laws.js';
import { allTitles } from './titles.js';

/** The laws that titles cite. */
async function citedLaws(): Promise<string[]> {
  const cited = (await allTitles()).flatMap((title) => title.match(/\bL\d+\b/g) ?? []);
  return [...new Set(cited)];
}

test.each(Object.entries(LAWS))('%s is cited by the title of a test: %s', async (law) => {
  expect(await citedLaws()).toContain(law);
});

test('no title cites a law that there is not', async () => {
  expect((await citedLaws()).filter((law) => !(law in LAWS))).toEqual([]);
});
