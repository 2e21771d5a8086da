// A thread that is followed: what the process spends on each entry that is delivered, with one reader and with many. The
// messages are parsed and folded once; `count` entries are delivered in all, so one reader gets as many messages, and
// each of 1,000 gets a thousandth of them. The figure is the time of the processor, not of the clock.
import { scripted } from './servers.mjs';
import { withClient } from './with-client.mjs';

export const read = (parameters) => follow(parameters, readEntries);
export const readByOne = (parameters) => read({ ...parameters, readers: 1 });

/** The same as text: what a service sends to its pages. */
export const write = (parameters) => follow(parameters, writeEvents);
export const writeForOne = (parameters) => write({ ...parameters, readers: 1 });

function follow({ count, warmUp, readers }, deliver) {
  return withClient({ command: scripted('bench-followed') }, async (client) => {
    const log = client.thread('t0').follow();
    const flood = async (amount) => {
      const all = await Promise.all(Array.from({ length: readers }, () => deliver(log, amount / readers)));
      await client.request('bench/flood', { count: amount / readers });
      const counts = await Promise.all(all.map(({ delivered }) => delivered));
      return counts.reduce((sum, one) => sum + one, 0);
    };
    await flood(warmUp);
    const before = process.cpuUsage();
    const seen = await flood(count);
    const { user, system } = process.cpuUsage(before);
    return { ms: (user + system) / 1_000, seen, expected: count };
  });
}

/** Reads the snapshot, and then so many entries beside whoever asks. */
async function readEntries(log, count) {
  const entries = log.read();
  await entries.next();
  return { delivered: readOn(entries, count) };
}

async function writeEvents(log, count) {
  const { serverSentEvents } = await import('codex-async-client');
  const events = serverSentEvents(log.read());
  await events.next();
  return { delivered: readOn(events, count) };
}

async function readOn(stream, count) {
  let seen = 0;
  for await (const _ of stream) {
    seen += 1;
    if (seen === count) break;
  }
  return seen;
}
