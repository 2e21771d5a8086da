/** Every promise that a program is given: who it is, and whether it has settled. None of them is ever unhandled. */

/** A promise of the client. */
export interface Watched {
  /** What the program called, as far as it matters for when it settles. */
  readonly kind: PromiseKind;
  readonly what: string;
  state: 'pending' | 'fulfilled' | 'rejected';
  value: unknown;
}

/** What a promise is of. An endless one settles when its stream ends, which may be the end of all. */
export type PromiseKind = 'call' | 'write' | 'run' | 'control' | 'leave' | 'lifetime' | 'endless' | 'probe';

/** Watches promises. */
export class Promises {
  readonly all: Watched[] = [];
  readonly #settled: (watched: Watched) => void;

  /** @param settled - called whenever one settles */
  constructor(settled: (watched: Watched) => void) {
    this.#settled = settled;
  }

  get pending(): Watched[] {
    return this.all.filter(({ state }) => state === 'pending');
  }

  watch(kind: PromiseKind, what: string, promise: Promise<unknown>): Watched {
    const watched: Watched = { kind, what, state: 'pending', value: undefined };
    this.all.push(watched);
    const settle = (state: 'fulfilled' | 'rejected') => (value: unknown) => {
      watched.state = state;
      watched.value = value;
      this.#settled(watched);
    };
    promise.then(settle('fulfilled'), settle('rejected'));
    return watched;
  }
}
