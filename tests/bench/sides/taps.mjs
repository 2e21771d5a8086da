// Deltas through the events loop, with and without those who look on.
import { client } from './events.mjs';

/** Nobody looks on. */
export function untapped(parameters) {
  return client(parameters);
}

/** Many look at other threads: 10,000 filters that the messages do not have. */
export function otherTaps(parameters) {
  return client({
    ...parameters,
    prepare: (client) => {
      for (let n = 0; n < 10_000; n += 1) client.tap({ threadId: `other ${n}` });
    },
  });
}

/** One looks at one other thread. */
export function otherTap(parameters) {
  return client({ ...parameters, prepare: (client) => client.tap({ threadId: 'other' }) });
}

/** One reads every message beside the loop. */
export function readTap(parameters) {
  return client({ ...parameters, prepare: (client) => readAll(client.tap()) });
}

/** One reads every line beside the loop. */
export function readLines(parameters) {
  return client({ ...parameters, prepare: (client) => readAll(client.wire()) });
}

async function readAll(tap) {
  let seen = 0;
  for await (const next of tap) seen += next.kind === 'gap' ? next.missed : 1;
  return seen;
}
