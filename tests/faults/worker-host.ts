/**
 * A host program that lives on when the worker thread with its client is gone. Runs `leaving-host.ts` in the worker and
 * prints the server's pid; then the worker leaves as the first argument says, or is left: with `terminate` the host ends the worker, with
 * `host-exit` itself. Prints `gone` once the worker is.
 * Usage: worker-host.ts HOW SCENE [OPTIONS-AS-JSON]
 */
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Worker } from 'node:worker_threads';

const worker = new Worker(new URL('leaving-host.js', import.meta.url), {
  argv: process.argv.slice(2),
  stdout: true,
});
// A worker that throws is one of the ways to go.
worker.on('error', () => {});
worker.once('exit', () => writeSync(1, 'gone\n'));
createInterface(worker.stdout).once('line', (pid) => {
  writeSync(1, `${pid}\n`);
  if (process.argv[2] === 'terminate') void worker.terminate();
  if (process.argv[2] === 'host-exit') process.exit();
});
setInterval(() => {}, 1_000_000);
