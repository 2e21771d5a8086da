/** The whole fault suite on scripted servers: thousands of real processes that misbehave at every byte of a session. */
import { describe, expect, test } from 'vitest';
import { FAMILY_POINTS, runFamily } from '../faults/families.js';

describe('everything is handed out and settled, with one clear error and nothing left, when a server', () => {
  test.each(FAMILY_POINTS)('L9 L10 L13 %s (%i fault points)', async (family, points) => {
    expect(await runFamily(family, 1)).toBe(points);
  });
});
