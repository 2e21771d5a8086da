/**
 * `npm run simulate`: a million points, or as many as `--points` says, from the seed `--from` on, in `--workers` processes. Fails
 * when a law was broken, and names the seeds. `-- --seed N` plays one point again and prints all that happened.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { runAnyPoint } from './any-point.js';
import { runInWorkers } from './point-workers.js';

const POINTS = '1000000';
/** More seeds than anybody looks at. */
const MOST_SHOWN = 40;

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    points: { type: 'string', default: POINTS },
    from: { type: 'string', default: '1' },
    workers: { type: 'string', default: String(Math.min(2, availableParallelism())) },
  },
});

process.exitCode =
  values.seed === undefined ? await simulate() : await replay(wholeNumber('seed', values.seed));

async function replay(seed: number): Promise<number> {
  const { broken, transcript } = await runAnyPoint(seed, { isTold: true });
  process.stdout.write(transcript.text);
  for (const what of broken) console.error(`seed ${seed}: ${what}`);
  if (broken.length === 0) console.log(`seed ${seed}: every law holds`);
  return broken.length === 0 ? 0 : 1;
}

async function simulate(): Promise<number> {
  const points = wholeNumber('points', values.points);
  const started = performance.now();
  let done = 0;
  const outcome = await runInWorkers(
    wholeNumber('from', values.from),
    points,
    wholeNumber('workers', values.workers),
    (more) => {
      done += more;
      process.stderr.write(`\r${done} of ${points} points`);
    },
  );
  const seconds = (performance.now() - started) / 1_000;
  process.stderr.write('\r');
  for (const { seed, broken } of outcome.broken.slice(0, MOST_SHOWN))
    console.error(`seed ${seed}: ${broken[0]}`);
  console.log(
    `${points} points in ${seconds.toFixed(0)} s, ${Math.round(points / seconds)} a second; ${outcome.broken.length} broke a law`,
  );
  return outcome.broken.length === 0 ? 0 : 1;
}

function wholeNumber(name: string, text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1)
    throw new TypeError(`--${name} ${text}: expected a whole number from 1 on`);
  return number;
}
