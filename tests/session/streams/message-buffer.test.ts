/** The buffer of one stream: order, one reader, and reads that give up without taking anything. */
import { ConcurrentReadError, type ServerMessage } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { MessageBuffer } from '../../../src/session/streams/message-buffer.js';
import { ask, delta, numberOf } from '../../helpers/messages.js';

/** A buffer whose messages are numbered by their place on the wire. */
function startBuffer() {
  const totals = { messages: 0, bytes: 0 };
  let demands = 0;
  const buffer = new MessageBuffer(
    {
      add: (bytes) => {
        totals.messages += 1;
        totals.bytes += bytes;
      },
      remove: (bytes) => {
        totals.messages -= 1;
        totals.bytes -= bytes;
      },
    },
    () => {
      demands += 1;
    },
  );
  const held = (n: number, message: ServerMessage = delta(n)) => ({ sequence: n, bytes: 10, message });
  const add = (...numbers: readonly number[]) => {
    for (const n of numbers) buffer.add(held(n));
  };
  return { buffer, totals, held, add, demands: () => demands };
}

async function readAll(buffer: MessageBuffer): Promise<(number | undefined)[]> {
  const numbers = [];
  while (buffer.count > 0) numbers.push(numberOf(await buffer.take()));
  return numbers;
}

const isEven = (message: ServerMessage) => Number(numberOf(message)) % 2 === 0;
const anything = () => true;

describe('reading', () => {
  test('L1 messages come out once, in the order they went in, over many segments', async () => {
    const { buffer, add, totals } = startBuffer();
    const numbers = Array.from({ length: 1_000 }, (_, index) => index);
    add(...numbers);
    expect(totals).toEqual({ messages: 1_000, bytes: 10_000 });
    expect(await readAll(buffer)).toEqual(numbers);
    expect(totals).toEqual({ messages: 0, bytes: 0 });
  });

  test('a waiting read gets the first message that is added', async () => {
    const { buffer, add, demands } = startBuffer();
    const read = buffer.take();
    expect(buffer.isStarved).toBe(true);
    expect(demands()).toBe(1);
    add(1, 2);
    expect(buffer.isStarved).toBe(false);
    expect(numberOf(await read)).toBe(1);
    expect(await readAll(buffer)).toEqual([2]);
  });

  test('a second read is refused until the first has taken its message, so that they cannot swap', async () => {
    const { buffer, add } = startBuffer();
    let isRefused = true;
    const first = buffer.take().then(numberOf);
    add(1, 2);
    let second: number | undefined;
    // Tries in every microtask between the arrival and the first read's taking.
    while (isRefused) {
      await Promise.resolve();
      try {
        second = numberOf(buffer.takeNow());
        isRefused = false;
      } catch (error) {
        expect(error).toBeInstanceOf(ConcurrentReadError);
      }
    }
    expect([await first, second]).toEqual([1, 2]);
  });

  test('takeNow throws while a read waits', async () => {
    const { buffer, add } = startBuffer();
    const read = buffer.take();
    expect(() => buffer.takeNow()).toThrow(ConcurrentReadError);
    add(1);
    expect(numberOf(await read)).toBe(1);
  });
});

describe('giving up', () => {
  const reason = new Error('enough');

  test('an aborted read rejects with the reason, and the next read gets the message', async () => {
    const { buffer, add } = startBuffer();
    const controller = new AbortController();
    const read = buffer.take({ signal: controller.signal });
    controller.abort(reason);
    await expect(read).rejects.toBe(reason);
    expect(buffer.isStarved).toBe(false);
    add(1);
    expect(numberOf(await buffer.take())).toBe(1);
  });

  test.each(['message first', 'abort first'])(
    'a read that is aborted in the very turn its message comes loses nothing (%s)',
    async (order) => {
      const { buffer, add } = startBuffer();
      const controller = new AbortController();
      const read = buffer.take({ signal: controller.signal });
      if (order === 'abort first') controller.abort(reason);
      add(1);
      if (order === 'message first') controller.abort(reason);
      await expect(read).rejects.toBe(reason);
      expect(await readAll(buffer)).toEqual([1]);
    },
  );

  test('whichever microtask the abort comes in, the message is read once', async () => {
    for (let delay = 0; delay < 12; delay += 1) {
      const { buffer, add } = startBuffer();
      const controller = new AbortController();
      const read = buffer.take({ signal: controller.signal }).then(numberOf, () => undefined);
      add(1);
      for (let done = 0; done < delay; done += 1) await Promise.resolve();
      controller.abort(reason);
      const first = await read;
      expect([first, ...(await readAll(buffer))].filter((n) => n !== undefined)).toEqual([1]);
    }
  });

  test('a read with an aborted signal takes nothing, even when a message is at hand', async () => {
    const { buffer, add } = startBuffer();
    add(1);
    await expect(buffer.take({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(buffer.count).toBe(1);
  });

  test('another read may start as soon as the first was given up', async () => {
    const { buffer, add } = startBuffer();
    const controller = new AbortController();
    const first = buffer.take({ signal: controller.signal });
    controller.abort(reason);
    const second = buffer.take();
    add(1);
    await expect(first).rejects.toBe(reason);
    expect(numberOf(await second)).toBe(1);
  });

  test('only a read of the named owner is rejected', async () => {
    const { buffer, add } = startBuffer();
    const [mine, theirs] = [{}, {}];
    const read = buffer.take({}, mine);
    buffer.rejectReader(reason, theirs);
    add(1);
    expect(numberOf(await read)).toBe(1);
  });
});

describe('moving messages', () => {
  test('claim takes the matching messages, also those of a segment that is half read', async () => {
    const { buffer, add, totals } = startBuffer();
    add(0, 1, 2, 3, 4, 5);
    expect(numberOf(await buffer.take())).toBe(0);
    expect(buffer.claim(isEven).map(({ message }) => numberOf(message))).toEqual([2, 4]);
    expect(totals.messages).toBe(3);
    add(6);
    expect(await readAll(buffer)).toEqual([1, 3, 5, 6]);
  });

  test('a read that was woken waits on when its message is claimed before it takes it', async () => {
    const { buffer, add } = startBuffer();
    const read = buffer.take();
    add(2);
    expect(buffer.claim(anything)).toHaveLength(1);
    add(3);
    expect(numberOf(await read)).toBe(3);
  });

  test('insert puts a message at its place in wire order', async () => {
    const { buffer, add, held } = startBuffer();
    add(0, 1, 3, 5);
    expect(numberOf(await buffer.take())).toBe(0);
    for (const n of [4, 2, 6, 0]) buffer.insert(held(n, ask(n)));
    expect(await readAll(buffer)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  test('evict gives up the oldest matching messages until it is enough', async () => {
    const { buffer, add, totals } = startBuffer();
    add(0, 1, 2, 3, 4, 5);
    expect(buffer.evict(isEven, () => totals.messages <= 4)).toBe(2);
    expect(await readAll(buffer)).toEqual([1, 3, 4, 5]);
  });
});

describe('the end', () => {
  test('L9 everything unread is handed out before the failure', async () => {
    const { buffer, add } = startBuffer();
    const failure = new Error('gone');
    add(1, 2);
    buffer.end(failure);
    expect(await readAll(buffer)).toEqual([1, 2]);
    await expect(buffer.take()).rejects.toBe(failure);
    await expect(buffer.take()).rejects.toBe(failure);
  });

  test('a waiting read ends with the stream, and the first end stays', async () => {
    const { buffer } = startBuffer();
    const read = buffer.take();
    buffer.end();
    buffer.end(new Error('later'));
    expect(await read).toBeUndefined();
    expect(await buffer.take()).toBeUndefined();
  });

  test('a message handed back after the end is still read', async () => {
    const { buffer, held } = startBuffer();
    buffer.end();
    buffer.insert(held(7, ask(7)));
    expect(await readAll(buffer)).toEqual([7]);
    expect(await buffer.take()).toBeUndefined();
  });
});
