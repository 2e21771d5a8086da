/** A flow over a pipe that only says whether it is read, and those who wait for it. */
import type { ServerMessage } from 'codex-async-client';
import { Flow, type FlowLimits, type Pipe } from '../../../src/session/streams/flow.js';
import type { Demand } from '../../../src/support/demand.js';
import { numberOf } from '../../helpers/messages.js';

/** A pipe that remembers what it was told. */
class FakePipe implements Pipe {
  /** Each turn of the tap, in order. */
  readonly told: ('pause' | 'resume')[] = [];

  get isRead(): boolean {
    return this.told.at(-1) !== 'pause';
  }

  pause(): void {
    this.told.push('pause');
  }

  resume(): void {
    this.told.push('resume');
  }
}

/** Somebody who waits, and notes what failed it. */
class Waiting implements Demand {
  readonly errors: Error[] = [];
  readonly #flow: Flow;
  readonly #leavesWhenFailed: boolean;

  constructor(flow: Flow, leavesWhenFailed = true) {
    this.#flow = flow;
    this.#leavesWhenFailed = leavesWhenFailed;
  }

  enter(): this {
    this.#flow.enter(this);
    return this;
  }

  leave(): void {
    this.#flow.leave(this);
  }

  fail(error: Error): void {
    this.errors.push(error);
    if (this.#leavesWhenFailed) this.leave();
  }
}

/** A flow with much room, unless its limits are said. */
export function startFlow(limits: Partial<FlowLimits> = {}) {
  const pipe = new FakePipe();
  const flow = new Flow({ highWaterMark: 1_000_000, maxBytes: 1_000_000_000, ...limits }, pipe);
  /** Somebody who waits from now on. */
  const wait = (leavesWhenFailed = true) => new Waiting(flow, leavesWhenFailed).enter();
  return { flow, pipe, wait };
}

/** Something that messages are read from. */
export interface Readable {
  takeNow(): ServerMessage | undefined;
  take(): Promise<ServerMessage | undefined>;
}

/** The numbers of everything that is unread, which empties it. */
export async function readAll(source: Readable, count: () => number): Promise<(number | undefined)[]> {
  const numbers = [];
  while (count() > 0) numbers.push(numberOf(await source.take()));
  return numbers;
}
