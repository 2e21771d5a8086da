/** One reader of a followed thread: how it is read, and what leaving it leaves behind. */
import { ConcurrentReadError, type ThreadEntries } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { bytesInUse } from '../../helpers/heap.js';
import { delta, numberOf, wire } from '../../helpers/messages.js';
import { followed } from './followed.js';

async function waiting(entries: ThreadEntries) {
  await entries.next();
  return entries.next();
}

describe('a reader', () => {
  test('reads one entry at a time', async () => {
    const { log } = await followed();
    const entries = log.read();
    await entries.next();
    const first = entries.next();
    await expect(entries.next()).rejects.toThrow(ConcurrentReadError);
    await entries.return();
    expect((await first).done).toBe(true);
  });

  test.each<[string, (entries: ThreadEntries, abort: AbortController) => unknown]>([
    ['return()', (entries) => entries.return()],
    ['its signal', (_, abort) => abort.abort()],
    ['await using', (entries) => entries[Symbol.asyncDispose]()],
  ])('is left by %s: a read that waits ends, and others read on', async (_, leave) => {
    const { server, log } = await followed();
    const abort = new AbortController();
    const left = log.read({ signal: abort.signal });
    const stays = log.read();
    const pending = [waiting(left), waiting(stays)] as const;
    await server.quiet();
    leave(left, abort);
    expect((await pending[0]).done).toBe(true);
    server.send(wire(delta(1)));
    expect(numberOf((await pending[1]).value?.message)).toBe(1);
    expect((await left.next()).done).toBe(true);
  });

  test('that was left costs nothing any more', async () => {
    const { log } = await followed();
    const { signal } = new AbortController();
    const comeAndGo = async (count: number) => {
      for (let readers = 0; readers < count; readers += 1) {
        const entries = log.read({ signal });
        await entries.next();
        const pending = entries.next();
        await entries.return();
        await pending;
      }
    };
    await comeAndGo(1_000);
    const before = await bytesInUse();
    await comeAndGo(10_000);
    // One that stayed would take more than 100 bytes.
    expect((await bytesInUse()) - before).toBeLessThan(500_000);
  });

  test('with a signal that has fired is empty', async () => {
    const { log } = await followed();
    expect((await log.read({ signal: AbortSignal.abort() }).next()).done).toBe(true);
  });

  test('may stop in the middle of a loop', async () => {
    const { server, log } = await followed();
    server.send(wire(delta(1)));
    const kinds: string[] = [];
    for await (const entry of log.read()) {
      kinds.push(entry.snapshot === undefined ? 'message' : 'snapshot');
      if (kinds.length === 2) break;
      server.send(wire(delta(2)), wire(delta(3)));
    }
    expect(kinds).toEqual(['snapshot', 'message']);
  });
});
