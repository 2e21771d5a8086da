/** Plays the turns of the model, a step at a time: what a turn says, asks, and how it ends. */
import type { Random } from '../world/random.js';
import type { Tally } from '../world/tally.js';
import {
  type Ask,
  type ModelThread,
  type ModelTurn,
  messageOf,
  type TurnOwner,
  threadObject,
  turnObject,
} from './model-state.js';
import type { Outgoing } from './outgoing.js';
import { type TurnStep, turnEndTold, turnScript } from './turn-script.js';

/** What a model call of a turn takes. */
const CALL_TOKENS = 100;

/** Plays turns. */
export class TurnPlayer {
  readonly threads = new Map<string, ModelThread>();
  readonly turns: ModelTurn[] = [];
  readonly asks: Ask[] = [];
  readonly #random: Random;
  readonly #out: Outgoing;
  readonly #tally: Tally;
  readonly #callsTools: boolean;

  /** @param callsTools - its turns call tools more often than others do */
  constructor(random: Random, out: Outgoing, tally: Tally, callsTools: boolean) {
    this.#callsTools = callsTools;
    this.#random = random;
    this.#out = out;
    this.#tally = tally;
  }

  get running(): ModelTurn[] {
    return this.turns.filter(({ status }) => status === 'inProgress');
  }

  thread(id: string): ModelThread {
    const known = this.threads.get(id);
    if (known !== undefined) return known;
    const thread: ModelThread = {
      id,
      turns: [],
      active: undefined,
      hasGoal: false,
      goal: undefined,
      goalTurn: undefined,
      queue: [],
      pending: undefined,
      stands: false,
      isClosed: false,
    };
    this.threads.set(id, thread);
    return thread;
  }

  /** A turn begins; nothing is said of it yet. */
  begin(thread: ModelThread, owner: TurnOwner, label: string): ModelTurn {
    const turn: ModelTurn = {
      id: `turn-${this.turns.length}`,
      threadId: thread.id,
      owner,
      label,
      script: turnScript(this.#random),
      endTold: turnEndTold(this.#random),
      status: 'inProgress',
      texts: new Map(),
      pieces: [],
      said: [],
      ask: undefined,
      subagentId: undefined,
      isInterruptAsked: false,
      joins: 0,
      spentTokens: 0,
      key: undefined,
      isOfGoal: false,
      isMessageTold: false,
    };
    for (let calls = this.#callsTools ? this.#random.below(4) : 0; calls > 0; calls -= 1)
      turn.script.splice(this.#random.below(turn.script.length + 1), 0, {
        do: 'ask',
        method: 'item/tool/call',
      });
    thread.isClosed = false;
    thread.active = turn;
    thread.turns.push(turn);
    this.turns.push(turn);
    return turn;
  }

  sayStarted(turn: ModelTurn): void {
    const { threadId } = turn;
    if (this.#random.chance(0.2))
      this.#out.notify('thread/status/changed', { threadId, status: { type: 'active', activeFlags: [] } });
    this.#out.notify('turn/started', { threadId, turn: turnObject(turn) });
  }

  /** The next step of a turn; false when it waits for an answer. @param goesOn - it says more beside what it asks */
  step(turn: ModelTurn, goesOn = false): boolean {
    if (turn.ask?.state === 'open' && !(goesOn && turn.script[0]?.do === 'piece')) return false;
    const step = turn.script.shift();
    if (step === undefined) this.end(turn, this.#random.chance(0.1) ? 'failed' : 'completed');
    else this.#play(turn, step);
    return true;
  }

  /** The turn is over. */
  end(turn: ModelTurn, status: 'completed' | 'interrupted' | 'failed'): void {
    if (turn.status !== 'inProgress') return;
    turn.status = status;
    const thread = this.thread(turn.threadId);
    thread.active = undefined;
    thread.stands = status === 'interrupted' && thread.queue.length > 0;
    turn.told?.(status);
    if (turn.endTold === 'thread/closed' || (status === 'interrupted' && turn.isOfGoal))
      thread.goalTurn = undefined;
    else if (thread.goal?.status === 'active') thread.goalTurn = 'due';
    const { threadId } = turn;
    this.#tally.count('ending', turn.endTold);
    const idle = () => this.#out.notify('thread/status/changed', { threadId, status: { type: 'idle' } });
    if (turn.endTold === 'turn/completed') {
      if (this.#random.chance(0.2)) idle();
      turn.endLine = this.#out.notify('turn/completed', { threadId, turn: turnObject(turn) });
    } else if (turn.endTold === 'status') idle();
    else if (turn.endTold === 'thread/closed') {
      thread.isClosed = true;
      turn.endLine = this.#out.notify('thread/closed', { threadId });
    }
    const open = this.asks.filter((ask) => ask.turn === turn && ask.state === 'open');
    for (const ask of open) {
      ask.state = 'withdrawn';
      // Tool calls are withdrawn without a word.
      if (ask.method !== 'item/tool/call') this.#sayResolved(ask);
      else if (turn.endLine !== undefined) ask.withdrawnBy = turn.endLine;
    }
  }

  /** Somebody else answered: the request is taken back. */
  withdraw(ask: Ask): void {
    ask.state = 'withdrawn';
    this.#sayResolved(ask);
  }

  /** Asks again, with the same id. */
  askAgain(ask: Ask): void {
    ask.lines.push(this.#out.ask(ask.id, ask.method, askParams(ask)));
  }

  #sayResolved(ask: Ask): void {
    const { threadId = 'none', id } = ask;
    ask.withdrawnBy = this.#out.notify('serverRequest/resolved', { threadId, requestId: id });
  }

  #play(turn: ModelTurn, step: TurnStep): void {
    const { threadId, id: turnId } = turn;
    switch (step.do) {
      case 'piece':
        this.#say(turn, `${turnId}-m${step.item}`, step.bytes);
        break;
      case 'thought': {
        const at = { itemId: `${turnId}-r${step.item}`, contentIndex: 0 };
        this.#out.notify('item/reasoning/textDelta', {
          threadId,
          turnId,
          ...at,
          delta: this.#mark(step.bytes),
        });
        break;
      }
      case 'begin':
        this.#out.notify('item/started', { threadId, turnId, item: message(`${turnId}-m${step.item}`, '') });
        break;
      case 'complete':
        this.#complete(turn, `${turnId}-m${step.item}`);
        break;
      case 'state':
        this.#out.notify(step.method, { threadId, turnId, ...this.#stateOf(turn, step.method) });
        break;
      case 'ask':
        this.#ask(turn, step);
        break;
      case 'message':
        turn.isMessageTold = true;
        this.#out.notify(step.method, { threadId, turnId, item: messageOf(turn) });
        break;
      case 'reach the goal':
        turn.told?.('reached');
        break;
      case 'compaction':
        this.#out.notify('item/started', {
          threadId,
          turnId,
          item: { type: 'contextCompaction', id: `${turnId}-c` },
        });
        break;
      case 'unknown':
        this.#out.notify('item/later/told', { threadId, turnId });
        break;
      case 'error':
        this.#out.notify('error', {
          threadId,
          turnId,
          willRetry: true,
          error: { message: 'again', codexErrorInfo: null },
        });
        break;
      default:
        this.#playSubagent(turn, step.do);
    }
  }

  #say(turn: ModelTurn, itemId: string, bytes: number): void {
    const { threadId, id: turnId } = turn;
    const delta = this.#mark(bytes);
    turn.texts.set(itemId, (turn.texts.get(itemId) ?? '') + delta);
    turn.pieces.push(delta);
    this.#out.notify('item/agentMessage/delta', { threadId, turnId, itemId, delta });
  }

  #complete(turn: ModelTurn, itemId: string): void {
    const { threadId, id: turnId } = turn;
    const text = turn.texts.get(itemId) ?? `whole ${itemId} é`;
    if (!turn.texts.has(itemId)) turn.pieces.push(text);
    turn.texts.set(itemId, text);
    this.#out.notify('item/completed', { threadId, turnId, item: message(itemId, text), completedAtMs: 1 });
  }

  #ask(turn: ModelTurn, { method, ofNoThread, of }: Extract<TurnStep, { do: 'ask' }>): void {
    const threadId = ofNoThread ? undefined : of === 'subagent' ? turn.subagentId : turn.threadId;
    const ask: Ask = { id: this.asks.length, method, threadId, turn, state: 'open', answers: [], lines: [] };
    turn.ask = ask;
    this.asks.push(ask);
    ask.lines.push(this.#out.ask(ask.id, method, askParams(ask)));
  }

  #playSubagent(turn: ModelTurn, what: 'spawn' | 'subagentPiece' | 'subagentEnd'): void {
    turn.subagentId ??= `agent-of-${turn.id}`;
    const { subagentId: threadId, id: rootTurnId } = turn;
    const turnId = `${threadId}-turn`;
    const agentTurn = (status: string) => ({ ...turnObject(turn), id: turnId, rootTurnId, status });
    if (what === 'spawn') {
      const thread = { ...threadObject(this.thread(threadId), false), parentThreadId: turn.threadId };
      this.#out.notify('thread/started', { thread });
      this.#out.notify('turn/started', { threadId, turn: agentTurn('inProgress') });
    } else if (what === 'subagentPiece')
      this.#out.notify('item/agentMessage/delta', {
        threadId,
        turnId,
        itemId: `${turnId}-m`,
        delta: this.#mark(0),
      });
    else this.#out.notify('turn/completed', { threadId, turn: agentTurn('completed') });
  }

  #stateOf(turn: ModelTurn, method: string): { [name: string]: unknown } {
    if (method === 'turn/diff/updated') return { diff: '--- a\n+++ b' };
    if (method === 'turn/plan/updated') return { explanation: null, plan: [] };
    turn.spentTokens += CALL_TOKENS;
    const spent = this.thread(turn.threadId).turns.map(({ spentTokens }) => spentTokens);
    const total = { totalTokens: spent.reduce((sum, tokens) => sum + tokens, 0) };
    return { tokenUsage: { total, last: { totalTokens: CALL_TOKENS }, modelContextWindow: null } };
  }

  /** A text by which its line is known again, also when it was merged with others. */
  #mark(bytes: number): string {
    return `[${this.#out.book.messages.length}]${'ü'.repeat(bytes >> 1)}`;
  }
}

/** Every so often the model gives a tool what it does not take. */
export function hasBadArguments(askId: number): boolean {
  return askId % 4 === 3;
}

function askParams({ method, threadId, turn, id }: Ask): { [name: string]: unknown } {
  if (threadId === undefined) return { reason: 'unauthorized' };
  const turnId = threadId === turn.threadId ? turn.id : `${threadId}-turn`;
  const at = { threadId, turnId };
  return method === 'item/tool/call'
    ? { ...at, callId: `call-${id}`, tool: 't', arguments: { count: hasBadArguments(id) ? 'many' : id } }
    : { ...at, itemId: `item-${id}` };
}

function message(id: string, text: string) {
  return { type: 'agentMessage', id, text, phase: null, memoryCitation: null };
}
