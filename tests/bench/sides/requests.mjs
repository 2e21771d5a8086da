// Requests to a scripted server that answers at once: one after another, and all at once. With `warmUp` so many, or
// so many bursts, go out before the clock starts.
import { BareClient, requestWindowed } from './bare-client.mjs';
import { scripted } from './servers.mjs';
import { withClient } from './with-client.mjs';

const WINDOW = 64;

export function clientInTurn(amount) {
  return withClient({ command: scripted('bench-answers') }, (client) => inTurn(client, amount));
}

export async function bareInTurn(amount) {
  const client = new BareClient(scripted('bench-answers'));
  await client.initialize();
  const figures = await inTurn(client, amount);
  client.end();
  return figures;
}

export function clientAtOnce(amount) {
  return withClient({ command: scripted('bench-answers') }, (client) => atOnce(client, amount));
}

export async function bareAtOnce(amount) {
  const client = new BareClient(scripted('bench-answers'));
  await client.initialize();
  const figures = await atOnce(client, amount);
  client.end();
  return figures;
}

/** What a window costs by itself: the server and the client wait for each other once a window. */
export async function bareWindowed(amount) {
  const client = new BareClient(scripted('bench-answers'));
  await client.initialize();
  const figures = await atOnce(client, amount, windowedBurst);
  client.end();
  return figures;
}

async function inTurn(client, { count, warmUp }) {
  for (let index = 0; index < warmUp; index += 1) await client.request('bench/answer', { number: index });
  const start = performance.now();
  let seen = 0;
  for (let index = 0; index < count; index += 1) {
    const { number } = await client.request('bench/answer', { number: index });
    if (number === index) seen += 1;
  }
  return { ms: performance.now() - start, seen, expected: count };
}

async function atOnce(client, { count, bursts, warmUp }, send = burst) {
  for (let index = 0; index < warmUp; index += 1) await send(client, count);
  const start = performance.now();
  let seen = 0;
  for (let index = 0; index < bursts; index += 1) seen += await send(client, count);
  return { ms: performance.now() - start, seen, expected: count * bursts };
}

async function burst(client, count) {
  const answers = Array.from({ length: count }, (_, index) =>
    client.request('bench/answer', { number: index }),
  );
  let seen = 0;
  for (const [index, { number }] of (await Promise.all(answers)).entries()) if (number === index) seen += 1;
  return seen;
}

async function windowedBurst(client, count) {
  let seen = 0;
  await requestWindowed(count, WINDOW, async (index) => {
    const { number } = await client.request('bench/answer', { number: index });
    if (number === index) seen += 1;
  });
  return seen;
}
