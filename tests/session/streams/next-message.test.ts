/** One message at a time: `nextMessage` with a filter takes the one it asked for, and leaves all others in their order. */
import type { ServerMessage } from 'codex-async-client';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { ask, delta, deltas, numberOf, wire } from '../../helpers/messages.js';
import { microtasks, outcomeOf, PipedServer } from '../../helpers/piped-server.js';

afterEach(() => {
  vi.useRealTimers();
});

const inA = { threadId: 'a' };

async function open(options = {}) {
  const server = new PipedServer(options);
  const send = (...messages: readonly ServerMessage[]) => server.send(...messages.map(wire));
  /** The numbers of what is unread on the main stream, in its order. */
  const unread = async () => {
    const numbers: (number | undefined)[] = [];
    while (server.client.stats().held.messages > 0) numbers.push(numberOf(await server.client.nextMessage()));
    return numbers;
  };
  const end = async () => {
    server.end();
    await server.client.shutdown();
  };
  return { server, client: server.client, send, unread, [Symbol.asyncDispose]: end };
}

describe('nextMessage with a filter', () => {
  test('L1 takes along the first that is unread, and leaves the others on the main stream in order', async () => {
    await using at = await open();
    at.send(delta(1), delta(2, inA), delta(3), delta(4, inA));
    await at.server.quiet();
    expect(numberOf(await at.client.nextMessage(inA))).toBe(2);
    expect(await at.unread()).toEqual([1, 3, 4]);
  });

  test('L1 waits for the first that comes; what follows it in the same chunk stays in order for others', async () => {
    await using at = await open();
    const next = at.client.nextMessage({ ...inA, methods: ['item/agentMessage/delta'] });
    at.send(delta(1), delta(2, inA), delta(3, inA), delta(4), delta(5, inA));
    expect(numberOf(await next)).toBe(2);
    await at.server.quiet();
    expect(await at.unread()).toEqual([1, 3, 4, 5]);
  });

  test('L1 beside a loop over everything takes its one message, and the loop gets all others in wire order', async () => {
    await using at = await open();
    const seen: (number | undefined)[] = [];
    const loop = (async () => {
      for await (const message of at.client.events()) if (seen.push(numberOf(message)) === 4) break;
    })();
    const next = at.client.nextMessage(inA);
    at.send(delta(1, inA), delta(2, inA), delta(3), delta(4, inA), delta(5));
    expect(numberOf(await next)).toBe(1);
    await loop;
    expect(seen).toEqual([2, 3, 4, 5]);
  });

  test('in a loop gets every message of its filter, once and in order', async () => {
    await using at = await open();
    at.send(...deltas(1, 50, inA));
    const seen: (number | undefined)[] = [];
    for (let n = 0; n < 100; n += 1) {
      if (n === 20) at.send(...deltas(51, 100, inA));
      seen.push(numberOf(await at.client.nextMessage(inA)));
    }
    expect(seen).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
  });

  test('may wait several times at once: the one who came first gets the first', async () => {
    await using at = await open();
    const waiting = [at.client.nextMessage(inA), at.client.nextMessage(inA)];
    at.send(delta(1, inA), delta(2, inA));
    expect((await Promise.all(waiting)).map(numberOf)).toEqual([1, 2]);
  });

  test('takes a server request, which is answered once', async () => {
    await using at = await open();
    at.send(delta(1), ask(7));
    const request = await at.client.nextMessage({ methods: ['item/tool/call'] });
    if (request === undefined) throw new Error('one was asked');
    await at.client.respond(request, { success: true, contentItems: [] });
    expect(await at.server.receivedWhere(({ id }) => id === 7)).toMatchObject({ result: { success: true } });
  });

  test('without one reads the main stream', async () => {
    await using at = await open();
    at.send(delta(1));
    expect(numberOf(await at.client.nextMessage({ threadId: undefined }))).toBe(1);
  });
});

test('L1 single reads beside a loop lose nothing and keep the order, however they come and are given up', async () => {
  const step = fc.oneof(
    fc.record({ send: fc.array(fc.constantFrom('a', 'b'), { minLength: 1, maxLength: 6 }) }),
    fc.record({ read: fc.constantFrom('a', 'b'), givesUp: fc.boolean() }),
    fc.record({ jitter: fc.nat(12) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      await using at = await open();
      const looped: (number | undefined)[] = [];
      const single: (number | undefined)[] = [];
      const loop = (async () => {
        for await (const message of at.client.events()) looped.push(numberOf(message));
      })();
      const failed = expect(loop).rejects.toMatchObject({ code: 'CODEX_SERVER_CLOSED' });
      let sent = 0;
      const reads: Promise<unknown>[] = [];
      for (const next of steps) {
        if ('send' in next) {
          const first = sent + 1;
          sent += next.send.length;
          at.send(...next.send.map((threadId, index) => delta(first + index, { threadId })));
        } else if ('jitter' in next) await microtasks(next.jitter);
        else {
          const abort = new AbortController();
          const read = at.client.nextMessage({ threadId: next.read, signal: abort.signal });
          reads.push(
            read.then(
              (message) => single.push(numberOf(message)),
              () => undefined,
            ),
          );
          if (next.givesUp) abort.abort();
        }
      }
      at.server.end();
      await Promise.all([failed, ...reads]);
      expect(looped).toEqual([...looped].sort((one, other) => Number(one) - Number(other)));
      const all = [...looped, ...single];
      expect(new Set(all)).toEqual(new Set(Array.from({ length: sent }, (_, index) => index + 1)));
      expect(all).toHaveLength(sent);
    }),
    { numRuns: 200 },
  );
});

describe('giving up a read with a filter', () => {
  test('after timeoutMs rejects, and what comes later goes where it would have gone', async () => {
    await using at = await open();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const next = at.client.nextMessage({ ...inA, timeoutMs: 50 });
    const failed = expect(next).rejects.toMatchObject({ code: 'CODEX_REQUEST_TIMEOUT', timeoutMs: 50 });
    vi.advanceTimersByTime(50);
    vi.useRealTimers();
    await failed;
    at.send(delta(1, inA));
    expect(numberOf(await at.client.nextMessage())).toBe(1);
  });

  test('by its signal rejects with the reason, also before it begins, and takes nothing', async () => {
    await using at = await open();
    const abort = new AbortController();
    const next = at.client.nextMessage({ ...inA, signal: abort.signal });
    abort.abort('enough');
    await expect(next).rejects.toBe('enough');
    at.send(delta(1, inA));
    await at.server.quiet();
    await expect(at.client.nextMessage({ ...inA, signal: abort.signal })).rejects.toBe('enough');
    expect(await at.unread()).toEqual([1]);
  });

  test('L9 at the end of the server gets what was received, then fails or ends as a stream does', async () => {
    await using at = await open();
    const [first, second] = [at.client.nextMessage(inA), at.client.nextMessage(inA)];
    const failed = expect(second).rejects.toMatchObject({ code: 'CODEX_SERVER_CLOSED' });
    at.send(delta(1, inA));
    at.server.end();
    expect(numberOf(await first)).toBe(1);
    await failed;
    await using other = await open();
    const waiting = other.client.nextMessage(inA);
    await other.client.shutdown();
    expect(await waiting).toBeUndefined();
  });

  test('leaves nothing behind', async () => {
    await using at = await open();
    const abort = new AbortController();
    const next = at.client.nextMessage({ ...inA, signal: abort.signal });
    expect(await outcomeOf(next)).toBe('pending');
    abort.abort('enough');
    await expect(next).rejects.toBe('enough');
    expect(at.client.stats()).toMatchObject({ held: { messages: 0, bytes: 0 }, messages: { discarded: 0 } });
  });
});
