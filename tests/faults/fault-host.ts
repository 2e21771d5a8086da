/**
 * A host program that runs the fault points of one family, several at a time, and prints one line of JSON: how many it
 * ran, what was wrong, and the pids of the servers. Then it does nothing: it has to end by itself.
 * Usage: fault-host.ts FAMILY FIRST STRIDE; it takes the points FIRST, FIRST + STRIDE, ...
 */
import { readdirSync } from 'node:fs';
import { runPoint } from './fault-point.js';
import { FAMILIES } from './points.js';

const AT_A_TIME = 8;
/** A report of thousands of problems helps nobody. */
const SHOWN_PROBLEMS = 20;

const [family = '', first = '0', stride = '1'] = process.argv.slice(2);
const points = (FAMILIES[family]?.() ?? []).filter((_, index) => index % Number(stride) === Number(first));
const problems: string[] = [];
const pids: number[] = [];

const openFiles = () => readdirSync('/proc/self/fd').length;
const filesBefore = openFiles();
const queue = points.values();
await Promise.all(
  Array.from({ length: AT_A_TIME }, async () => {
    for (const point of queue) {
      const report = await runPoint(point);
      pids.push(report.pid);
      problems.push(...report.problems);
    }
  }),
);
await new Promise((resolve) => setImmediate(resolve));
const leftFiles = openFiles() - filesBefore;
if (leftFiles > 0) problems.push(`${leftFiles} file descriptors are left`);
const left = process.getActiveResourcesInfo().filter((kind) => !['PipeWrap', 'TTYWrap'].includes(kind));
if (left.length > 0) problems.push(`handles are left: ${left.join(', ')}`);
process.stdout.write(
  `${JSON.stringify({ points: points.length, problems: problems.slice(0, SHOWN_PROBLEMS), pids })}\n`,
);
