/** The turns that a process of the small codex has in hand: what each of them does next, and whom it tells. */

import type { Params } from '../../server/wire-book.js';
import type { Random } from '../../world/random.js';
import type { Tally } from '../../world/tally.js';
import type { Connection, ToldLine } from './connection.js';
import type { CodexHome, HomeThread, HomeTurn, KeptItem } from './home.js';
import { itemOf, turnOf } from './home.js';

/** One step of a turn. */
type LiveStep =
  | { readonly do: 'user'; readonly text: string; readonly clientId: string | null }
  | { readonly do: 'piece' | 'complete'; readonly item: number }
  | { readonly do: 'ask'; readonly method: AskMethod }
  | { readonly do: 'usage' };

const ASK_METHODS = [
  'item/commandExecution/requestApproval',
  'item/fileChange/requestApproval',
  'item/tool/call',
] as const;

type AskMethod = (typeof ASK_METHODS)[number];

/** A request of the server. */
export interface LiveAsk {
  readonly id: number;
  readonly method: AskMethod;
  readonly turn: LiveTurn;
  /** Names what is asked, in front of every process: two requests of one id have two. */
  readonly token: string;
  state: 'open' | 'answered' | 'withdrawn';
  /** The lines by which it was asked. */
  readonly lines: ToldLine[];
}

/** A turn in hand. */
export interface LiveTurn {
  readonly kept: HomeTurn;
  readonly thread: HomeThread;
  readonly script: LiveStep[];
  /** What was said of each message that is not complete. */
  readonly texts: Map<string, string>;
  /** The lines by which it was named. */
  readonly startLines: ToldLine[];
  ask: LiveAsk | undefined;
}

/** Numbers that no two processes share. */
export interface Marks {
  next(): number;
  /** The pieces of each message, by their marks. */
  readonly pieces: Map<string, number[]>;
}

/** The turns of one process. */
export class LiveTurns {
  readonly running = new Map<string, LiveTurn>();
  readonly asks: LiveAsk[] = [];
  readonly #home: CodexHome;
  readonly #random: Random;
  readonly #marks: Marks;
  readonly #tally: Tally;
  readonly #subscribers: (threadId: string) => Iterable<Connection>;

  constructor(
    home: CodexHome,
    random: Random,
    marks: Marks,
    tally: Tally,
    subscribers: (threadId: string) => Iterable<Connection>,
  ) {
    this.#home = home;
    this.#random = random;
    this.#marks = marks;
    this.#tally = tally;
    this.#subscribers = subscribers;
  }

  /** A turn begins; nothing is said of it yet. */
  begin(thread: HomeThread, text: string, clientId: string | null, isForeign = false): LiveTurn {
    const kept = this.#home.begin(thread, text, isForeign);
    const script: LiveStep[] = [{ do: 'user', text, clientId }, ...anyScript(this.#random)];
    const turn: LiveTurn = { kept, thread, script, texts: new Map(), startLines: [], ask: undefined };
    this.running.set(thread.id, turn);
    return turn;
  }

  sayStarted({ kept, thread, startLines }: LiveTurn): void {
    this.#status(thread.id, { type: 'active', activeFlags: [] });
    startLines.push(...this.#tell('turn/started', thread.id, { turn: turnOf(kept, false) }));
  }

  /** One more message of a user, for a turn that runs. */
  steer(turn: LiveTurn, text: string, clientId: string | null): void {
    turn.script.unshift({ do: 'user', text, clientId });
  }

  /** The next step of a turn; false when it waits for an answer. */
  step(turn: LiveTurn): boolean {
    if (turn.kept.status !== 'inProgress' || turn.ask?.state === 'open') return false;
    const step = turn.script.shift();
    if (step === undefined) this.end(turn, this.#random.chance(0.06) ? 'failed' : 'completed');
    else this.#play(turn, step);
    return true;
  }

  /** The turn is over. */
  end(turn: LiveTurn, status: 'completed' | 'interrupted' | 'failed'): void {
    const { kept, thread, ask } = turn;
    kept.status = status;
    this.running.delete(thread.id);
    if (kept.isForeign) thread.spends = undefined;
    if (ask?.state === 'open') {
      ask.state = 'withdrawn';
      if (ask.method !== 'item/tool/call') this.#resolved(ask);
    }
    this.#status(thread.id, { type: 'idle' });
    this.#tell('turn/completed', thread.id, { turn: turnOf(kept, false) });
  }

  /** Somebody has answered. */
  answered(ask: LiveAsk): void {
    if (ask.state !== 'open') return;
    ask.state = 'answered';
    this.#resolved(ask);
  }

  /** Asks again what is open on a thread, with the same ids. */
  askAgain(threadId: string, connection: Connection): void {
    for (const ask of this.asks)
      if (ask.state === 'open' && ask.turn.thread.id === threadId) this.#askOver(connection, ask);
  }

  #play(turn: LiveTurn, step: LiveStep): void {
    const { kept, thread } = turn;
    const at = { turnId: kept.id };
    switch (step.do) {
      case 'user': {
        const item = this.#home.keep(kept, step.text, step.clientId);
        this.#tell('item/started', thread.id, { ...at, item: itemOf(item) });
        this.#tell('item/completed', thread.id, { ...at, item: itemOf(item), completedAtMs: 1 });
        break;
      }
      case 'piece': {
        const itemId = `${kept.id}-m${step.item}`;
        const mark = this.#marks.next();
        const said = this.#marks.pieces.get(itemId) ?? [];
        this.#marks.pieces.set(itemId, [...said, mark]);
        const delta = `[${mark}]`;
        turn.texts.set(itemId, (turn.texts.get(itemId) ?? '') + delta);
        this.#tell('item/agentMessage/delta', thread.id, { ...at, itemId, delta }, mark);
        break;
      }
      case 'complete': {
        const id = `${kept.id}-m${step.item}`;
        const text = turn.texts.get(id) ?? 'all at once';
        const item: KeptItem = { type: 'agentMessage', id, text, clientId: null };
        kept.items.push(item);
        this.#tell('item/completed', thread.id, { ...at, item: itemOf(item), completedAtMs: 1 });
        break;
      }
      case 'ask':
        this.#ask(turn, step.method);
        break;
      default:
        this.#tell('thread/tokenUsage/updated', thread.id, {
          ...at,
          tokenUsage: { total: {}, last: {}, modelContextWindow: null },
        });
    }
  }

  #ask(turn: LiveTurn, method: AskMethod): void {
    const id = this.asks.length;
    const ask: LiveAsk = { id, method, turn, token: `asked-${this.#marks.next()}`, state: 'open', lines: [] };
    turn.ask = ask;
    this.asks.push(ask);
    this.#tally.count('asked', method);
    for (const connection of this.#subscribers(turn.thread.id)) this.#askOver(connection, ask);
  }

  #askOver(connection: Connection, { id, method, turn, token, lines }: LiveAsk): void {
    const about =
      method === 'item/tool/call' ? { callId: token, tool: 't', arguments: {} } : { itemId: token };
    lines.push(connection.ask(id, method, turn.thread.id, { turnId: turn.kept.id, ...about }));
  }

  #resolved({ id, turn }: LiveAsk): void {
    this.#tell('serverRequest/resolved', turn.thread.id, { requestId: id });
  }

  #status(threadId: string, status: Params): void {
    this.#tell('thread/status/changed', threadId, { status });
  }

  #tell(method: string, threadId: string, params: Params, mark?: number): ToldLine[] {
    const connections = [...this.#subscribers(threadId)];
    return connections.map((connection) => connection.tell(method, threadId, params, mark));
  }
}

/** What a turn does behind its first message. */
function anyScript(random: Random): LiveStep[] {
  const steps: LiveStep[] = [];
  const items = random.between(0, 2);
  for (let item = 0; item < items; item += 1) {
    const pieces = random.between(0, 6);
    for (let n = 0; n < pieces; n += 1) {
      steps.push({ do: 'piece', item });
      if (random.chance(0.08)) steps.push({ do: 'usage' });
    }
    if (random.chance(0.3)) steps.push({ do: 'ask', method: random.pick(ASK_METHODS) });
    steps.push({ do: 'complete', item });
  }
  return steps;
}
