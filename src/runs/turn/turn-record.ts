/**
 * What a turn has said so far. Owns the facts that a result is made of, put together from the turn's messages
 * as they are read; knows nothing of streams or calls.
 */
import type {
  AgentMessageDeltaNotification,
  ThreadItem,
  ThreadTokenUsage,
  Turn,
  TurnCompletedNotification,
  TurnStartedNotification,
  TurnStartResponse,
} from '../../protocol/generated.js';
import type { ServerMessage } from '../../session/messages/server-message.js';

/** What a turn came to. */
export interface TurnResult {
  /** The answer to `turn/start`; undefined only in an error's result, when the turn was over before it came. */
  readonly start: TurnStartResponse | undefined;
  /** `turn/started`, when it arrived. */
  readonly started: TurnStartedNotification | undefined;
  /** `turn/completed`; undefined when it never arrived and the turn was {@link TurnResult.recovered}. */
  readonly completed: TurnCompletedNotification | undefined;
  /** The turn as the server described it last. */
  readonly turn: Turn;
  /** `completed` or `interrupted`; a failed turn rejects instead. */
  readonly status: Turn['status'];
  /** The completed items, in order. */
  readonly items: readonly ThreadItem[];
  /** The text of each agent message, by item id, in order. */
  readonly agentMessages: Readonly<Record<string, string>>;
  /** The text of the last agent message; undefined when there was none. */
  readonly finalMessage: string | undefined;
  /** The final message parsed as JSON, when the turn had an `outputSchema` and the message is JSON. */
  readonly output: unknown;
  /** Token usage as reported last; undefined when the server reported none. */
  readonly usage: ThreadTokenUsage | undefined;
  /** The server called the turn over in answer to a question, instead of sending `turn/completed`. */
  readonly recovered: boolean;
  /** The turn was another's: `turn/start` added its input to a turn that was running already. */
  readonly joined: boolean;
  /** Every message of the turn, when `collectEvents` was set. */
  readonly events: readonly ServerMessage[] | undefined;
}

/** What a result has and a run has not. */
export const RESULT_ONLY = [
  'finalMessage',
  'output',
  'items',
  'agentMessages',
  'usage',
  'status',
] as const satisfies readonly (keyof TurnResult)[];

/** The text of one agent message. */
interface AgentText {
  readonly id: string;
  text: string;
}

/** Collects what a turn says. */
export class TurnRecord {
  readonly #hasOutputSchema: boolean;
  readonly #events: ServerMessage[] | undefined;
  readonly #items: ThreadItem[] = [];
  readonly #texts = new Map<string, AgentText>();
  /** The message that is being written: its deltas follow each other, so most need no look-up. */
  #writing: AgentText | undefined;
  #start: TurnStartResponse | undefined;
  #started: TurnStartedNotification | undefined;
  #completed: TurnCompletedNotification | undefined;
  #recoveredTurn: Turn | undefined;
  #joined = false;
  #usage: ThreadTokenUsage | undefined;

  constructor(options: { readonly hasOutputSchema: boolean; readonly collectEvents: boolean }) {
    this.#hasOutputSchema = options.hasOutputSchema;
    this.#events = options.collectEvents ? [] : undefined;
  }

  /** The turn as the server described it last, once it has. */
  get turn(): Turn | undefined {
    return this.#completed?.turn ?? this.#recoveredTurn ?? this.#started?.turn ?? this.#start?.turn;
  }

  /** The answer to `turn/start` has come. */
  get hasStart(): boolean {
    return this.#start !== undefined;
  }

  /** `turn/started` has come. */
  get hasStarted(): boolean {
    return this.#started !== undefined;
  }

  get joined(): boolean {
    return this.#joined;
  }

  /** The turn is over: `turn/completed` arrived, or the server said so when asked. */
  get isOver(): boolean {
    return this.#completed !== undefined || this.#recoveredTurn !== undefined;
  }

  /** The answer to `turn/start`, which may name a turn that was running already. */
  noteStart(start: TurnStartResponse, joined: boolean): void {
    this.#start = start;
    this.#joined = joined;
  }

  /** Forgets everything: what was noted so far was another turn's. */
  restart(): void {
    this.#events?.splice(0);
    this.#items.splice(0);
    this.#texts.clear();
    this.#writing = undefined;
    this.#started = undefined;
    this.#completed = undefined;
    this.#usage = undefined;
  }

  /** The server said, when asked, that the turn is over. */
  noteRecovered(turn: Turn): void {
    this.#recoveredTurn = turn;
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
      case 'item/completed':
        this.#noteItem(message.params.item);
        break;
      case 'thread/tokenUsage/updated':
        this.#usage = message.params.tokenUsage;
        break;
      case 'turn/completed':
        // One without its turn tells no outcome; the silence after it makes the run ask.
        if (message.params.turn) this.#completed = message.params;
        break;
    }
  }

  /** What the turn came to so far; undefined until the server has named the turn. */
  result(): TurnResult | undefined {
    const { turn } = this;
    if (turn === undefined) return undefined;
    const texts = [...this.#texts.values()];
    const finalMessage = texts.at(-1)?.text;
    return {
      start: this.#start,
      started: this.#started,
      completed: this.#completed,
      turn,
      status: turn.status,
      items: this.#items,
      agentMessages: Object.fromEntries(texts.map(({ id, text }) => [id, text])),
      finalMessage,
      output: this.#hasOutputSchema ? parsedOrUndefined(finalMessage) : undefined,
      usage: this.#usage,
      recovered: this.#recoveredTurn !== undefined,
      joined: this.#joined,
      events: this.#events,
    };
  }

  #noteDelta({ itemId, delta }: AgentMessageDeltaNotification): void {
    const writing = this.#writing;
    const text = writing !== undefined && writing.id === itemId ? writing : this.#textOf(itemId);
    text.text += delta;
    this.#writing = text;
  }

  #textOf(id: string): AgentText {
    const known = this.#texts.get(id);
    if (known !== undefined) return known;
    const text: AgentText = { id, text: '' };
    this.#texts.set(id, text);
    return text;
  }

  /** The completed item has the whole text, also when its deltas were opted out of. */
  #noteItem(item: ThreadItem): void {
    this.#items.push(item);
    if (item?.type === 'agentMessage') this.#textOf(item.id).text = item.text;
  }
}

function parsedOrUndefined(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
