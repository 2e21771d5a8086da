/** A flood on a connection whose reader is stuck, on the real server. */
import { AsyncClient } from 'codex-async-client';
import { repeatText, text } from 'codex-async-client/testing';
import { expect, test } from 'vitest';
import { sized } from '../helpers/sizes.js';
import { ListeningCodex } from './listening-codex.js';

const MIB = 1024 * 1024;
const MAX_BYTES = sized(64 * MIB, 16 * MIB);
/** More than may be held, if nothing were merged. */
const DELTAS = sized(150_000, 25_000);

test(`L22 ${DELTAS} deltas reach a reader that was stuck, to the byte and within its bound`, async () => {
  await using codex = await ListeningCodex.start();
  await using client = await AsyncClient.connect(
    { socketPath: codex.socketPath },
    { buffer: { maxBytes: MAX_BYTES } },
  );
  const { thread } = await client.threadStart({});
  codex.provider.enqueue(text(repeatText('abcdefg ', DELTAS)));
  const run = client.turnRun({ threadId: thread.id, input: 'go' }, { coalesce: true });
  const watcher = client.tap({ threadId: thread.id, methods: ['turn/completed'] });
  let read = '';
  for await (const message of run) {
    if (message.method !== 'item/agentMessage/delta') continue;
    // Stuck until all of it is there: a server drops a client that does not take it.
    if (read === '') await watcher.next();
    read += message.params.delta;
  }
  expect(read === 'abcdefg '.repeat(DELTAS)).toBe(true);
  const { held, messages, paused } = client.stats();
  expect(held.peakBytes).toBeLessThan(MAX_BYTES / 4);
  expect(messages).toMatchObject({ missed: 0, evicted: 0 });
  expect(messages.coalesced).toBeGreaterThan(DELTAS / 2);
  expect(paused.times).toBe(0);
});
