/**
 * A small codex: it takes what the client writes, answers when the schedule says so, with what a server of today would say,
 * and plays its turns. It acts only when it is told to; what it read and wrote is the truth that the laws are judged by.
 */
import type { Random } from '../world/random.js';
import type { Tally } from '../world/tally.js';
import type { Transcript } from '../world/transcript.js';
import {
  type ClientRequest,
  isTaken,
  type ModelThread,
  type ModelTurn,
  type ServedAnswer,
  threadObject,
  turnObject,
} from './model-state.js';
import { type Lens, Outgoing } from './outgoing.js';
import { ServerGoals } from './server-goals.js';
import { ServerQueue } from './server-queue.js';
import { type ChildOwner, SimulatedChild, type Stubbornness } from './simulated-child.js';
import { TurnPlayer } from './turn-player.js';
import { inputOf, type Params, WireBook } from './wire-book.js';

/** A line of the client. */
export interface ReceivedLine {
  readonly id?: number | string;
  readonly method?: string;
  readonly params?: Params;
  readonly result?: unknown;
  readonly error?: unknown;
}

/** How the server is made. */
export interface ModelOptions {
  readonly pipeBytes: number;
  readonly stubbornness: Stubbornness;
  readonly lens: Lens;
  readonly usesTools: boolean;
  /** Counts the turns of the event loop. */
  readonly clock: { readonly turns: number };
}

/** The server. */
export class CodexModel implements ChildOwner {
  readonly book = new WireBook();
  readonly child: SimulatedChild;
  readonly out: Outgoing;
  readonly play: TurnPlayer;
  readonly queue: ServerQueue;
  readonly goals: ServerGoals;
  readonly received: ReceivedLine[] = [];
  readonly requests: ClientRequest[] = [];
  /** The most requests that it had not answered at a time, those that end something left out. */
  mostUnanswered = 0;
  mostUnansweredAtMs = 0;
  /** Turns of ours that a `turn/start` landed in although it should have waited. */
  readonly unasked: ModelTurn[] = [];
  /** Whether every request is answered, in order, and as it should be. */
  isHealthy = false;
  readonly #random: Random;
  readonly #transcript: Transcript;
  readonly #tally: Tally;
  readonly #lens: Lens;
  readonly #clock: { readonly turns: number };
  #rest = '';

  constructor(random: Random, transcript: Transcript, tally: Tally, options: ModelOptions) {
    this.#clock = options.clock;
    this.#random = random;
    this.#transcript = transcript;
    this.#tally = tally;
    this.#lens = options.lens;
    this.child = new SimulatedChild(this, options.pipeBytes, options.stubbornness);
    this.out = new Outgoing(this.book, this.child, transcript, options.lens);
    this.play = new TurnPlayer(random, this.out, tally, options.usesTools);
    this.queue = new ServerQueue(random, this.out, this.play, tally);
    this.goals = new ServerGoals(random, this.out, this.play, tally);
  }

  get waiting(): ClientRequest[] {
    return this.requests.filter(({ fate }) => fate === 'waits');
  }

  read(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const written of lines) {
      const line = this.#lens.toServer?.(written) ?? written;
      this.#transcript.note('client', line === '' ? '(swallowed)' : line);
      // A planted bug may write twice.
      for (const one of line.split('\n')) if (one !== '') this.#take(JSON.parse(one) as ReceivedLine);
    }
  }

  delivered(bytes: number): void {
    this.#transcript.note('server', `(${bytes} bytes of it reach the client)`);
    this.book.delivered(bytes, this.#clock.turns);
  }

  told(what: string): void {
    this.#transcript.note('client', `(${what})`);
  }

  /** The server goes on by itself where it can; false when it has nothing to go on with. */
  goOn(): boolean {
    return [...this.play.threads.values()].filter((thread) => this.goOnWith(thread)).length > 0;
  }

  /** A thread goes on by itself, if it can: with what waits in its queue before its goal. */
  goOnWith(thread: ModelThread): boolean {
    return this.queue.goOn(thread) || this.goals.goOn(thread);
  }

  /** Answers a request, or does to it what else may happen. */
  serve(request: ClientRequest): void {
    const isFragile = !this.isHealthy && request.method !== 'initialize';
    const fate = isFragile ? this.#random.weighted(FATES) : 'answered';
    if (fate === 'overloaded') this.#refuse(request, fate, -32_001, 'Server overloaded; retry later.');
    else if (fate === 'refused') this.#refuse(request, fate, -32_603, 'internal error');
    else if (fate === 'dropped') this.#drop(request);
    else this.#answer(request);
  }

  #take(line: ReceivedLine): void {
    this.received.push(line);
    const { id, method, params = {} } = line;
    if (id === undefined) return;
    if (method === undefined) {
      const ask = this.play.asks.find((asked) => asked.id === id);
      if (ask === undefined) return;
      ask.answers.push(line);
      if (ask.state === 'open') ask.state = 'answered';
      return;
    }
    this.requests.push({ id, method, params, number: this.requests.length, fate: 'waits' });
    const counted = this.waiting.filter(({ method: of }) => of !== 'turn/interrupt');
    if (counted.length <= this.mostUnanswered) return;
    this.mostUnanswered = counted.length;
    this.mostUnansweredAtMs = performance.now();
  }

  #drop(request: ClientRequest): void {
    request.fate = 'dropped';
    this.#transcript.note('fault', 'drops the request', { id: request.id });
    this.#tally.count('fate', 'dropped');
  }

  #refuse(request: ClientRequest, fate: 'refused' | 'overloaded', code: number, message: string): void {
    request.fate = fate;
    this.#tally.count('fate', fate);
    request.answer = this.out.answer(request.id, request.method, { error: { code, message } });
  }

  #settle(request: ClientRequest, result: unknown): void {
    request.fate = 'answered';
    this.#tally.count('fate', 'answered');
    request.answer = this.out.answer(request.id, request.method, { result });
  }

  #answer(request: ClientRequest): void {
    const { method, params } = request;
    const thread = this.play.thread(String(params['threadId'] ?? ''));
    const served = this.queue.answer(method, params) ?? this.goals.answer(method, params);
    if (served !== undefined) this.#give(request, served);
    else if (method === 'turn/start') this.#startTurn(request);
    else if (method === 'turn/steer') this.#steer(request, thread);
    else if (method === 'turn/interrupt') this.#interrupt(request);
    else if (method === 'thread/start') this.#startThread(request);
    else if (method === 'thread/read')
      this.#settle(request, { thread: threadObject(thread, params['includeTurns'] === true) });
    else if (method === 'initialize') this.#settle(request, HANDSHAKE_ANSWER);
    else this.#settle(request, { data: [params['cursor'] ?? null], nextCursor: null });
  }

  #give(request: ClientRequest, served: ServedAnswer): void {
    if ('refused' in served) {
      this.#refuse(request, 'refused', -32_600, served.refused);
      return;
    }
    this.#settle(request, served.result);
    served.after?.();
  }

  #startThread(request: ClientRequest): void {
    const thread = threadObject(this.play.thread(`started-${this.play.threads.size}`), false);
    if (this.#random.chance(0.5)) this.out.notify('thread/started', { thread });
    this.#settle(request, { thread, model: 'm' });
  }

  #steer(request: ClientRequest, { active }: ModelThread): void {
    if (active === undefined || active.id !== request.params['expectedTurnId'])
      this.#refuse(request, 'refused', -32_600, 'no such turn is active');
    else this.#settle(request, { turnId: active.id });
  }

  #startTurn(request: ClientRequest): void {
    const thread = this.play.thread(String(request.params['threadId']));
    // What is about to begin does so first.
    if (thread.active === undefined && isTaken(thread)) this.goOnWith(thread);
    const { active } = thread;
    if (active !== undefined) {
      active.joins += 1;
      this.#tally.count('turn', 'joined');
      if (active.owner === 'client' && inputOf(request.params).startsWith('run')) this.unasked.push(active);
      this.#settle(request, { turn: turnObject(active) });
      return;
    }
    const label = inputOf(request.params);
    const turn = this.play.begin(thread, label.startsWith('run') ? 'client' : 'other', label);
    const saysFirst = this.#random.chance(0.3);
    if (saysFirst) this.play.sayStarted(turn);
    this.#settle(request, { turn: turnObject(turn) });
    if (!saysFirst) this.play.sayStarted(turn);
  }

  #interrupt(request: ClientRequest): void {
    const turn = this.play.turns.find(({ id }) => id === request.params['turnId']);
    if (turn !== undefined) turn.isInterruptAsked = true;
    if (turn?.status !== 'inProgress') {
      this.#refuse(request, 'refused', -32_600, 'no such turn is active');
      return;
    }
    this.#settle(request, {});
    this.play.end(turn, 'interrupted');
  }
}

/** What becomes of a request while the server is not healthy. */
const FATES = { answered: 88, overloaded: 5, refused: 4, dropped: 3 };

/** A version whose names are not those of the types: names are not checked against it. */
const HANDSHAKE_ANSWER = {
  userAgent: 'simulated/0.150.0 (nowhere)',
  codexHome: '/codex-home',
  platformFamily: 'unix',
  platformOs: 'linux',
};
