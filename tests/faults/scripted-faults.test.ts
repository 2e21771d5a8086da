/**
 * A sample of the fault suite on scripted servers: real processes that die, stall or misbehave at bytes of a short
 * session. Each family runs in host programs of its own, because a host has to end by itself, quietly, when its clients
 * are closed: a handle that is left would keep it alive, and a warning or an unhandled rejection would be printed.
 * Every point is run by `tests/long/every-fault.test.ts`.
 */
import { describe, expect, test } from 'vitest';
import { FAMILY_POINTS, runFamily } from './families.js';

/** A prime, so that the points of a sample differ in every way in which neighbours differ. */
const STRIDE = 11;
const FAMILY_TIMEOUT_MS = 240_000;

describe('L9 L10 L13 everything is handed out and settled, with one clear error and nothing left, when a server', () => {
  test.each(FAMILY_POINTS)(
    'L9 L10 L13 %s (some of %i fault points)',
    { timeout: FAMILY_TIMEOUT_MS },
    async (family, points) => {
      expect(await runFamily(family, STRIDE)).toBe(Math.ceil(points / STRIDE));
    },
  );
});
