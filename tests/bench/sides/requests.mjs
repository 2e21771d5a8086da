// Requests to a scripted server that answers at once: one after another, and all at once.
import { BareClient } from './bare-client.mjs';
import { scripted } from './servers.mjs';
import { withClient } from './with-client.mjs';

export function clientInTurn({ count }) {
  return withClient({ command: scripted('bench-answers') }, (client) => inTurn(client, count));
}

export async function bareInTurn({ count }) {
  const client = new BareClient(scripted('bench-answers'));
  await client.initialize();
  const figures = await inTurn(client, count);
  client.end();
  return figures;
}

export function clientAtOnce({ count, bursts }) {
  return withClient({ command: scripted('bench-answers') }, (client) => atOnce(client, count, bursts));
}

export async function bareAtOnce({ count, bursts }) {
  const client = new BareClient(scripted('bench-answers'));
  await client.initialize();
  const figures = await atOnce(client, count, bursts);
  client.end();
  return figures;
}

async function inTurn(client, count) {
  const start = performance.now();
  let seen = 0;
  for (let index = 0; index < count; index += 1) {
    const { number } = await client.request('bench/answer', { number: index });
    if (number === index) seen += 1;
  }
  return { ms: performance.now() - start, seen, expected: count };
}

async function atOnce(client, count, bursts) {
  const start = performance.now();
  let seen = 0;
  for (let burst = 0; burst < bursts; burst += 1) {
    const answers = Array.from({ length: count }, (_, index) =>
      client.request('bench/answer', { number: index }),
    );
    for (const [index, { number }] of (await Promise.all(answers)).entries()) if (number === index) seen += 1;
  }
  return { ms: performance.now() - start, seen, expected: count * bursts };
}
