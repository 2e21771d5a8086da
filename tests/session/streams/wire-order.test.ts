/** L1, L2 and L11 for streams: where messages go, in which order, and what leaving a stream does to them. */
import { BackpressureError, ConcurrentReadError, RequestTimeoutError } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { ask, delta, deltas, numberOf, wire } from '../../helpers/messages.js';
import { microtasks, outcomeOf, PipedServer } from '../../helpers/piped-server.js';

describe('L1 streams', () => {
  test('L1 subscribing after a call loses nothing that came in between', async () => {
    const server = new PipedServer();
    server.send(
      wire(delta(0, { threadId: 'a' })),
      wire(delta(1, { threadId: 'b' })),
      wire(delta(2, { threadId: 'a' })),
    );
    await server.quiet();
    const stream = server.client.events({ threadId: 'a' });
    server.send(wire(delta(3, { threadId: 'a' })));
    const numbers = [await stream.next(), await stream.next(), await stream.next()];
    expect(numbers.map(({ value }) => numberOf(value))).toEqual([0, 2, 3]);
    expect(numberOf(await server.client.nextMessage())).toBe(1);
  });

  test('L1 two readers of the main stream share it: each message reaches one of them', async () => {
    const server = new PipedServer();
    server.send(...deltas(0, 3).map(wire));
    await server.quiet();
    const [first, second] = [server.client.events(), server.client.events()];
    expect(numberOf((await first.next()).value)).toBe(0);
    expect(numberOf((await second.next()).value)).toBe(1);
    expect(numberOf(await server.client.nextMessage())).toBe(2);
    expect(numberOf((await first.next()).value)).toBe(3);
  });

  test('L1 collect gives everything up to the end', async () => {
    const server = new PipedServer();
    const stream = server.client.events({ threadId: 'a' });
    server.send(wire(delta(0, { threadId: 'a' })), wire(delta(1)), wire(delta(2, { threadId: 'a' })));
    const collected = stream.collect();
    await server.client.nextMessage();
    const closing = server.client.shutdown();
    expect((await collected).map(numberOf)).toEqual([0, 2]);
    await closing;
  });
});

describe('L2 answers and events', () => {
  test.each(['in one chunk', 'in a chunk for each byte'])(
    'L2 an answer settles its call before the events that followed it are handed out, %s',
    async (chunking) => {
      const server = new PipedServer();
      const log: string[] = [];
      const reading = (async () => {
        for await (const message of server.client.events()) {
          log.push(`event ${numberOf(message)}`);
          if (numberOf(message) === 2) break;
        }
      })();
      const calls = ['a', 'b'].map((name) =>
        server.client.request(`x/${name}`, {}).then(() => log.push(`answer ${name}`)),
      );
      const [a, b] = await server.receivedRequests(2);
      const lines = [
        wire(delta(0)),
        { id: b?.id, result: {} },
        wire(delta(1)),
        { id: a?.id, error: { code: -1, message: 'no' } },
        wire(delta(2)),
      ];
      const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
      calls[0]?.catch(() => log.push('answer a'));
      if (chunking === 'in one chunk') server.sendText(text);
      else for (const byte of Buffer.from(text)) server.sendText(Uint8Array.of(byte));
      await reading;
      await Promise.allSettled(calls);
      const at = (entry: string) => log.indexOf(entry);
      expect(at('answer b')).toBeLessThan(at('event 1'));
      expect(at('answer a')).toBeLessThan(at('event 2'));
      expect(log.filter((entry) => entry.startsWith('event'))).toEqual(['event 0', 'event 1', 'event 2']);
    },
  );
});

describe('L11 leaving a stream', () => {
  test('L11 break leaves the rest of the main stream to the next reader', async () => {
    const server = new PipedServer();
    server.send(...deltas(0, 4).map(wire));
    for await (const message of server.client.events()) if (numberOf(message) === 1) break;
    expect(numberOf(await server.client.nextMessage())).toBe(2);
    for await (const message of server.client.events()) {
      expect(numberOf(message)).toBe(3);
      break;
    }
  });

  test.each(['break', 'return()', 'await using'])(
    'L11 %s hands the unread server requests of a filtered stream back, in wire order, and drops its notifications',
    async (how) => {
      const server = new PipedServer();
      const stream = server.client.events({ threadId: 'a' });
      const where = { threadId: 'a' };
      server.send(...[delta(0, where), ask(1, where), delta(2), ask(3, where), delta(4, where)].map(wire));
      await server.quiet();
      if (how === 'break') for await (const _ of stream) break;
      else if (how === 'return()') {
        await stream.next();
        await stream.return();
      } else {
        await using left = stream;
        await left.next();
      }
      const main = server.client.events();
      const numbers = [await main.next(), await main.next(), await main.next()].map(({ value }) =>
        numberOf(value),
      );
      expect(numbers).toEqual([1, 2, 3]);
      expect(server.client.stats().messages).toMatchObject({ received: 5, delivered: 4, discarded: 1 });
      expect(await stream.next()).toEqual({ done: true, value: undefined });
      // What it would have taken goes to the main stream from now on.
      server.send(wire(delta(5, where)));
      expect(numberOf((await main.next()).value)).toBe(5);
    },
  );

  test('L11 a server request that was handed back can still be answered, and only once', async () => {
    const server = new PipedServer();
    const stream = server.client.events({ kind: 'request' });
    server.send(wire(ask(0)));
    await server.quiet();
    await stream.return();
    const request = await server.client.nextMessage();
    if (request?.kind !== 'request') throw new Error('expected the server request');
    await server.client.respondById(request.id, { ok: true });
    expect(await server.receivedWhere(({ id }) => id === 0)).toEqual({ id: 0, result: { ok: true } });
    expect(server.client.stats().requests.unansweredByUs).toBe(0);
  });

  test('L11 return() ends a waiting next(), and takes no message that comes in the same turn', async () => {
    for (let delay = 0; delay < 30; delay += 1) {
      const server = new PipedServer();
      const left = server.client.events();
      const waiting = left.next();
      server.send(wire(delta(0)));
      await microtasks(delay);
      await left.return();
      const { value } = await waiting;
      server.send(wire(delta(1)));
      const rest = [await server.client.nextMessage()].map(numberOf);
      expect([...(value === undefined ? [] : [numberOf(value)]), ...rest]).toEqual(
        value === undefined ? [0] : [0, 1],
      );
    }
  });

  test('L11 leaving one stream of the main messages does not end the read of another', async () => {
    const server = new PipedServer();
    const [left, other] = [server.client.events(), server.client.events()];
    const reading = other.next();
    await left.return();
    server.send(wire(delta(0)));
    expect(numberOf((await reading).value)).toBe(0);
  });
});

describe('one reader at a time', () => {
  test('a second read of a stream rejects with ConcurrentReadError, and the first gets its message', async () => {
    const server = new PipedServer();
    const [main, filtered] = [server.client.events(), server.client.events({ threadId: 'a' })];
    const reads = [main.next(), filtered.next()];
    await expect(main.next()).rejects.toBeInstanceOf(ConcurrentReadError);
    await expect(server.client.nextMessage()).rejects.toBeInstanceOf(ConcurrentReadError);
    await expect(filtered.next()).rejects.toBeInstanceOf(ConcurrentReadError);
    await expect(filtered.collect()).rejects.toBeInstanceOf(ConcurrentReadError);
    server.send(wire(delta(0)), wire(delta(1, { threadId: 'a' })));
    expect((await Promise.all(reads)).map(({ value }) => numberOf(value))).toEqual([0, 1]);
  });
});

describe('nextMessage that gives up', () => {
  test('L1 an iterator stalls silently: a read that gives up by time or signal loses nothing, and the stream stays open', async () => {
    const server = new PipedServer();
    const read = server.client.nextMessage({ timeoutMs: 1 });
    await expect(read).rejects.toBeInstanceOf(RequestTimeoutError);
    await expect(read).rejects.toMatchObject({ method: 'nextMessage', timeoutMs: 1 });
    const controller = new AbortController();
    const aborted = server.client.nextMessage({ signal: controller.signal });
    controller.abort('enough');
    await expect(aborted).rejects.toBe('enough');
    server.send(wire(delta(0)), wire(delta(1)));
    expect(numberOf(await server.client.nextMessage({ timeoutMs: 0 }))).toBe(0);
    expect(numberOf(await server.client.nextMessage())).toBe(1);
  });

  test('L1 a message that comes in the very turn of the abort or the timeout is read once', async () => {
    for (let delay = 0; delay < 30; delay += 1) {
      const server = new PipedServer();
      const controller = new AbortController();
      const signal = delay % 2 === 0 ? controller.signal : AbortSignal.any([controller.signal]);
      const read = server.client.nextMessage({ signal }).then(numberOf, () => 'gave up');
      server.send(wire(delta(0)));
      await microtasks(delay);
      controller.abort();
      server.send(wire(delta(1)));
      const first = await read;
      const rest = [numberOf(await server.client.nextMessage())];
      if (first === 'gave up') rest.push(numberOf(await server.client.nextMessage()));
      else rest.unshift(Number(first));
      expect(rest).toEqual([0, 1]);
    }
  });

  test('an aborted read rejects with the reason, also when a message is at hand', async () => {
    const server = new PipedServer();
    server.send(wire(delta(0)));
    await server.quiet();
    const reason = new Error('enough');
    await expect(server.client.nextMessage({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(numberOf(await server.client.nextMessage())).toBe(0);
  });

  test('L5 a read that BackpressureError ended goes on afterwards', async () => {
    const server = new PipedServer({ buffer: { maxBytes: 300 } });
    const busy = server.client.events({ threadId: 'busy' });
    const read = server.client.nextMessage();
    server.send(...deltas(0, 9, { threadId: 'busy' }).map(wire));
    await expect(read).rejects.toBeInstanceOf(BackpressureError);
    server.send(wire(delta(10)));
    for (let n = 0; n < 10; n += 1) expect(numberOf((await busy.next()).value)).toBe(n);
    expect(numberOf(await server.client.nextMessage())).toBe(10);
    expect(await outcomeOf(busy.next())).toBe('pending');
  });
});
