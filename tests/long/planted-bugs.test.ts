/** The laws of the simulation can be broken: each planted bug is found, soon, and by its law. */
import { describe, expect, test } from 'vitest';
import { firstBroken } from '../simulation/bug-search.js';
import { PLANTED_BUGS } from '../simulation/planted-bugs.js';
import { runPoint } from '../simulation/point.js';

/** A bug that so many points do not find is one that nobody would find. */
const POINTS = 1_500;

describe('the simulation finds it when', () => {
  test.each(PLANTED_BUGS)('$what ($law)', async (bug) => {
    expect(await firstBroken(bug, POINTS, runPoint)).not.toEqual([]);
  });
});
