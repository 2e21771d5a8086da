/** The laws of the simulation can be broken: each planted bug is found, soon, and by its law. */
import { describe, expect, test } from 'vitest';
import { PLANTED_BUGS } from '../simulation/planted-bugs.js';
import { runPoint } from '../simulation/point.js';

/** A bug that so many points do not find is one that nobody would find. */
const POINTS = 1_500;

describe('the simulation finds it when', () => {
  test.each(PLANTED_BUGS)('$what ($law)', async ({ law, lens }) => {
    const found: string[] = [];
    for (let seed = 1; seed <= POINTS && found.length === 0; seed += 1) {
      const { broken } = await runPoint(seed, { lens: lens() });
      found.push(...broken.filter((what) => what.startsWith(`${law}:`)));
    }
    expect(found).not.toEqual([]);
  });
});
