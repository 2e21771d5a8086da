/**
 * The fault suite on scripted servers: thousands of real processes that die, stall or misbehave at every byte of a short
 * session. Each family runs in host programs of its own, because a host has to end by itself, quietly, when its clients
 * are closed: a handle that is left would keep it alive, and a warning or an unhandled rejection would be printed.
 */
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { runningOf } from '../helpers/processes.js';
import { type HostReport, runHost } from './hosts.js';

const HOST = fileURLToPath(new URL('fault-host.ts', import.meta.url));
/** A family takes 10 to 20 s on two idle processors. */
const FAMILY_TIMEOUT_MS = 240_000;
/** Half of the points of a large family go to each of two hosts. */
const SHARES = 2;

interface FamilyReport extends HostReport {
  readonly points: number;
  readonly pids: readonly number[];
}

/** Runs the points of a family and gives back how many there were. */
async function runFamily(family: string): Promise<number> {
  const shares = Array.from({ length: SHARES }, (_, share) => [family, String(share), String(SHARES)]);
  const reports = await Promise.all(shares.map((share) => runHost<FamilyReport>(HOST, share)));
  const pids = reports.flatMap((report) => report.pids);
  expect(await runningOf(pids, 'fault-plays.sh')).toEqual([]);
  const points = reports.reduce((sum, report) => sum + report.points, 0);
  expect(pids).toHaveLength(points);
  return points;
}

describe('L9 L10 L13 everything is handed out and settled, with one clear error and nothing left, when a server', () => {
  test.each([
    ['dies at every byte', 1_402],
    ['stalls at every byte and is shut down', 1_402],
    ['closes stdout at every byte and lives', 1_402],
    ['stops reading at some bytes and is shut down', 49],
    ['ignores SIGTERM at some bytes and is shut down', 15],
    ['closes stdin at some bytes and lives', 74],
    ['floods stderr at some bytes and exits', 23],
    ['writes what it should not at every step', 324],
  ])('%s (%i fault points)', { timeout: FAMILY_TIMEOUT_MS }, async (family, points) => {
    expect(await runFamily(family)).toBe(points);
  });
});
