/**
 * One tape under a supervisor: the recorded program, over a server that dies behind a line of the tape, and the next life, a
 * small codex, on which a run is made. The program comes to an end, what was lost is told, and nothing is left.
 */
import { AsyncClient } from 'codex-async-client';
import { replayTape } from 'codex-async-client/testing';
import type { Restart } from '../../src/supervisor/restarts.js';
import { Supervisor } from '../../src/supervisor/supervisor.js';
import { optionsOf, runFlow } from '../tapes/flow.js';
import { CWD } from '../tapes/places.js';
import type { TapedFlow } from '../tapes/tapes.js';
import { World } from './outliving/server/world.js';
import type { PointOptions } from './point.js';
import { Promises } from './world/promises.js';
import { Random } from './world/random.js';
import { Tally } from './world/tally.js';
import { Transcript } from './world/transcript.js';
import { VirtualClock } from './world/virtual-clock.js';

/** Every limit of every option and replay fits in, one after the other. */
const ALL_MS = 3_600_000;
const MOST_ROUNDS = 400;

/** Plays a tape whose server dies behind a line. Gives back what is broken. The clocks of the process are its own: one at a time. */
export async function playTapeLives(
  taped: TapedFlow,
  afterLine: number,
  seed: number,
  { lens = {}, tally = new Tally(), transcript = new Transcript(false) }: TapeLivesOptions = {},
): Promise<string[]> {
  const random = new Random(seed);
  const clock = new VirtualClock(random.fork());
  const broken: string[] = [];
  const unhandled = (reason: unknown) =>
    broken.push(`L10: nobody was there for the rejection ${String(reason)}`);
  const restore = clock.install();
  process.on('unhandledRejection', unhandled);
  try {
    tally.count('tape lives', 'played');
    const world = new World(random.fork(), transcript, tally, {
      listens: false,
      pipeBytes: 16_384,
      lens: {},
      clock,
    });
    world.home.addUsed('t');
    const lives = new TapeLives(taped, afterLine, seed, world, lens, transcript);
    broken.push(...(await lives.play(clock)));
  } finally {
    process.off('unhandledRejection', unhandled);
    restore();
  }
  return [...new Set(broken)].map((what) => `${what} (${taped.name}, killed behind line ${afterLine})`);
}

/** What may be wanted beside the tape. */
export interface TapeLivesOptions {
  readonly lens?: NonNullable<PointOptions['lens']>;
  readonly tally?: Tally;
  readonly transcript?: Transcript;
}

class TapeLives {
  readonly #taped: TapedFlow;
  readonly #afterLine: number;
  readonly #seed: number;
  readonly #world: World;
  readonly #transcript: Transcript;
  readonly #promises: Promises;
  readonly #lens: NonNullable<PointOptions['lens']>;
  readonly #clients: AsyncClient[] = [];
  readonly #restarts: Restart[] = [];
  /** The life of the tape has begun. */
  #hasBegun = false;

  constructor(
    taped: TapedFlow,
    afterLine: number,
    seed: number,
    world: World,
    lens: NonNullable<PointOptions['lens']>,
    transcript: Transcript,
  ) {
    this.#taped = taped;
    this.#afterLine = afterLine;
    this.#seed = seed;
    this.#world = world;
    this.#lens = lens;
    this.#transcript = transcript;
    this.#promises = new Promises(({ what, state, value }) =>
      transcript.note('program', `${what}: ${state}`, value instanceof Error ? value.message : undefined),
    );
  }

  async play(clock: VirtualClock): Promise<string[]> {
    const restart = { maxRestarts: 5, withinMs: 60_000, firstDelayMs: 0 };
    const open = () => this.#open();
    const supervisor = new Supervisor({ open, areConnections: false, restart, healthCheck: undefined });
    this.#watch('endless', 'the restarts', this.#readRestarts(supervisor));
    await this.#runOut(clock);
    this.#watch('run', 'a run of the next life', this.#runNext(supervisor));
    await this.#runOut(clock);
    const broken = this.#promises.pending
      .filter(({ kind }) => kind !== 'endless')
      .map(({ what }) => `L10: "${what}" is pending although nothing is under way`);
    broken.push(...this.#untold());
    this.#watch('lifetime', 'shutdown', supervisor.shutdown());
    await this.#runOut(clock);
    for (const { what } of this.#promises.pending)
      broken.push(`L10: "${what}" is pending although the supervisor is over`);
    for (const { state } of this.#clients) if (state !== 'closed') broken.push(`L13: a client is ${state}`);
    if (clock.timers > 0) broken.push(`L10: ${clock.timers} timers are left`);
    return broken;
  }

  /** The first life plays the tape; the program of the tape is its own. */
  async #open() {
    const client = this.#clients.length === 0 ? this.#replay() : this.#next();
    this.#clients.push(client);
    if (this.#clients.length > 1) await client.initialize();
    else await this.#perform(client);
    this.#hasBegun ||= this.#clients.length === 1;
    // The door to the parts of a client is for the package alone.
    const { peer, turnQueues } = client as unknown as Parts;
    return { client, peer, queues: turnQueues };
  }

  #replay(): AsyncClient {
    const { tape, flow } = this.#taped;
    const replay = replayTape(tape, {
      faults: [{ fault: 'crash', afterLine: this.#afterLine }],
      seed: this.#seed,
    });
    this.#watch('lifetime', 'the replay', replay.finished);
    return AsyncClient.attach(replay, optionsOf(flow));
  }

  #next(): AsyncClient {
    return AsyncClient.attach(this.#world.connect().child.child);
  }

  /** The life begins with the handshake of the program. */
  async #perform(client: AsyncClient): Promise<void> {
    const { flow } = this.#taped;
    const stage = { cwd: CWD, script: () => {}, when: () => {}, outside: async () => {} };
    const ran = runFlow(flow, client, stage);
    this.#watch('run', flow.title, this.#lens.promise?.('run', ran) ?? ran);
    while (client.state !== 'ready') {
      if (client.state === 'closed') throw new Error('it died before its handshake was done');
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }

  async #runNext(supervisor: Supervisor): Promise<unknown> {
    return supervisor.turnRun({ threadId: 't', input: 'on' }, { idempotencyKey: 'on' }).result();
  }

  async #readRestarts(supervisor: Supervisor): Promise<void> {
    for await (const restart of supervisor.restarts()) this.#restarts.push(restart);
  }

  /** A life that had begun and ended was followed by one, and that was told. */
  #untold(): string[] {
    const isTold = this.#restarts.length > 0;
    return this.#hasBegun && !isTold ? ['L24: a restart was not told'] : [];
  }

  #watch(kind: Parameters<Promises['watch']>[0], what: string, promise: Promise<unknown>): void {
    this.#promises.watch(kind, what, promise);
  }

  async #runOut(clock: VirtualClock): Promise<void> {
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      await clock.quiet();
      if (!this.#serve() && !(await clock.advance(ALL_MS))) return;
    }
    this.#transcript.note('fault', 'it does not come to rest');
  }

  #serve(): boolean {
    const { process } = this.#world;
    const [request] = process?.waiting ?? [];
    if (request !== undefined) process?.serve(request);
    const turns = [...(process?.turns.running.values() ?? [])];
    const played = turns.filter((turn) => process?.turns.step(turn));
    return this.#world.flush(0) || request !== undefined || played.length > 0;
  }
}

interface Parts {
  readonly peer: never;
  readonly turnQueues: never;
}
