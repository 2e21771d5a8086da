/** Reads that give up leave nothing behind, however many there are. */
import { afterEach, expect, test, vi } from 'vitest';
import { bytesInUse } from '../../helpers/heap.js';
import { PipedServer } from '../../helpers/piped-server.js';

/** More than what the engine itself keeps here and there; a listener or a reaction that stays is some hundred. */
const NOISE_BYTES = 100;
const READS = 20_000;

afterEach(() => {
  vi.useRealTimers();
});

test('L10 nextMessage() that gives up on a silent stream leaves nothing behind', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const { client } = new PipedServer();
  const shared = new AbortController();
  const giveUp = async () => {
    const abort = new AbortController();
    const aborted = client.nextMessage({ signal: abort.signal, timeoutMs: 60_000 });
    abort.abort();
    await aborted.catch(() => {});
    const late = client.nextMessage({ signal: shared.signal, timeoutMs: 1 });
    vi.advanceTimersByTime(1);
    await late.catch(() => {});
  };
  for (let read = 0; read < READS / 10; read += 1) await giveUp();
  const before = await bytesInUse();
  for (let read = 0; read < READS; read += 1) await giveUp();
  expect(((await bytesInUse()) - before) / READS).toBeLessThan(NOISE_BYTES);
});
