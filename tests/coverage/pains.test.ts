/** Every pain of the list has a test whose title names it, so that none is dropped when tests are renamed or moved. */
import { expect, test } from 'vitest';
import { PAINS } from './pains.js';
import { allTitles } from './titles.js';

const titles = await allTitles();

test.each(PAINS)('"%s" is named by the title of a test', (pain) => {
  expect(titles.filter((title) => title.includes(pain))).not.toEqual([]);
});
