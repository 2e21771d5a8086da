// Deltas of one turn, read to the last one. With `warmUp` so many are read before the clock starts; `prepare` gets the
// client before the first, and `finish` is waited for after the last.
import { spawnPiped } from './bare-client.mjs';
import { scripted } from './servers.mjs';
import { withClient } from './with-client.mjs';

const FLOODED = 'bench/flooded';

export function client({ count, warmUp, prepare, finish }) {
  return withClient({ command: scripted('bench-deltas') }, async (client) => {
    prepare?.(client);
    const flood = async (amount) => {
      await client.request('bench/flood', { count: amount });
      let seen = 0;
      for await (const message of client.events()) {
        if (message.method === FLOODED) break;
        seen += message.params.delta.length > 0 ? 1 : 0;
      }
      return seen;
    };
    if (warmUp > 0) await flood(warmUp);
    const start = performance.now();
    const seen = await flood(count);
    await finish?.();
    return { ms: performance.now() - start, seen, expected: count };
  });
}

/** One loop over the chunks; within a chunk nothing is awaited. */
export async function bare({ count, warmUp }) {
  const child = spawnPiped(scripted('bench-deltas'));
  const send = (message) => child.stdin.write(`${JSON.stringify(message)}\n`);
  const floods = warmUp > 0 ? [warmUp, count] : [count];
  let start = 0;
  let seen = 0;
  const nextFlood = () => {
    const amount = floods.shift();
    if (amount === undefined) return false;
    start = performance.now();
    seen = 0;
    send({ id: 2, method: 'bench/flood', params: { count: amount } });
    return true;
  };
  send({ id: 1, method: 'initialize', params: { clientInfo: { name: 'bare', version: '1' } } });
  let rest = '';
  for await (const chunk of child.stdout.setEncoding('utf8')) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop();
    let isOver = false;
    for (const line of lines) {
      const { id, method, params } = JSON.parse(line);
      if (method !== undefined && method !== FLOODED) seen += params.delta.length > 0 ? 1 : 0;
      else if (id === 1 || method === FLOODED) isOver = !nextFlood();
    }
    if (isOver) break;
  }
  const ms = performance.now() - start;
  child.stdin.end();
  return { ms, seen, expected: count };
}
