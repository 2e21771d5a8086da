// Deltas of one turn, read to the last one.
import { readMessages, spawnPiped } from './bare-client.mjs';
import { scripted } from './servers.mjs';
import { withClient } from './with-client.mjs';

const FLOODED = 'bench/flooded';

export function client({ count }) {
  return withClient({ command: scripted('bench-deltas') }, async (client) => {
    const start = performance.now();
    await client.request('bench/flood', { count });
    let seen = 0;
    for await (const message of client.events()) {
      if (message.method === FLOODED) break;
      seen += message.params.delta.length > 0 ? 1 : 0;
    }
    return { ms: performance.now() - start, seen, expected: count };
  });
}

export async function bare({ count }) {
  const child = spawnPiped(scripted('bench-deltas'));
  let seen = 0;
  let start = 0;
  const end = await new Promise((resolve) => {
    readMessages(child.stdout, (message) => {
      if (message.method === FLOODED) resolve(performance.now());
      else if (message.method === undefined) started(message);
      else seen += message.params.delta.length > 0 ? 1 : 0;
    });
    const started = ({ id }) => {
      if (id !== 1) return;
      start = performance.now();
      child.stdin.write(`{"id":2,"method":"bench/flood","params":{"count":${count}}}\n`);
    };
    child.stdin.write(
      '{"id":1,"method":"initialize","params":{"clientInfo":{"name":"bare","version":"1"}}}\n',
    );
  });
  child.stdin.end();
  return { ms: end - start, seen, expected: count };
}
