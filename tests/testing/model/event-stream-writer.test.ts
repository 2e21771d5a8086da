/** The backpressure of a reply's connection. */
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { LocalModelProvider, type ModelRequest, repeatText, text } from 'codex-async-client/testing';
import { expect, test } from 'vitest';
import { hello } from './endpoint.js';

test('a reply of 400,000 pieces waits while its reader does not read, and is complete in the end', async () => {
  await using provider = await LocalModelProvider.start();
  const count = 400_000;
  provider.enqueue(text(repeatText('piece of some length ', count)));
  const client = httpRequest(`${provider.baseUrl}/responses`, { method: 'POST' });
  client.end(JSON.stringify(hello));
  const [response] = await once(client, 'response');
  const request = await provider.nextRequest();
  await standsStill(request);
  const sentWhilePaused = request.piecesSent;
  // 400,000 frames are some 70 MB; what the sockets' buffers took is a fraction of that.
  expect(sentWhilePaused).toBeGreaterThan(0);
  expect(sentWhilePaused).toBeLessThan(count / 4);
  let bytes = 0;
  for await (const chunk of response) bytes += chunk.length;
  expect(bytes).toBeGreaterThan(count * 21);
  expect(request.piecesSent).toBe(count);
  expect(await request.finished).toBe('sent');
});

/** Settles when no piece was sent over many turns of the event loop: the writer waits for its reader. */
async function standsStill(request: ModelRequest): Promise<void> {
  let sent = -1;
  while (sent !== request.piecesSent || sent === 0) {
    sent = request.piecesSent;
    for (let turn = 0; turn < 1_000; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  }
}
