/** Points in several processes, a stretch of seeds for each. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { COMPILED_COPY, programFile } from '../helpers/programs.js';
import type { BrokenPoint, PointsOutcome } from './many-points.js';
import { Tally } from './world/tally.js';

/** What a worker tells. */
export type WorkerNews =
  | { readonly is: 'progress'; readonly done: number }
  | { readonly is: 'over'; readonly outcome: PointsOutcome };

/** The worker: compiled where the tests have made it so, and by tsx for `npm run simulate`. */
const [WORKER, FLAGS] =
  process.env[COMPILED_COPY] === undefined
    ? [fileURLToPath(new URL('worker.ts', import.meta.url)), ['--import', 'tsx']]
    : [programFile('tests/simulation/worker.ts'), []];
const ROOT = new URL('../../', import.meta.url);
/** The package is its sources, and needs no build. */
const TSCONFIG = fileURLToPath(new URL('tests/tsconfig.json', ROOT));

/** Runs `points` points from the seed `from` on, in so many processes. */
export async function runInWorkers(
  from: number,
  points: number,
  workers: number,
  progress: (done: number) => void = () => {},
): Promise<PointsOutcome> {
  const size = Math.ceil(points / workers);
  const starts = Array.from({ length: workers }, (_, index) => from + index * size);
  const outcomes = await Promise.all(
    starts.map((start) => runWorker(start, Math.min(size, from + points - start), progress)),
  );
  const tally = new Tally();
  const broken: BrokenPoint[] = [];
  for (const outcome of outcomes) {
    tally.add(outcome.counts);
    broken.push(...outcome.broken);
  }
  return { broken, counts: tally.counts };
}

function runWorker(from: number, count: number, progress: (done: number) => void): Promise<PointsOutcome> {
  return new Promise((resolve, reject) => {
    const child = fork(WORKER, [String(from), String(count)], {
      cwd: fileURLToPath(ROOT),
      // Points leave much behind that is short-lived.
      execArgv: ['--max-semi-space-size=64', ...FLAGS],
      env: { ...process.env, TSX_TSCONFIG_PATH: TSCONFIG },
    });
    child.on('message', (news: WorkerNews) => {
      if (news.is === 'progress') progress(news.done);
      else resolve(news.outcome);
    });
    child.on('error', reject);
    child.on('exit', (code, signal) =>
      reject(new Error(`the points from ${from} on ended with ${signal ?? code}`)),
    );
  });
}
