/**
 * Where the servers of one point live: each a process of its own behind a pipe, or one behind a socket to which connections
 * come and go. Owns that they share a home, and what becomes of them.
 */
import type { Lens } from '../../server/outgoing.js';
import type { Random } from '../../world/random.js';
import type { Tally } from '../../world/tally.js';
import type { Transcript } from '../../world/transcript.js';
import { CodexProcess, type Ledger } from './codex-process.js';
import { Connection, type ToldLine } from './connection.js';
import { CodexHome } from './home.js';
import type { LiveAsk } from './live-turns.js';

/** How the servers are made. */
export interface WorldOptions {
  /** The server listens, and outlives its connections. */
  readonly listens: boolean;
  readonly pipeBytes: number;
  readonly lens: Lens;
  readonly clock: { readonly turns: number };
}

/** What a client knew of when its process was killed, and had not heard the end of. */
export interface KnownEnd {
  readonly connection: Connection;
  readonly turns: readonly { readonly line: ToldLine; readonly threadId: string; readonly turnId: string }[];
  readonly asks: readonly LiveAsk[];
  /** The turn of the event loop in which it was. */
  readonly inTurn: number;
}

/** The servers. */
export class World {
  readonly home = new CodexHome();
  readonly processes: CodexProcess[] = [];
  readonly connections: Connection[] = [];
  readonly ledger: Ledger = { answers: [], starts: [], spent: [] };
  /** What processes were killed with. */
  readonly ends: KnownEnd[] = [];
  readonly listens: boolean;
  readonly #random: Random;
  readonly #transcript: Transcript;
  readonly #tally: Tally;
  readonly #options: WorldOptions;
  /** The pieces of each message, by their marks. */
  readonly pieces = new Map<string, number[]>();
  #isHealthy = false;
  #marks = 0;

  constructor(random: Random, transcript: Transcript, tally: Tally, options: WorldOptions) {
    this.#random = random;
    this.#transcript = transcript;
    this.#tally = tally;
    this.#options = options;
    this.listens = options.listens;
  }

  /** The one that lives. */
  get process(): CodexProcess | undefined {
    const last = this.processes.at(-1);
    return last?.isAlive === true ? last : undefined;
  }

  get open(): Connection[] {
    return this.connections.filter(({ isOpen }) => isOpen);
  }

  /** From now on every process answers as it should; one that hangs behind a socket is ended by those who run it. */
  becomeHealthy(): void {
    this.#isHealthy = true;
    for (const process of this.processes) process.isHealthy = true;
    if (this.listens && this.process?.isMute === true) this.kill();
  }

  /** A new connection: to the process that lives, where it listens, or to a new one. */
  connect(): Connection {
    const process = (this.listens ? this.process : undefined) ?? this.#start();
    const connection = new Connection(this.connections.length, process, this.#transcript, this.#options);
    this.connections.push(connection);
    process.connections.add(connection);
    if (process.isMute) connection.child.stopReading();
    this.#transcript.note('server', `connection ${connection.number} to process ${process.number}`);
    return connection;
  }

  /** The process is ended, in the middle of a line or not. */
  kill(): void {
    const { process } = this;
    if (process === undefined) return;
    this.#transcript.note('fault', `process ${process.number} is killed`);
    this.#tally.count('outliving fault', 'kill');
    this.#countRunning(process, 'kill');
    for (const { out } of process.connections) this.#lastWords(out);
    this.ends.push(
      ...[...process.connections].map((connection) => endOf(process, connection, this.#options.clock.turns)),
    );
    process.die();
  }

  /** A line with this text was written by a client. */
  wasWritten(text: string): boolean {
    return this.connections.some(({ received }) => received.some((line) => line.includes(`"${text}"`)));
  }

  /** A connection is cut; what the server had read of it goes on. */
  cut(): void {
    const connection = this.#random.pick(this.open);
    if (connection === undefined) return;
    this.#transcript.note('fault', `connection ${connection.number} is cut`);
    this.#tally.count('outliving fault', 'cut');
    if (this.process !== undefined) this.#countRunning(this.process, 'cut');
    this.#lastWords(connection.out);
    connection.child.exit(null, null);
  }

  /** The process lives, and says and reads nothing more. */
  mute(): void {
    const { process } = this;
    if (process === undefined || process.isMute) return;
    this.#transcript.note('fault', `process ${process.number} hangs`);
    this.#tally.count('outliving fault', 'mute');
    process.isMute = true;
    for (const { child } of process.connections) child.stopReading();
  }

  /** What was said goes out, in chunks that end anywhere. */
  flush(cuts: number): boolean {
    const waiting = this.open.filter(({ out }) => out.isWaiting);
    if (this.process?.isMute === true) return false;
    for (const { out } of waiting) out.flush(this.#random, cuts);
    return waiting.length > 0;
  }

  #countRunning({ turns }: CodexProcess, fault: string): void {
    for (const { kept } of turns.running.values())
      this.#tally.count('outliving caught', `${fault}, ${kept.isKept ? 'kept' : 'not kept'}`);
  }

  #lastWords(out: Connection['out']): void {
    if (this.process?.isMute === true) return;
    const how = this.#random.below(3);
    if (how === 0) out.flush(this.#random, 0);
    else if (how === 1) out.flushTorn(this.#random);
  }

  #start(): CodexProcess {
    const { home, ledger, listens, pieces } = this;
    const marks = { pieces, next: () => ++this.#marks };
    const number = this.processes.length;
    const random = this.#random.fork();
    const process = new CodexProcess(number, home, random, marks, this.#tally, ledger, !listens);
    process.isHealthy = this.#isHealthy;
    this.processes.push(process);
    return process;
  }
}

/** What was said over a connection of turns that run, and of what they ask; whether it was read, later tells. */
function endOf({ turns }: CodexProcess, connection: Connection, inTurn: number): KnownEnd {
  const running = [...turns.running.values()].flatMap(({ kept, startLines }) =>
    startLines.map((line) => ({ line, threadId: kept.threadId, turnId: kept.id })),
  );
  // What hung before may have an answer in its pipe: whoever gave that knows of it, and of the turn that is lost with it.
  const asks = turns.asks.filter(({ state, id }) => state === 'open' && !connection.hasUnreadAnswer(id));
  return { connection, turns: running, asks, inTurn };
}
