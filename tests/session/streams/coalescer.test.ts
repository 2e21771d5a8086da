/** What a stream that coalesces merges and what it leaves, against a model, and at the seams one by one. */
import { BackpressureError, type ServerMessage } from 'codex-async-client';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MessageBuffer } from '../../../src/session/streams/message-buffer.js';
import { ask, delta } from '../../helpers/messages.js';
import { microtasks } from '../../helpers/piped-server.js';
import { sized } from '../../helpers/sizes.js';
import {
  type Arrival,
  bytesOf,
  CoalescingModel,
  type Entry,
  type Happening,
  happenings,
  messageOf,
} from './coalescing-arrivals.js';
import { startFlow } from './fake-flow.js';

const RUNS = sized(1_000, 300);
const GAVE_UP = new Error('gave up');

/** A buffer that coalesces, and its model. */
class Compared {
  readonly #flow = startFlow().flow;
  readonly #buffer = new MessageBuffer(this.#flow, (missed) => new BackpressureError('cut', { missed }));
  readonly #model = new CoalescingModel();
  /** The entry that each message should be, in the order in which they were read. */
  readonly expected: Entry[] = [];
  readonly read: ServerMessage[] = [];
  #sent = 0;
  #isWaiting = false;

  constructor() {
    this.#buffer.coalesces = true;
  }

  get sent(): number {
    return this.#sent;
  }

  get unread(): number {
    return this.#buffer.count;
  }

  async perform(happening: Happening): Promise<void> {
    if (happening.do === 'arrive') this.#arrive(happening.what);
    else if (happening.do === 'give up') this.#buffer.rejectReader(GAVE_UP);
    else if (happening.do === 'wait') this.#wait();
    else if (this.unread > 0) await this.readOne();
    if (happening.do !== 'arrive') await microtasks(happening.do === 'read' ? 20 : 0);
  }

  /** Reads the next message, unless a read waits. */
  async readOne(): Promise<void> {
    if (this.#isWaiting) return microtasks(20);
    this.#wait();
    await microtasks(20);
  }

  #arrive(what: Arrival): void {
    this.#noteRead();
    const n = this.#sent;
    this.#sent += 1;
    this.#model.arrive(n, what, !this.#buffer.isRead && this.unread > 0);
    const message = messageOf(n, what);
    const held = { sequence: n, bytes: JSON.stringify(message).length, message };
    // A server request is never offered: it is held in any case.
    if (message.kind === 'request') this.#buffer.add(held);
    else this.#buffer.offer(held);
    expect(this.unread).toBe(this.#model.unread.length);
  }

  /** What was taken out of the buffer is on its way to its reader. */
  #noteRead(): void {
    this.expected.push(...this.#model.unread.splice(0, this.#model.unread.length - this.unread));
  }

  #wait(): void {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    this.#buffer.take().then(
      (message) => {
        this.#isWaiting = false;
        if (message !== undefined) this.read.push(message);
      },
      () => {
        this.#isWaiting = false;
      },
    );
  }

  async readToEnd(): Promise<void> {
    while (this.unread > 0) await this.readOne();
    this.#buffer.end();
    await microtasks(20);
    this.#noteRead();
    const { messages, bytes } = this.#flow.stats().held;
    expect({ messages, bytes }).toEqual({ messages: 0, bytes: 0 });
  }
}

/** What the model's entry looks like to its reader. */
function asRead({ numbers, what }: Entry): ServerMessage {
  const last = messageOf(numbers.at(-1) ?? -1, what);
  if (numbers.length === 1) return last;
  const params = { ...(last.params as object) };
  if (what.kind === 'text') Object.assign(params, { delta: numbers.map((n) => `${n};`).join('') });
  if (what.kind === 'bytes')
    Object.assign(params, { deltaBase64: Buffer.concat(numbers.map(bytesOf)).toString('base64') });
  return { ...last, params, coalesced: numbers.length } as ServerMessage;
}

const countOf = (message: ServerMessage) => ('coalesced' in message ? (message.coalesced ?? 1) : 1);

describe('any arrivals and reads', () => {
  test('L22 the reader gets what the model says, to the byte, and no message of the server is changed', () =>
    fc.assert(
      fc.asyncProperty(happenings, async (run) => {
        const compared = new Compared();
        for (const happening of run) await compared.perform(happening);
        await compared.readToEnd();
        expect(compared.read).toEqual(compared.expected.map(asRead));
        expect(compared.read.reduce((sum, message) => sum + countOf(message), 0)).toBe(compared.sent);
      }),
      { numRuns: RUNS },
    ));

  test('L22 every thread reads in the order of the wire, and what was said before a request stays before it', () =>
    fc.assert(
      fc.asyncProperty(happenings, async (run) => {
        const compared = new Compared();
        for (const happening of run) await compared.perform(happening);
        await compared.readToEnd();
        const said = compared.expected.filter(({ what }) => what.kind !== 'state');
        for (const [index, { what, numbers }] of said.entries()) {
          const [n = -1] = numbers;
          const before = said.slice(0, index).flatMap((entry) => entry.numbers);
          const comparable =
            what.kind === 'request' ? said : said.filter((entry) => isSameThread(entry, what));
          const sentBefore = comparable.flatMap((entry) => entry.numbers).filter((other) => other < n);
          expect(before).toEqual(expect.arrayContaining(sentBefore));
          if (what.kind === 'request') expect(Math.max(-1, ...before)).toBeLessThan(n);
        }
      }),
      { numRuns: RUNS },
    ));
});

function isSameThread({ what }: Entry, other: Arrival): boolean {
  return (what.kind === 'bytes') === (other.kind === 'bytes') && what.of === other.of;
}

/** A buffer that coalesces, and nobody reads. */
function startLagging() {
  const { flow } = startFlow();
  const buffer = new MessageBuffer(flow, (missed) => new BackpressureError('cut', { missed }));
  buffer.coalesces = true;
  let sequence = 0;
  const offer = (...messages: readonly ServerMessage[]) => {
    for (const message of messages) {
      const held = { sequence, bytes: 100, message };
      if (message.kind === 'request') buffer.add(held);
      else buffer.offer(held);
      sequence += 1;
    }
  };
  const texts = async () => {
    const read: unknown[] = [];
    while (buffer.count > 0) {
      const message = await buffer.take();
      read.push(message?.kind === 'request' ? 'asked' : Reflect.get(Object(message?.params), 'delta'));
    }
    return read;
  };
  return { buffer, flow, offer, texts };
}

describe('a request', () => {
  test('L22 ends the growth of a text whose first piece came when nothing was unread', async () => {
    const { offer, texts } = startLagging();
    offer(delta(1), ask(2), delta(3), delta(4));
    expect(await texts()).toEqual(['1', 'asked', '34']);
  });

  test('L22 ends it in the middle of a longer text, of every thread', async () => {
    const { offer, texts } = startLagging();
    const [a, b] = [{ threadId: 'a' }, { threadId: 'b' }];
    offer(delta(1, a), delta(2, b), delta(3, a), ask(4, a), delta(5, a), delta(6, b), delta(7, b));
    expect(await texts()).toEqual(['13', '2', 'asked', '5', '67']);
  });
});

describe('what a text may grow into', () => {
  test('L22 the newest of its thread alone, also after a reader that waited for the first one gave up', async () => {
    const { buffer, offer, texts } = startLagging();
    const read = buffer.take();
    const other = { ...delta(2), params: { ...delta(2).params, itemId: 'other' } };
    offer(delta(1), other);
    buffer.rejectReader(GAVE_UP);
    await expect(read).rejects.toBe(GAVE_UP);
    offer(delta(3));
    expect(await texts()).toEqual(['1', '2', '3']);
  });

  test('L22 nothing that was read, handed on or put in between', async () => {
    const { buffer, offer, texts } = startLagging();
    offer(delta(0), delta(1));
    expect(await buffer.take()).toMatchObject({ params: { delta: '01' }, coalesced: 2 });
    offer(delta(2), delta(3));
    buffer.insert({ sequence: 1, bytes: 100, message: ask(1) });
    offer(delta(4), delta(5));
    expect(buffer.takeMatching(({ kind }) => kind === 'request')).toHaveLength(1);
    offer(delta(6), delta(7));
    expect(await texts()).toEqual(['23', '45', '67']);
  });

  test('L22 nothing while the reader waits: one that keeps up gets each by itself', async () => {
    const { buffer, offer } = startLagging();
    for (const n of [1, 2, 3]) {
      const read = buffer.take();
      offer(delta(n));
      expect(await read).toEqual(delta(n));
    }
  });

  test('L22 no message whose text is missing', async () => {
    const { buffer, offer } = startLagging();
    const { delta: _, ...withoutText } = delta(1).params;
    const malformed = { ...delta(1), params: withoutText } as never;
    const withoutParams = { ...delta(1), params: null } as never;
    offer(delta(0), malformed, malformed, withoutParams, withoutParams);
    expect(buffer.count).toBe(5);
  });

  test('L22 switching it off leaves what is unread as it is, and merges no more', async () => {
    const { buffer, offer, texts } = startLagging();
    offer(delta(1), delta(2));
    buffer.coalesces = false;
    offer(delta(3), delta(4));
    expect(await texts()).toEqual(['12', '3', '4']);
  });
});

describe('what is held', () => {
  test('L22 is counted after merging: the first message, and the pieces behind it', () => {
    const { buffer, flow, offer } = startLagging();
    offer(...Array.from({ length: 1_000 }, () => delta(7)));
    expect({ count: buffer.count, bytes: buffer.bytes }).toEqual({ count: 1, bytes: 100 + 999 });
    expect(flow.stats().held.bytes).toBe(buffer.bytes);
  });

  test('L22 a state that is told again and again costs one message', () => {
    const { buffer, offer } = startLagging();
    const what = { kind: 'state', of: 'a' } as const;
    offer(...Array.from({ length: 1_000 }, (_, n) => messageOf(n, what)));
    expect({ count: buffer.count, bytes: buffer.bytes }).toEqual({ count: 1, bytes: 100 });
    expect(buffer.takeNow()).toBeUndefined();
  });
});
