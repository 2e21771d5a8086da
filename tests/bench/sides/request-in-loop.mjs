// Requests inside an events() loop under flood: each is answered only after many more deltas were written, so a
// client that stops reading at a full buffer would wait for ever. A refusal with BackpressureError settles too.
import { scripted } from './servers.mjs';
import { withClient } from './with-client.mjs';

export function client({ count, every, after }) {
  return withClient({ command: scripted('bench-deltas') }, async (client) => {
    await client.request('bench/flood', { count });
    let deltas = 0;
    let asked = 0;
    let answered = 0;
    let refused = 0;
    for await (const message of client.events()) {
      if (message.method === 'bench/flooded') break;
      deltas += 1;
      if (deltas % every !== 0) continue;
      asked += 1;
      try {
        await client.request('bench/ask', { after });
        answered += 1;
      } catch (error) {
        if (error.code !== 'CODEX_BACKPRESSURE') throw error;
        refused += 1;
      }
    }
    // A lost delta makes every answer worthless.
    const seen = deltas === count ? answered + refused : 0;
    return { seen, expected: asked, refused, peakBytes: client.stats().held.peakBytes };
  });
}
