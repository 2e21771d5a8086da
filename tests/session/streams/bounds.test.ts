/** Streams with bounds, any traffic, reads and demand, against a model that says what every reader gets. */
import { BackpressureError, type ServerMessage } from 'codex-async-client';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { claimOf } from '../../../src/session/streams/event-filter.js';
import type { EventSource } from '../../../src/session/streams/event-stream.js';
import { Streams } from '../../../src/session/streams/streams.js';
import { ask, delta, numberOf } from '../../helpers/messages.js';
import {
  anyBounds,
  anyHappenings,
  type Bounds,
  BoundsModel,
  type Got,
  type Happening,
  NAMES,
  type Name,
  type Sent,
} from './bounds-model.js';
import { startFlow } from './fake-flow.js';

const RUNS = 500;

/** The streams and their model, side by side. */
class Compared {
  readonly model: BoundsModel;
  readonly streams: Streams;
  readonly told: { missed: number } = { missed: 0 };
  handedOut = 0;
  requestsHandedOut = 0;
  requestsSent = 0;
  readonly #flow;
  readonly #sources: Readonly<
    Record<Name, Pick<EventSource, 'take'> & { unread(): number; missed(): number }>
  >;
  #demands: ReturnType<ReturnType<typeof startFlow>['wait']>[] = [];
  #sent = 0;

  constructor(bounds: Bounds) {
    this.#flow = startFlow(bounds);
    this.model = new BoundsModel(bounds);
    this.streams = new Streams(this.#flow.flow);
    const { main } = this.streams;
    const source = this.streams.openMain({ maxHeldBytes: bounds.of.main });
    const filtered = (of: 'a' | 'b') => {
      const stream = this.streams.open({ ...claimOf({ threadId: of }), maxHeldBytes: bounds.of[of] });
      return {
        take: () => stream.take(),
        unread: () => stream.unread,
        missed: () => stream.missed,
      };
    };
    this.#sources = {
      main: { take: source.take, unread: () => main.unread, missed: () => main.missed },
      a: filtered('a'),
      b: filtered('b'),
    };
  }

  async perform(happening: Happening): Promise<void> {
    if (happening.do === 'chunk') this.#chunk(happening.sent);
    else if (happening.do === 'read') await this.read(happening.from);
    else if (happening.do === 'wait') this.#wait();
    else this.#leave();
    this.#compare();
  }

  async read(from: Name): Promise<boolean> {
    const expected = this.model.read(from);
    if (expected === undefined) return false;
    expect(await this.#next(from)).toEqual(expected);
    return true;
  }

  #chunk(sent: readonly Sent[]): void {
    this.#flow.flow.readBegins();
    for (const { to, isRequest, bytes } of sent) {
      const n = this.#sent;
      this.#sent += 1;
      if (isRequest) this.requestsSent += 1;
      this.streams.dispatch(isRequest ? ask(n, { threadId: to }) : delta(n, { threadId: to }), bytes);
    }
    this.#flow.flow.decide();
    this.model.chunk(sent);
    expect(this.#flow.pipe.isRead).toBe(this.model.isRead);
  }

  #wait(): void {
    if (this.model.isWaitedFor) return;
    this.model.isWaitedFor = true;
    this.#demands.push(this.#flow.wait());
    this.model.relieve();
  }

  #leave(): void {
    this.model.isWaitedFor = false;
    this.#demands.at(-1)?.leave();
  }

  async #next(from: Name): Promise<Got | undefined> {
    const source = this.#sources[from];
    try {
      const message: ServerMessage | undefined = await source.take(undefined, this);
      this.handedOut += 1;
      if (message?.kind === 'request') this.requestsHandedOut += 1;
      return numberOf(message);
    } catch (error) {
      if (!(error instanceof BackpressureError)) throw error;
      this.told.missed += error.missed;
      return { missed: error.missed };
    }
  }

  #compare(): void {
    const { model, streams } = this;
    for (const of of NAMES) {
      const { held, missed } = model.streams[of];
      const source = this.#sources[of];
      expect([of, source.unread(), source.missed()]).toEqual([of, held.length, missed ?? 0]);
    }
    expect(this.#flow.flow.stats().held.bytes).toBe(model.heldBytes);
    expect(streams.missed).toBe(model.missedTotal);
    expect(this.#demands.flatMap(({ errors }) => errors)).toHaveLength(model.failures);
  }

  async readToEnd(): Promise<void> {
    for (const of of NAMES) while (await this.read(of));
    this.#compare();
    expect(this.told.missed).toBe(this.streams.missed);
    expect(this.handedOut + this.streams.missed).toBe(this.streams.received);
    expect(this.requestsHandedOut).toBe(this.requestsSent);
    expect(this.#flow.flow.stats().held).toMatchObject({ messages: 0, bytes: 0 });
    expect(this.#flow.pipe.isRead).toBe(true);
  }
}

test('L1 L5 whatever comes, is read and is waited for, each reader gets what the model says, and is told what it missed', () =>
  fc.assert(
    fc.asyncProperty(anyBounds, anyHappenings, async (bounds, run) => {
      const compared = new Compared(bounds);
      for (const happening of run) await compared.perform(happening);
      await compared.readToEnd();
    }),
    { numRuns: RUNS },
  ));
