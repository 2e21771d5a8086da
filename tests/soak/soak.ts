/**
 * `npm run soak`: thousands of requests, turns and starts on a real codex with the local provider. Prints what the host
 * holds at the start and at the end of each kind of work, and fails when that is not flat.
 *
 * Options: `--quick` (a tenth of the work). Run it with `node --expose-gc`, or memory is not judged.
 */
import { parseArgs } from 'node:util';
import { echo, LocalModelProvider } from '../../src/testing/index.js';
import { type Footprint, footprint, growth } from './footprint.js';
import { manyRequests, manyStarts, manyTurns, startWatched, stopWatched, type Watched } from './work.js';

/** What a heap may differ by from one look to the next: caches of V8 and HTTP sockets of the provider, no leak. */
const HEAP_TOLERANCE_BYTES = 3 * 1024 * 1024;
/** Rounds of the same work that come before the first look, so that code is compiled and pools are filled. */
const WARM_UP_SHARE = 0.2;

const { values: options } = parseArgs({ options: { quick: { type: 'boolean', default: false } } });
const scale = options.quick ? 0.1 : 1;
const problems: string[] = [];

await using provider = await LocalModelProvider.start({ keptRequests: 1, defaultReply: echo() });
const watched = await startWatched(provider);
await soak('requests', 50_000, (count) => manyRequests(watched.client, count), watched);
await soak('turns', 3_000, (count) => manyTurns(watched.client, count), watched);
await stopWatched(watched);
await soak('starts and shutdowns', 200, (count) => manyStarts(provider, count));

for (const problem of problems) console.error(`not flat: ${problem}`);
if (problems.length > 0) process.exitCode = 1;
else console.log('flat');

/** Does the work once for warming up and then in full, and compares what the host holds before and after. */
async function soak(
  what: string,
  fullCount: number,
  work: (count: number) => Promise<void>,
  server?: Watched,
): Promise<void> {
  const count = Math.ceil(fullCount * scale);
  await work(Math.ceil(count * WARM_UP_SHARE));
  const before = await footprint(server?.child);
  const startMs = performance.now();
  await work(count);
  const tookMs = performance.now() - startMs;
  const after = await footprint(server?.child);
  console.log(`${count} ${what} in ${(tookMs / 1000).toFixed(1)} s`);
  console.log(`  at the start: ${described(before)}`);
  console.log(`  at the end:   ${described(after)}`);
  const grown = after.heapBytes - before.heapBytes;
  if (globalThis.gc !== undefined && grown > HEAP_TOLERANCE_BYTES)
    problems.push(`${what}: the heap grew by ${megabytes(grown)}`);
  problems.push(...growth(before, after).map((change) => `${what}: ${change}`));
}

function described({ heapBytes, resources, listeners, openFiles }: Footprint): string {
  const sum = (counts: Readonly<Record<string, number>>) => Object.values(counts).reduce((a, b) => a + b, 0);
  const kinds = Object.entries(resources).map(([kind, count]) => `${count} ${kind}`);
  return `heap ${megabytes(heapBytes)}, ${sum(listeners)} listeners, ${openFiles ?? '?'} open files, ${kinds.join(', ')}`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
