// Many readers on one pipe: what one costs beside others that get nothing, what many cost that all receive, and what a
// reader costs that lags.
import { setTimeout as wait } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { scripted } from './servers.mjs';
import { withClient } from './with-client.mjs';

const WORD = ' word';

export const runAlone = ({ count, warmUp }) => readRun({ count, warmUp, runs: 1 });

/** One run is flooded; the others are open, and get nothing. */
export const runBesideRuns = ({ count, warmUp, others }) => readRun({ count, warmUp, runs: 1 + others });

function readRun({ count, warmUp, runs }) {
  return withBench(async (client) => {
    const [run] = await startRuns(client, runs);
    await flood(client, { count: warmUp, threads: 1, read: (amount) => readDeltas(run, amount) });
    return measured(count, () =>
      flood(client, { count, threads: 1, read: (amount) => readDeltas(run, amount) }),
    );
  });
}

export const filterAlone = ({ count, warmUp }) => readFilter({ count, warmUp, filters: 1 });

/** One filter gets everything; the others, of other threads, are open and get nothing. */
export const filterBesideFilters = ({ count, warmUp, others }) =>
  readFilter({ count, warmUp, filters: 1 + others });

function readFilter({ count, warmUp, filters }) {
  return withBench(async (client) => {
    const [stream] = Array.from({ length: filters }, (_, index) => client.events({ threadId: `t${index}` }));
    const read = (amount) => readDeltas(stream, amount);
    await flood(client, { count: warmUp, threads: 1, read });
    return measured(count, () => flood(client, { count, threads: 1, read }));
  });
}

/** So many runs get a message in turn, and each has a loop that reads it. */
export function runsInTurn({ count, warmUp, runs }) {
  return withBench(async (client) => {
    const all = await startRuns(client, runs);
    const read = async (amount) => {
      const seen = await Promise.all(all.map((run) => readDeltas(run, amount / runs)));
      return seen.reduce((sum, one) => sum + one, 0);
    };
    await flood(client, { count: warmUp, threads: runs, read });
    return measured(count, () => flood(client, { count, threads: runs, read }));
  });
}

/** A loop that takes each delta at once: as long as the flood itself takes. */
export function promptReader({ count, pauseMs }) {
  return withBench(async (client) => {
    const stream = client.events({ threadId: 't0' });
    await client.request('bench/flood', { count, threads: 1, pauseMs });
    return measured(count, () => readDeltas(stream, count));
  });
}

/** A loop that needs a millisecond or more for a message, on a stream that merges what it has not read. */
export function slowReader({ count, readMs, pauseMs }) {
  return withBench(async (client) => {
    const stream = client.events({ threadId: 't0' }, { coalesce: true });
    await client.request('bench/flood', { count, threads: 1, pauseMs });
    return measured(count, async () => {
      let text = '';
      for await (const message of stream) {
        text += message.params.delta;
        if (text.length >= count * WORD.length) break;
        await wait(readMs);
      }
      return text === WORD.repeat(count) ? count : 0;
    });
  });
}

/** What is in memory beside 1.2 times the text, when a stream that merges was not read at all. */
export function stalledReader({ count }) {
  return withBench(async (client) => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc');
    const stream = client.events({ threadId: 't0' }, { coalesce: true });
    collect();
    const before = process.memoryUsage().heapUsed;
    await client.request('bench/flood', { count, threads: 1 });
    for await (const message of client.events()) if (message.method === 'bench/flooded') break;
    collect();
    const heldBytes = process.memoryUsage().heapUsed - before;
    const textBytes = count * WORD.length;
    const { value } = await stream.next();
    const isWhole = value.params.delta === WORD.repeat(count) && value.coalesced === count;
    return { peakMb: (heldBytes - 1.2 * textBytes) / 2 ** 20, seen: isWhole ? count : 0, expected: count };
  });
}

function withBench(use) {
  return withClient({ command: scripted('bench-threads') }, use);
}

async function startRuns(client, count) {
  const runs = Array.from({ length: count }, (_, index) =>
    client.turnRun({ threadId: `t${index}`, input: 'x' }, { idleTimeoutMs: 0 }),
  );
  await Promise.all(runs.map((run) => run.started()));
  for (const run of runs) await run.next();
  return runs;
}

async function flood(client, { count, threads, read }) {
  await client.request('bench/flood', { count, threads });
  return read(count);
}

async function readDeltas(stream, count) {
  let seen = 0;
  while (seen < count) {
    const { value } = await stream.next();
    if (value.method === 'item/agentMessage/delta') seen += 1;
  }
  return seen;
}

async function measured(expected, work) {
  const start = performance.now();
  const seen = await work();
  return { ms: performance.now() - start, seen, expected };
}
