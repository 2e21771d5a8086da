/**
 * What a turn has said so far. Owns the facts that a result is made of, put together from the turn's messages
 * as they are read; knows nothing of streams or calls.
 */
import type {
  AgentMessageDeltaNotification,
  MessagePhase,
  ThreadItem,
  ThreadTokenUsage,
  Turn,
  TurnCompletedNotification,
  TurnPlanStep,
  TurnStartedNotification,
  TurnStartResponse,
} from '../../protocol/generated.js';
import type { ServerMessage } from '../../session/messages/server-message.js';
import { mergedItems, toldBefore } from './told-items.js';
import { type AgentMessage, finalMessageOf, type TurnFacts } from './turn-result.js';

/** One agent message, as far as it has come. */
interface AgentText extends AgentMessage {
  phase: MessagePhase | null;
  text: string;
}

/** Collects what a turn says. */
export class TurnRecord {
  readonly #events: ServerMessage[] | undefined;
  readonly #items: ThreadItem[] = [];
  /** The items that the server told when it was asked, in its order. */
  #toldItems: readonly ThreadItem[] = [];
  readonly #texts = new Map<string, AgentText>();
  /** The phases of messages that have begun, which their deltas do not tell. */
  readonly #phases = new Map<string, MessagePhase>();
  /** The message that is being written: its deltas follow each other, so most need no look-up. */
  #writing: AgentText | undefined;
  #start: TurnStartResponse | undefined;
  #found: Turn | undefined;
  #started: TurnStartedNotification | undefined;
  #completed: TurnCompletedNotification | undefined;
  #recoveredTurn: Turn | undefined;
  #joined = false;
  #hasInput = false;
  #mayBeJoined = false;
  #diff: string | undefined;
  #plan: readonly TurnPlanStep[] | undefined;
  #usage: ThreadTokenUsage | undefined;

  constructor(options: { readonly collectEvents: boolean }) {
    this.#events = options.collectEvents ? [] : undefined;
  }

  /** The turn as the server described it last, once it has. */
  get turn(): Turn | undefined {
    const named = this.#start?.turn ?? this.#found;
    const began = this.#started?.turn;
    // What begins under another name is a turn within it.
    const isWithin = named !== undefined && began?.id !== named.id && began?.rootTurnId === named.id;
    return this.#completed?.turn ?? this.#recoveredTurn ?? (isWithin ? named : (began ?? named));
  }

  /** Every message is kept for the result. */
  get collectsEvents(): boolean {
    return this.#events !== undefined;
  }

  /** The answer to `turn/start` has come; of a turn that was adopted, the server was asked for it. */
  get hasStart(): boolean {
    return this.#start !== undefined || this.#found !== undefined;
  }

  /** A message of its input has begun: from then on the server may keep it. */
  get hasInput(): boolean {
    return this.#hasInput;
  }

  /** `turn/started` has come, or the turn was found running. */
  get hasStarted(): boolean {
    return this.#started !== undefined || this.#found !== undefined;
  }

  /** What the agent has said so far, in the order in which its messages began. */
  get agentMessages(): Iterable<AgentMessage> {
    return this.#toldItems.length === 0 ? this.#texts.values() : this.#allTexts();
  }

  get joined(): boolean {
    return this.#joined;
  }

  /** It was joined, or its thread was busy when `turn/start` went out, and neither the answer nor a new turn has come. */
  get mayBeJoined(): boolean {
    return this.#joined || (this.#mayBeJoined && !this.hasStart && !this.hasStarted);
  }

  /** The turn is over: `turn/completed` arrived, or the server said so when asked. */
  get isOver(): boolean {
    return this.#completed !== undefined || this.#recoveredTurn !== undefined;
  }

  /** `turn/start` goes out, to a thread that has a turn or has none. */
  noteSent(isBusy: boolean): void {
    this.#mayBeJoined = isBusy;
  }

  /** The answer to `turn/start`, which may name a turn that was running already. */
  noteStart(start: TurnStartResponse, joined: boolean): void {
    this.#start = start;
    this.#joined = joined;
  }

  /** The turn is somebody else's, and was running before this run. */
  noteAdopted(): void {
    this.#joined = true;
  }

  /** The server was asked for the turn that was adopted; this is what it has of it. */
  noteFound(turn: Turn): void {
    this.#found = turn;
    this.#noteTold(turn);
  }

  /** Forgets everything: what was noted so far was another turn's. */
  restart(): void {
    this.#events?.splice(0);
    this.#items.splice(0);
    this.#texts.clear();
    this.#phases.clear();
    this.#writing = undefined;
    this.#started = undefined;
    this.#completed = undefined;
    this.#diff = undefined;
    this.#plan = undefined;
    this.#usage = undefined;
    this.#hasInput = false;
  }

  /** The server said, when asked, that the turn is over. */
  noteRecovered(turn: Turn): void {
    this.#recoveredTurn = turn;
    this.#noteTold(turn);
  }

  /** A message of a sub-agent of the turn: part of the events, not of the facts. */
  noteSubagent(message: ServerMessage): void {
    this.#events?.push(message);
  }

  /** A message of the turn. The first end is the truth: what follows it tells nothing. */
  note(message: ServerMessage): void {
    if (this.isOver) return;
    this.#events?.push(message);
    switch (message.method) {
      case 'item/agentMessage/delta':
        this.#noteDelta(message.params);
        break;
      case 'turn/started':
        this.#started = message.params;
        break;
      case 'item/started':
        this.#noteBegun(message.params.item);
        break;
      case 'item/completed':
        this.#noteItem(message.params.item);
        break;
      case 'turn/diff/updated':
        this.#diff = message.params.diff;
        break;
      case 'turn/plan/updated':
        this.#plan = message.params.plan;
        break;
      case 'thread/tokenUsage/updated':
        this.#usage = message.params.tokenUsage;
        break;
      case 'turn/completed':
        // One without its turn tells no outcome; the silence after it makes the run ask.
        if (message.params.turn?.id !== undefined) this.#completed = message.params;
        break;
    }
  }

  /** What the turn came to so far; undefined until the server has named the turn. */
  result(): TurnFacts | undefined {
    const { turn } = this;
    if (turn === undefined) return undefined;
    const agentMessages = [...this.agentMessages].map((message) => ({ ...message }));
    return {
      status: turn.status,
      finalMessage: finalMessageOf(agentMessages),
      output: undefined,
      items: this.#allItems(),
      agentMessages,
      diff: this.#diff,
      plan: this.#plan,
      usage: this.#usage,
      recovered: this.#recoveredTurn !== undefined,
      joined: this.#joined,
      events: this.#events,
      raw: { start: this.#start, started: this.#started, completed: this.#completed, turn },
    };
  }

  /** A summary leaves items out, so it tells nothing of their order. */
  #noteTold({ items, itemsView }: Turn): void {
    if (itemsView !== 'summary' && itemsView !== 'notLoaded' && Array.isArray(items)) this.#toldItems = items;
  }

  #allItems(): readonly ThreadItem[] {
    if (this.#toldItems.length === 0) return this.#items;
    return mergedItems(this.#toldItems, this.#items);
  }

  #allTexts(): Iterable<AgentMessage> {
    const told = toldBefore(this.#toldItems, this.#items).filter((item) => item.type === 'agentMessage');
    const texts = new Map<string, AgentMessage>(told.map(({ id, phase, text }) => [id, { id, phase, text }]));
    for (const message of this.#texts.values()) if (!texts.has(message.id)) texts.set(message.id, message);
    return texts.values();
  }

  #noteDelta({ itemId, delta }: AgentMessageDeltaNotification): void {
    // One without its text tells nothing.
    if (typeof delta !== 'string') return;
    const writing = this.#writing;
    const text = writing !== undefined && writing.id === itemId ? writing : this.#textOf(itemId);
    text.text += delta;
    this.#writing = text;
  }

  #textOf(id: string): AgentText {
    const known = this.#texts.get(id);
    if (known !== undefined) return known;
    const text: AgentText = { id, phase: this.#phases.get(id) ?? null, text: '' };
    this.#texts.set(id, text);
    return text;
  }

  #noteBegun(item: ThreadItem): void {
    this.#hasInput ||= item?.type === 'userMessage';
    if (item?.type === 'agentMessage' && item.phase) this.#phases.set(item.id, item.phase);
  }

  /** The completed item has the whole text, also when its deltas were opted out of. */
  #noteItem(item: ThreadItem): void {
    this.#items.push(item);
    if (item?.type !== 'agentMessage') return;
    const message = this.#textOf(item.id);
    message.text = item.text;
    message.phase = item.phase ?? message.phase;
  }
}
