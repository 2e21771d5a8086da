/** One process of many points: the seed of the first and how many there are, as arguments; tells its parent what they came to. */
import { runPoints } from './many-points.js';
import type { WorkerNews } from './point-workers.js';

const [from, count] = process.argv.slice(2).map(Number);
if (from === undefined || count === undefined) throw new TypeError('worker.ts: expected two numbers');

// Without a parent there is nobody to tell.
process.on('disconnect', () => process.exit());

const tell = (news: WorkerNews) => process.send?.(news);
const outcome = await runPoints(from, count, (done) => tell({ is: 'progress', done }));
tell({ is: 'over', outcome });
process.disconnect();
