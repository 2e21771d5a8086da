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
import type { ServerMessage } from '../../session/server-message.js';

/** What a turn came to. */
export interface TurnResult {
  /** The answer to `turn/start`. */
  readonly start: TurnStartResponse;
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
  /** Every message of the turn, when `collectEvents` was set. */
  readonly events: readonly ServerMessage[] | undefined;
}

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
  #usage: ThreadTokenUsage | undefined;

  constructor(options: { readonly hasOutputSchema: boolean; readonly collectEvents: boolean }) {
    this.#hasOutputSchema = options.hasOutputSchema;
    this.#events = options.collectEvents ? [] : undefined;
  }

  get turnId(): string | undefined {
    return this.#start?.turn.id ?? this.#started?.turn.id;
  }

  get start(): TurnStartResponse | undefined {
    return this.#start;
  }

  get items(): readonly ThreadItem[] {
    return this.#items;
  }

  /** The turn is over: `turn/completed` arrived, or the server said so when asked. */
  get isOver(): boolean {
    return this.#completed !== undefined || this.#recoveredTurn !== undefined;
  }

  /** The answer to `turn/start`. */
  noteStart(start: TurnStartResponse): void {
    this.#start = start;
  }

  /** The server said, when asked, that the turn is over. */
  noteRecovered(turn: Turn): void {
    this.#recoveredTurn = turn;
  }

  /** A message of a sub-agent of the turn: part of the events, not of the facts. */
  noteSubagent(message: ServerMessage): void {
    this.#events?.push(message);
  }

  /** A message of the turn. */
  note(message: ServerMessage): void {
    this.#events?.push(message);
    switch (message.method) {
      case 'turn/started':
        this.#started = message.params;
        break;
      case 'item/agentMessage/delta':
        this.#noteDelta(message.params);
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

  /** What the turn came to; only once it is over and started. */
  result(): TurnResult | undefined {
    const start = this.#start;
    const turn = this.#completed?.turn ?? this.#recoveredTurn;
    if (start === undefined || turn === undefined) return undefined;
    const texts = [...this.#texts.values()];
    const finalMessage = texts.at(-1)?.text;
    return {
      start,
      started: this.#started,
      completed: this.#completed,
      turn,
      status: turn.status,
      items: this.#items,
      agentMessages: Object.fromEntries(texts.map(({ id, text }) => [id, text])),
      finalMessage,
      output: this.#hasOutputSchema ? parsedOrUndefined(finalMessage) : undefined,
      usage: this.#usage,
      recovered: this.#completed === undefined,
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
