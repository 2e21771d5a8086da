/** Reads that give up leave nothing behind, however many there are. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, expect, test, vi } from 'vitest';
import { PipedServer, turn } from '../../helpers/piped-server.js';

/** More than what the engine itself keeps here and there; a listener or a reaction that stays is some hundred. */
const NOISE_BYTES = 100;
const READS = 20_000;

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** Bytes on the heap that something is still held by. */
async function heapUsed(): Promise<number> {
  for (let turns = 0; turns < 5; turns += 1) await turn();
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

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
  const before = await heapUsed();
  for (let read = 0; read < READS; read += 1) await giveUp();
  expect(((await heapUsed()) - before) / READS).toBeLessThan(NOISE_BYTES);
});
