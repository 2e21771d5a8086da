/** Laws of every quiet moment: when the pipe is read, and how much is held (L3, L4, L5). */
import type { Law } from './law.js';

/** L3: without demand the pipe is left to fill once enough is held. L4: with demand it is not, while there is room. */
export const readsForDemand: Law = function* ({ program }) {
  const { client, limits, readings, promises } = program;
  if (client.state !== 'ready' || program.ending !== undefined) return;
  const { highWaterMark, maxBytes, neverPauses } = limits.options.buffer;
  const { held, paused, requests } = client.stats();
  const isFull = held.bytes >= maxBytes;
  const waitingReader = readings.find(
    ({ isWaiting, kind }) => isWaiting && (kind === 'main' || kind === 'filter'),
  );
  // What the server does not take is a demand of its own, whoever wrote it: a request that was given up, too.
  const { holdsInput } = program.server.child;
  const isDemanded =
    holdsInput || waitingReader !== undefined || promises.pending.some(({ kind }) => kind === 'call');
  if (neverPauses && paused.now) yield 'L4: the pipe is paused although it never may be';
  if (paused.now && isDemanded && !isFull && limits.options.buffer.maxOutgoingBytes === undefined)
    yield `L4: the pipe is paused while ${waitingReader?.name ?? (holdsInput ? 'a write' : 'a request')} waits`;
  const waits = promises.pending.some(
    ({ kind, what }) => kind !== 'lifetime' && !isGated(program.readings, what),
  );
  if (
    !waits &&
    !holdsInput &&
    !neverPauses &&
    !paused.now &&
    held.messages >= highWaterMark &&
    requests.inFlight === 0 &&
    program.runs.length + program.goals.length === 0
  )
    yield `L3: nobody waits, ${held.messages} are held, and the pipe is read on past ${highWaterMark}`;
};

/** L5: what is held has a bound, whatever the server sends and whoever waits. */
export const heldIsBounded: Law = function* ({ program }) {
  const { client, limits, server } = program;
  const { maxBytes, neverPauses } = limits.options.buffer;
  if (neverPauses || program.ending !== undefined) return;
  const { peakBytes } = client.stats().held;
  const longest = server.book.lines.reduce((most, { bytes }) => Math.max(most, bytes), 0);
  const bound = maxBytes + server.book.largestChunkBytes + longest;
  if (peakBytes > bound) yield `L5: ${peakBytes} bytes were held, more than maxBytes and a chunk (${bound})`;
};

/** Its loop has not been let to read, and waits for nothing of the client. */
function isGated(
  readings: readonly { readonly name: string; readonly isWaiting: boolean }[],
  what: string,
): boolean {
  return readings.some(({ name, isWaiting }) => !isWaiting && what === `the loop over ${name}`);
}
