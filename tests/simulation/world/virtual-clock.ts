/**
 * Time that passes only when nothing else is left to do. Owns the timers, the clocks and the chance of the process for
 * as long as it is installed. Microtasks and turns of the event loop stay real; those that are planned are counted, so that
 * it is known when all is quiet.
 */
import type { Random } from './random.js';

/** What it takes the place of, as it was. */
const real = { setTimeout, clearTimeout, setInterval, clearInterval, setImmediate, clearImmediate };

/** A timer that waits. */
class VirtualTimer {
  readonly run: () => void;
  readonly everyMs: number | undefined;
  atMs: number;

  constructor(run: () => void, atMs: number, everyMs: number | undefined) {
    this.run = run;
    this.atMs = atMs;
    this.everyMs = everyMs;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  hasRef(): boolean {
    return true;
  }
}

/** The clock of one point. */
export class VirtualClock {
  /** Milliseconds since it was installed. */
  nowMs = 0;
  /** How many turns of the event loop have passed in which all came to be quiet. */
  turns = 0;
  readonly #timers = new Set<VirtualTimer>();
  readonly #random: Random;
  readonly #planned = new Set<NodeJS.Immediate>();

  /** @param random - what `Math.random` draws from, and random ids */
  constructor(random: Random) {
    this.#random = random;
  }

  /** How many timers wait. */
  get timers(): number {
    return this.#timers.size;
  }

  /** Takes the place of the process's clocks; gives back what puts them back. */
  install(): () => void {
    const start = (run: (...given: unknown[]) => void, delayMs = 0, ...given: unknown[]) =>
      this.#add(() => run(...given), delayMs, undefined);
    const repeat = (run: (...given: unknown[]) => void, delayMs = 0, ...given: unknown[]) =>
      this.#add(() => run(...given), delayMs, Math.max(1, delayMs));
    const stop = (timer: unknown) => void (timer instanceof VirtualTimer && this.#timers.delete(timer));
    const plan = (run: (...given: unknown[]) => void, ...given: unknown[]) => {
      const planned = real.setImmediate(() => {
        this.#planned.delete(planned);
        run(...given);
      });
      this.#planned.add(planned);
      return planned;
    };
    const unplan = (planned: NodeJS.Immediate | undefined) => {
      if (planned !== undefined) this.#planned.delete(planned);
      real.clearImmediate(planned);
    };
    const clocks = { setTimeout: start, clearTimeout: stop, setInterval: repeat, clearInterval: stop };
    const { now } = Date;
    const { random } = Math;
    Object.assign(globalThis, clocks, { setImmediate: plan, clearImmediate: unplan });
    Date.now = () => EPOCH_MS + this.nowMs;
    Math.random = this.#random.next;
    Object.defineProperty(performance, 'now', { value: () => this.nowMs, configurable: true });
    Object.defineProperty(crypto, 'randomUUID', { value: () => this.#uuid(), configurable: true });
    return () => {
      Object.assign(globalThis, real);
      Date.now = now;
      Math.random = random;
      Reflect.deleteProperty(performance, 'now');
      Reflect.deleteProperty(crypto, 'randomUUID');
    };
  }

  /** Settles when nothing is under way any more but timers, and what others do. */
  async quiet(): Promise<void> {
    this.turns += 1;
    do await new Promise((resolve) => real.setImmediate(resolve));
    while (this.#planned.size > 0);
  }

  /** Lets time pass to the next timer, unless that is later than this; false when there was none. */
  async advance(atMostMs: number): Promise<boolean> {
    let next: VirtualTimer | undefined;
    for (const timer of this.#timers) if (next === undefined || timer.atMs < next.atMs) next = timer;
    if (next === undefined || next.atMs > this.nowMs + atMostMs) return false;
    this.nowMs = Math.max(this.nowMs, next.atMs);
    if (next.everyMs === undefined) this.#timers.delete(next);
    else next.atMs += next.everyMs;
    next.run();
    await this.quiet();
    return true;
  }

  #uuid(): string {
    const hex = (digits: number) =>
      Array.from({ length: digits }, () => this.#random.below(16).toString(16)).join('');
    return `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`;
  }

  #add(run: () => void, delayMs: number, everyMs: number | undefined): VirtualTimer {
    const timer = new VirtualTimer(run, this.nowMs + Math.max(1, delayMs), everyMs);
    this.#timers.add(timer);
    return timer;
  }
}

/** When every point begins, for those who look at the calendar. */
const EPOCH_MS = 1_700_000_000_000;
