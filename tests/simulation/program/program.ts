/**
 * A program over the client, as a user would write it, in the hands of the schedule: its readers, calls, runs and answers, with
 * all that they came to. It judges nothing but what has to be looked at in the moment.
 */
import {
  AsyncClient,
  BackpressureError,
  type GoalRun,
  type ServerMessage,
  type ServerRequest,
  type TurnRun,
} from 'codex-async-client';
import type { CodexModel } from '../server/codex-model.js';
import type { Limits } from '../world/limits.js';
import { type PromiseKind, Promises, type Watched } from '../world/promises.js';
import type { Random } from '../world/random.js';
import type { Tally } from '../world/tally.js';
import type { Transcript } from '../world/transcript.js';
import type { VirtualClock } from '../world/virtual-clock.js';
import type { ReaderEnd, Reading } from './reading.js';

/** A request that the program made by hand. */
export interface ProgramCall {
  readonly n: number;
  readonly controller: AbortController;
  readonly timeoutMs: number | undefined;
  readonly watched: Watched;
  isAborted: boolean;
}

/** A run of the program. */
export interface ProgramRun {
  readonly run: TurnRun;
  /** Its input, by which the server's turn is found. */
  readonly label: string;
  readonly threadId: string;
  readonly mode: 'loop' | 'text' | 'result' | 'snapshots';
  readonly options: {
    readonly detach: boolean;
    readonly includeSubagents: boolean;
    readonly coalesce: boolean;
    readonly whenBusy: 'wait' | 'steer' | 'queue';
    readonly isLimited: boolean;
    readonly hasStandingAnswer: boolean;
    readonly budgetTokens: number | undefined;
  };
  readonly controller: AbortController;
  readonly reading: Reading<never> | undefined;
  /** What `result()` came to, where it was asked for. */
  result: Watched | undefined;
  /** How often it failed for want of room and was asked for again. */
  asksAgain: number;
  /** The turn of the event loop in which it was left, or given up. */
  leftInTurn: number | undefined;
}

/** A goal of the program. */
export interface ProgramGoal {
  readonly run: GoalRun;
  /** Its objective, by which the server's goal and turns are found. */
  readonly label: string;
  readonly threadId: string;
  readonly mode: 'loop' | 'text' | 'result';
  readonly options: { readonly detach: boolean; readonly isLimited: boolean; readonly coalesce: boolean };
  readonly controller: AbortController;
  readonly reading: Reading<never> | undefined;
  result: Watched | undefined;
  asksAgain: number;
  leftInTurn: number | undefined;
  /** It was cleared so that it comes to its end. */
  isEnded: boolean;
}

/** A server request that a reader was handed. */
export interface Handed {
  readonly request: ServerRequest;
  /** Its reader; a view has the id alone. */
  readonly by: string;
}

/** An answer that the program gave. */
export interface GivenAnswer {
  readonly askId: number;
  readonly watched: Watched;
  /** The client had read, when it was given, that the server does not wait for it any more. */
  readonly wasWithdrawn: boolean;
  /** Its place among all that was written. */
  readonly place: number;
}

/** Breaks what the client promises a program, for the time of a test of the laws: a planted bug. */
export interface ProgramLens {
  /** What the program gets in place of a promise. */
  promise?(kind: PromiseKind, promise: Promise<unknown>): Promise<unknown>;
}

/** All that a program does and knows. */
export class Program {
  readonly client: AsyncClient;
  readonly server: CodexModel;
  readonly clock: VirtualClock;
  readonly limits: Limits;
  readonly random: Random;
  readonly transcript: Transcript;
  readonly tally: Tally;
  readonly lens: ProgramLens;
  readonly promises: Promises;
  readonly signals: AbortSignal[] = [];
  readonly readings: Reading<never>[] = [];
  readonly calls: ProgramCall[] = [];
  readonly runs: ProgramRun[] = [];
  readonly goals: ProgramGoal[] = [];
  /** What was handed out and may be answered. */
  readonly handed: Handed[] = [];
  readonly answers: GivenAnswer[] = [];
  /** Notifications that were written, by their place among all that was. */
  readonly notified: { readonly place: number; readonly watched: Watched }[] = [];
  /** What a law says of a moment, and what was found instead. */
  readonly broken: string[] = [];
  /** Messages read one at a time, off the main stream or with a filter. */
  readonly readOnce: ServerMessage[] = [];
  /** How much those who read one at a time were told that they missed. */
  missedOnce = 0;
  /** Signals that may be aborted, and who listens to them. */
  readonly aborting: {
    readonly name: string;
    readonly controller: AbortController;
    readonly reading?: Reading<never>;
  }[] = [];
  /** How many messages had been delivered when a tap was opened, by its name. */
  readonly tapsOpenedAt = new Map<string, number>();
  /** Threads whose standing answer was set by hand. */
  readonly standingThreads = new Set<string>();
  isShutDown = false;
  isProtocolBroken = false;
  /** How the point ended. */
  ending: string | undefined;
  /** Streams were left, cut or drained in ways that hand their messages on. */
  handsOn = false;
  #places = 0;

  constructor(
    server: CodexModel,
    clock: VirtualClock,
    limits: Limits,
    random: Random,
    transcript: Transcript,
    tally: Tally,
    lens: ProgramLens,
  ) {
    this.server = server;
    this.clock = clock;
    this.limits = limits;
    this.random = random;
    this.transcript = transcript;
    this.tally = tally;
    this.lens = lens;
    this.promises = new Promises((watched) => this.#settled(watched));
    this.client = AsyncClient.attach(server.child.child, limits.options);
    const closed = this.client.closed.then(() => server.child.abandon());
    this.watch('lifetime', 'closed', closed);
  }

  /** Takes the next place among all that is written. */
  takePlace(): number {
    this.#places += 1;
    return this.#places - 1;
  }

  note(what: string, details?: unknown): void {
    this.transcript.note('program', what, details);
  }

  watch(kind: PromiseKind, what: string, promise: Promise<unknown>): Watched {
    return this.promises.watch(kind, what, this.lens.promise?.(kind, promise) ?? promise);
  }

  /** A signal that nobody may be left listening to in the end. */
  controller(): AbortController {
    const controller = new AbortController();
    this.signals.push(controller.signal);
    return controller;
  }

  /** Starts a reader. */
  read<T>(reading: Reading<T>): void {
    this.readings.push(reading as unknown as Reading<never>);
    this.tally.count('reader', reading.kind);
    const isEndless = reading.kind !== 'run' && reading.kind !== 'text' && reading.kind !== 'snapshots';
    const run = reading.run().then(() => {
      const { end } = reading;
      if (end?.is === 'error' && end.error instanceof Error) this.tally.count('error', end.error.name);
      this.note(`${reading.name} is over`, describe(end));
    });
    this.watch(isEndless ? 'endless' : 'run', `the loop over ${reading.name}`, run);
  }

  /** A reader got a message: an answer that went before it on the wire has settled its call (L2). */
  noteHanded(message: ServerMessage, by: string): void {
    this.note(`${by} gets ${message.method}`, serialsOf(message));
    const [first] = serialsOf(message);
    if (first === undefined || Number.isNaN(first))
      this.broken.push(`L1: ${by} got ${JSON.stringify(message)}, which nobody sent`);
    for (const { n, watched, isAborted } of this.calls) {
      if (watched.state !== 'pending' || isAborted || first === undefined) continue;
      const answer = this.server.requests.find(({ params }) => params['cursor'] === `call-${n}`)?.answer;
      if (answer !== undefined && answer.serial <= first && !isOverloaded(this.server, n))
        this.broken.push(
          `L2: ${by} was handed message ${first} before call ${n}, which was answered before it, settled`,
        );
    }
    if (message.kind === 'request') this.handed.push({ request: message, by });
  }

  /** A read of one message was told that some were missed. */
  noteMissedOnce(error: unknown): void {
    if (error instanceof BackpressureError) this.missedOnce += error.missed;
  }

  #settled({ what, state, value }: Watched): void {
    const name = value instanceof Error ? value.name : undefined;
    if (name !== undefined) this.tally.count('error', name);
    this.note(`${what}: ${state}`, name);
  }
}

function isOverloaded(server: CodexModel, n: number): boolean {
  return server.requests.some(
    ({ params, fate }) => params['cursor'] === `call-${n}` && fate === 'overloaded',
  );
}

/** The numbers of the lines that a message is made of, by the marks in it. */
export function serialsOf(message: ServerMessage): number[] {
  const params = (message.params ?? {}) as { readonly n?: number; readonly delta?: unknown };
  if (typeof params.delta !== 'string') return [Number(params.n)];
  const marks = [...params.delta.matchAll(/\[(\d+)\]/g)].map(([, serial]) => Number(serial));
  return marks.length === 0 ? [Number(params.n)] : marks;
}

function describe(end: ReaderEnd | undefined): string | undefined {
  return end?.is === 'error' ? String(end.error) : end?.is;
}
