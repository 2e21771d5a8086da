// One answer that is one long line.
import { Buffer } from 'node:buffer';
import { spawnPiped } from './bare-client.mjs';
import { scripted } from './servers.mjs';
import { withClient } from './with-client.mjs';

export function client({ bytes }) {
  return withClient({ command: scripted('bench-large-line', String(bytes)) }, async (client) => {
    const start = performance.now();
    const { dataBase64 } = await client.request('fs/readFile', { path: '/large' });
    return { ms: performance.now() - start, seen: dataBase64.length, expected: bytes - 64 };
  });
}

export async function bare({ bytes }) {
  const child = spawnPiped(scripted('bench-large-line', String(bytes)));
  child.stdin.write('{"id":1,"method":"initialize","params":{"clientInfo":{"name":"bare","version":"1"}}}\n');
  await readLine(child.stdout);
  const start = performance.now();
  child.stdin.write('{"id":2,"method":"fs/readFile","params":{"path":"/large"}}\n');
  const { result } = JSON.parse(await readLine(child.stdout));
  const ms = performance.now() - start;
  child.stdin.end();
  return { ms, seen: result.dataBase64.length, expected: bytes - 64 };
}

/** A list of chunks, joined once. The server writes nothing after the line. */
function readLine(stdout) {
  return new Promise((resolve) => {
    const chunks = [];
    const read = (chunk) => {
      chunks.push(chunk);
      if (chunk.at(-1) !== 0x0a) return;
      stdout.off('data', read);
      resolve(Buffer.concat(chunks).toString('utf8'));
    };
    stdout.on('data', read);
  });
}
