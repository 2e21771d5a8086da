/** Runs a family of fault points in hosts of their own, all of it or a sample, and says how many points it ran. */
import { expect } from 'vitest';
import { runningOf } from '../helpers/processes.js';
import { type HostReport, runHost } from './hosts.js';

const HOST = 'fault-host.ts';
/** The points of a family are dealt out to this many hosts. */
const HOSTS = 2;

/** Every family, and how many points it has. */
export const FAMILY_POINTS = [
  ['dies at every byte', 1_402],
  ['stalls at every byte and is shut down', 1_402],
  ['closes stdout at every byte and lives', 1_402],
  ['stops reading at some bytes and is shut down', 49],
  ['ignores SIGTERM at some bytes and is shut down', 15],
  ['closes stdin at some bytes and lives', 74],
  ['floods stderr at some bytes and exits', 23],
  ['writes what it should not at every step', 324],
] as const;

interface FamilyReport extends HostReport {
  readonly points: number;
  readonly pids: readonly number[];
}

/**
 * Runs every `stride`-th point of a family.
 *
 * @returns how many points that were
 */
export async function runFamily(family: string, stride: number): Promise<number> {
  const shares = Array.from({ length: HOSTS }, (_, host) => [
    family,
    `${host * stride}`,
    `${HOSTS * stride}`,
  ]);
  const reports = await Promise.all(shares.map((share) => runHost<FamilyReport>(HOST, share)));
  const pids = reports.flatMap((report) => report.pids);
  expect(await runningOf(pids, 'fault-plays.sh')).toEqual([]);
  const points = reports.reduce((sum, report) => sum + report.points, 0);
  expect(pids).toHaveLength(points);
  return points;
}
