/** The laws of lives can be broken: each planted bug is found, soon, and by its law. */
import { describe, expect, test } from 'vitest';
import { firstBroken } from './bug-search.js';
import { OUTLIVING_BUGS } from './outliving-bugs.js';
import { runOutlivingPoint } from './outliving-point.js';

/** A bug that so many points do not find is one that nobody would find. */
const POINTS = 500;

describe('the simulation of lives finds it when', () => {
  test.each(OUTLIVING_BUGS)('$what ($law)', async (bug) => {
    expect(await firstBroken(bug, POINTS, runOutlivingPoint)).not.toEqual([]);
  });
});
