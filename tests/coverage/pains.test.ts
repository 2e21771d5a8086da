/** Every pain of the list has a test whose title names it, so that none is dropped when tests are renamed or moved. */
import { expect, test } from 'vitest';
import { PAINS } from './pains.js';
import { allTitles } from './titles.js';

test.each(PAINS)('"%s" is named by the title of a test', async (pain) => {
  expect((await allTitles()).filter((title) => title.includes(pain))).not.toEqual([]);
});
