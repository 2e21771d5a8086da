/** When a pipe counts as read to its end although nobody says that it ended. Time here is turns of the event loop. */
import { describe, expect, test } from 'vitest';
import { untilQuiet } from '../../src/support/quiet-pipe.js';
import { turn } from '../helpers/piped-server.js';

/** A pipe into which a byte, or more, comes at the turns that are given; tells how many turns the wait took. */
async function turnsUntilQuiet(
  arrivals: Readonly<Record<number, number>>,
  { quietTurns = 3, maxBytes = 1_000, endsAt = Number.POSITIVE_INFINITY } = {},
): Promise<{ readonly turns: number; readonly bytes: number }> {
  let bytes = 5;
  let turns = 0;
  let isQuiet = false;
  const quiet = untilQuiet({
    bytesRead: () => bytes,
    hasEnded: () => turns >= endsAt,
    quietTurns,
    maxBytes,
  }).then(() => {
    isQuiet = true;
  });
  for (; !isQuiet; turns += 1) {
    bytes += arrivals[turns] ?? 0;
    await turn();
  }
  await quiet;
  return { turns, bytes };
}

describe('a pipe that never ends', () => {
  test('is quiet after as many turns without a byte as are asked for', async () => {
    const { turns } = await turnsUntilQuiet({}, { quietTurns: 3 });
    const { turns: more } = await turnsUntilQuiet({}, { quietTurns: 13 });
    expect(more - turns).toBe(10);
  });

  test('L9 is read on after a pause that is shorter', async () => {
    const { bytes } = await turnsUntilQuiet({ 0: 1, 2: 1, 4: 1, 6: 1, 8: 1 }, { quietTurns: 3 });
    expect(bytes).toBe(5 + 5);
  });

  test('begins to count anew with every byte, as many turns as before', async () => {
    const { turns: atOnce } = await turnsUntilQuiet({}, { quietTurns: 4 });
    const { turns: after } = await turnsUntilQuiet({ 0: 1 }, { quietTurns: 4 });
    const { turns: later } = await turnsUntilQuiet({ 0: 1, 2: 1 }, { quietTurns: 4 });
    expect(after - atOnce).toBe(1);
    expect(later - after).toBe(2);
  });

  test('L6 is read no further than maxBytes, however much comes', async () => {
    const flood = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [index, 10]));
    const { turns, bytes } = await turnsUntilQuiet(flood, { maxBytes: 100 });
    expect(bytes).toBeGreaterThanOrEqual(105);
    expect(bytes).toBeLessThan(200);
    expect(turns).toBeLessThan(20);
  });
});

describe('a pipe that ends', () => {
  test('is not waited for any longer', async () => {
    const { turns } = await turnsUntilQuiet({}, { quietTurns: 1_000, endsAt: 2 });
    expect(turns).toBeLessThan(6);
  });

  test('and has ended before takes no turn', async () => {
    let isSettled = false;
    const quiet = untilQuiet({ bytesRead: () => 0, hasEnded: () => true, quietTurns: 10, maxBytes: 10 });
    quiet.then(() => {
      isSettled = true;
    });
    await Promise.resolve();
    await Promise.resolve();
    expect(isSettled).toBe(true);
  });
});
