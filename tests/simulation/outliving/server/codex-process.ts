/**
 * A process of the small codex: what it has loaded, what it is asked, and what it answers. It acts only when it is told to. Its
 * home outlives it; ids of what it asks begin at 0.
 */
import type { Params } from '../../server/wire-book.js';
import type { Random } from '../../world/random.js';
import type { Tally } from '../../world/tally.js';
import type { ClientLine, Connection, Listener } from './connection.js';
import { type CodexHome, type HomeThread, isStored, turnOf } from './home.js';
import { type LiveTurn, LiveTurns, type Marks } from './live-turns.js';
import {
  type HomeRequest,
  refuse,
  settle,
  type ThreadAnswer,
  threadAnswerOf,
  threadObject,
} from './thread-answers.js';

/** An answer of a client, and what the server waited for under that id. */
interface HomeAnswer {
  readonly process: number;
  readonly id: unknown;
  /** What was asked under that id; undefined when nothing was. */
  readonly token: string | undefined;
  readonly result: unknown;
}

/** A `turn/start` that was not refused. */
interface TakenStart {
  readonly process: number;
  readonly label: string;
  readonly clientId: string | null;
  /** A message of this `clientUserMessageId` was kept when it came. */
  readonly wasKept: boolean;
  readonly turnId: string;
}

/** A `thread/resume` of a thread that would spend, without consent. */
interface SpendingResume {
  readonly threadId: string;
  readonly by: 'goal' | 'queue';
}

/** What all processes have seen. */
export interface Ledger {
  readonly answers: HomeAnswer[];
  readonly starts: TakenStart[];
  readonly spent: SpendingResume[];
}

/** One process. */
export class CodexProcess implements Listener {
  readonly number: number;
  readonly turns: LiveTurns;
  readonly connections = new Set<Connection>();
  /** Threads that it has loaded. */
  readonly loaded = new Set<string>();
  readonly waiting: HomeRequest[] = [];
  isAlive = true;
  /** It reads, says and answers nothing. */
  isMute = false;
  /** Whether every request is answered as it should be. */
  isHealthy = false;
  readonly #home: CodexHome;
  readonly #random: Random;
  readonly #tally: Tally;
  readonly #ledger: Ledger;
  readonly #endsWithConnection: boolean;

  constructor(
    number: number,
    home: CodexHome,
    random: Random,
    marks: Marks,
    tally: Tally,
    ledger: Ledger,
    endsWithConnection: boolean,
  ) {
    this.number = number;
    this.#home = home;
    this.#random = random;
    this.#tally = tally;
    this.#ledger = ledger;
    this.#endsWithConnection = endsWithConnection;
    this.turns = new LiveTurns(home, random, marks, tally, (threadId) => this.#subscribers(threadId));
  }

  took(connection: Connection, line: ClientLine): void {
    const { id, method, params = {} } = line;
    if (id === undefined || !this.isAlive) return;
    if (method === undefined) this.#answered(line);
    else this.waiting.push({ connection, id, method, params, isAgreed: this.#isAgreed(method, params) });
  }

  lost(connection: Connection): void {
    this.connections.delete(connection);
    if (this.#endsWithConnection) this.die();
    else this.#drop((request) => request.connection === connection && this.#random.chance(0.5));
  }

  /** What clients that are gone have asked is begun soon, or never. */
  serveOrphans(): void {
    for (const request of [...this.waiting]) if (!request.connection.isOpen) this.serve(request);
  }

  /** It is gone, and what it had in hand with it. */
  die(): void {
    if (!this.isAlive) return;
    this.isAlive = false;
    this.waiting.length = 0;
    this.turns.running.clear();
    this.#home.processGone(this.#random);
    for (const connection of [...this.connections]) connection.child.exit(null, 'SIGKILL');
  }

  /** Answers a request that waits, or does to it what else may happen. */
  serve(request: HomeRequest): void {
    this.waiting.splice(this.waiting.indexOf(request), 1);
    const isFragile = !this.isHealthy && request.method !== 'initialize';
    const fate = isFragile ? this.#random.weighted(FATES) : 'answered';
    this.#tally.count('outliving fate', fate);
    if (fate === 'overloaded') this.#turnAway(request);
    else if (fate === 'refused') refuse(request, -32_603, 'internal error');
    else this.#answer(request);
  }

  /** A turn that nobody here started; when it is over, what started it is, too. */
  beginForeign(thread: HomeThread): void {
    if (this.turns.running.has(thread.id)) return;
    this.turns.sayStarted(this.turns.begin(thread, 'foreign', null, true));
  }

  /** It is sent again, with what was agreed. */
  #turnAway(request: HomeRequest): void {
    const thread = this.#home.threads.get(String(request.params['threadId']));
    if (request.isAgreed && thread !== undefined) thread.consents += 1;
    refuse(request, -32_001, 'Server overloaded; retry later.');
  }

  #drop(isDropped: (request: HomeRequest) => boolean): void {
    for (const request of [...this.waiting])
      if (isDropped(request)) this.waiting.splice(this.waiting.indexOf(request), 1);
  }

  /** A consent is for one resume. */
  #isAgreed(method: string, params: Params): boolean {
    const thread = this.#home.threads.get(String(params['threadId']));
    if (method !== 'thread/resume' || thread === undefined || thread.consents === 0) return false;
    thread.consents -= 1;
    return true;
  }

  #answered({ id, result }: ClientLine): void {
    const ask = this.turns.asks.find((asked) => asked.id === id);
    this.#ledger.answers.push({ process: this.number, id, token: ask?.token, result });
    if (ask !== undefined) this.turns.answered(ask);
  }

  #answer(request: HomeRequest): void {
    const { method } = request;
    const answer = threadAnswerOf(method);
    if (method === 'initialize') settle(request, HANDSHAKE_ANSWER);
    else if (method === 'thread/start') this.#startThread(request);
    else if (method === 'thread/loaded/list') settle(request, { data: [...this.loaded], nextCursor: null });
    else if (answer === undefined) settle(request, {});
    else this.#answerOf(request, answer);
  }

  #answerOf(request: HomeRequest, { act, unknown }: ThreadAnswer): void {
    const threadId = String(request.params['threadId']);
    const thread = this.#home.threads.get(threadId);
    if (thread === undefined) refuse(request, -32_600, `${unknown}: ${threadId}`);
    else act(this, request, thread);
  }

  #startThread(request: HomeRequest): void {
    const thread = this.#home.start();
    this.loaded.add(thread.id);
    request.connection.threads.add(thread.id);
    settle(request, { thread: threadObject(this, thread, false), model: 'm' });
  }

  /** @internal */
  resume(request: HomeRequest, thread: HomeThread): void {
    const { spends, id } = thread;
    if (!isStored(thread)) {
      refuse(request, -32_600, `no rollout found for thread id ${id}`);
      return;
    }
    const isIdle = !this.turns.running.has(id);
    if (spends !== undefined && isIdle && !request.isAgreed)
      this.#ledger.spent.push({ threadId: id, by: spends });
    for (const turn of thread.turns) turn.isRepaired = true;
    this.loaded.add(id);
    request.connection.threads.add(id);
    const withTurns = request.params['excludeTurns'] !== true;
    settle(request, { thread: threadObject(this, thread, withTurns), model: 'm' });
    this.turns.askAgain(id, request.connection);
    if (spends !== undefined && isIdle) this.beginForeign(thread);
  }

  /** @internal */
  startTurn(request: HomeRequest, thread: HomeThread): void {
    const { params } = request;
    if (!this.loaded.has(thread.id)) {
      refuse(request, -32_600, `thread not found: ${thread.id}`);
      return;
    }
    const label = inputOf(params);
    const clientId = typeof params['clientUserMessageId'] === 'string' ? params['clientUserMessageId'] : null;
    const wasKept = clientId !== null && keeps(thread, clientId);
    const running = this.turns.running.get(thread.id);
    const turn = running ?? this.turns.begin(thread, label, clientId);
    if (running !== undefined) this.turns.steer(running, label, clientId);
    this.#ledger.starts.push({ process: this.number, label, clientId, wasKept, turnId: turn.kept.id });
    this.#tally.count('outliving turn', running === undefined ? 'begun' : 'joined');
    const saysFirst = running === undefined && this.#random.chance(0.3);
    if (saysFirst) this.turns.sayStarted(turn);
    settle(request, { turn: turnOf(turn.kept, false) });
    if (running === undefined && !saysFirst) this.turns.sayStarted(turn);
  }

  /** @internal */
  interrupt(request: HomeRequest, thread: HomeThread): void {
    const turn = this.turns.running.get(thread.id);
    if (turn?.kept.id !== request.params['turnId']) {
      refuse(request, -32_600, 'no such turn is active');
      return;
    }
    settle(request, {});
    this.turns.end(turn as LiveTurn, 'interrupted');
  }

  /** @internal */
  steer(request: HomeRequest, thread: HomeThread): void {
    const turn = this.turns.running.get(thread.id);
    if (turn?.kept.id !== request.params['expectedTurnId']) {
      refuse(request, -32_600, 'no such turn is active');
      return;
    }
    this.turns.steer(turn as LiveTurn, inputOf(request.params), null);
    settle(request, { turnId: turn?.kept.id });
  }

  *#subscribers(threadId: string): Iterable<Connection> {
    for (const connection of this.connections) if (connection.threads.has(threadId)) yield connection;
  }
}

/** What becomes of a request while the server is not healthy. */
const FATES = { answered: 92, overloaded: 5, refused: 3 };

const HANDSHAKE_ANSWER = {
  userAgent: 'simulated/0.150.0 (nowhere)',
  codexHome: '/codex-home',
  platformFamily: 'unix',
  platformOs: 'linux',
};

/** A message with this id is in the thread. */
function keeps({ turns }: HomeThread, clientId: string): boolean {
  return turns.some(({ items }) => items.some((item) => item.clientId === clientId));
}

/** The text of the input of a `turn/start`. */
function inputOf({ input }: Params): string {
  const first: unknown = Array.isArray(input) ? input[0] : undefined;
  return typeof first === 'object' && first !== null ? String(Reflect.get(first, 'text')) : '';
}
