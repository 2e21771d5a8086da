// Peak memory while a consumer reads a long flood in fits: it stalls until the client has stopped reading, takes
// `burst` messages, and stalls again. Against the same client with nothing to read.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { scripted } from './servers.mjs';
import { withClient } from './with-client.mjs';

export function idle() {
  return withClient({ command: scripted('bench-deltas') }, async (client) => {
    const { messages } = client.stats();
    return { peakMb: peakMb(), seen: messages.received, expected: 0 };
  });
}

export function stalled({ count, burst }) {
  return withClient({ command: scripted('bench-deltas') }, async (client) => {
    await client.request('bench/flood', { count });
    let seen = 0;
    for await (const message of client.events()) {
      if (message.method === 'bench/flooded') break;
      if (seen % burst === 0) await stopsReading(client);
      seen += 1;
    }
    const { held, paused } = client.stats();
    return { peakMb: peakMb(), seen, expected: count, peakHeld: held.peakMessages, paused: paused.times };
  });
}

/** Until the pipe is full and left so, or the flood is over. */
async function stopsReading(client) {
  for (let turn = 0; turn < 1_000_000; turn += 1) {
    const { paused, messages } = client.stats();
    if (paused.now || messages.received === 0) return;
    await nextTurn();
  }
}

function peakMb() {
  return process.resourceUsage().maxRSS / 1024;
}
