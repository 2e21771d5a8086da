/**
 * A host program that lives on when the worker thread with its client is gone. Runs `leaving-host.ts` in the worker and
 * prints the server's pid; then the worker leaves as the first argument says, or is left: with `terminate` the host ends the worker, with
 * `host-exit` itself. Prints `gone` once the worker is.
 * Usage: worker-host.ts HOW SCENE [OPTIONS-AS-JSON]
 */
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Worker } from 'node:worker_threads';

// A worker does not take tsx over from its host on Node.js 20.
const program = `
  process.argv = ${JSON.stringify(process.argv)};
  const { register } = await import(${JSON.stringify(import.meta.resolve('tsx/esm/api'))});
  register();
  await import(${JSON.stringify(new URL('leaving-host.ts', import.meta.url).href)});`;
const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(program)}`), {
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
