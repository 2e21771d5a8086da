/**
 * The agent's text out of a turn's messages: its deltas, or the whole text of a message that had none. Who comes when
 * messages were read already gets the text from the record instead, so that nothing of it is missing.
 */
import type { ServerMessage } from '../../session/messages/server-message.js';
import { type PulledStream, PullStream } from '../../support/pull-stream.js';
import type { AgentMessage } from './turn-result.js';

/** What the text is taken from. */
export interface TextSource {
  readonly threadId: string | undefined;
  /** The text from the record, when messages were read before; asked for once, before anything is taken. */
  heard(): HeardText | undefined;
  /** The next message when it is at hand. */
  takeNow(): ServerMessage | undefined;
  /** The next message; `undefined` at the end. */
  take(): Promise<ServerMessage | undefined>;
  return(): Promise<unknown>;
  result(): Promise<unknown>;
  /** Deals with a message that no loop sees. */
  attend(message: ServerMessage): void;
}

/** What the agent said, from the beginning and as far as it is known. */
export class HeardText {
  readonly #record: { readonly agentMessages: Iterable<AgentMessage> };
  /** How much of each message was handed out, by its id. */
  readonly #handedOut = new Map<string, number>();

  constructor(record: { readonly agentMessages: Iterable<AgentMessage> }) {
    this.#record = record;
  }

  /** What of the first message was not handed out yet; `undefined` when nothing more is known. */
  next(): string | undefined {
    for (const { id, text } of this.#record.agentMessages) {
      const handedOut = this.#handedOut.get(id) ?? 0;
      if (text.length <= handedOut) continue;
      this.#handedOut.set(id, text.length);
      return text.slice(handedOut);
    }
    return undefined;
  }
}

/**
 * The text that the agent writes, piece by piece as it comes. Leaving it leaves the run.
 *
 * `next()` throws at the end what `result()` of the run rejects with, but for an `OutputMismatchError`. A reader that lags by more
 * than `maxHeldBytes` of text while others wait gets what came before, then once `BackpressureError` with `missed`, and goes on
 * behind what is missing; the result is whole.
 */
export interface TurnText extends PulledStream<string> {}

/** The text of a run's messages. */
export class LiveTurnText extends PullStream<string> implements TurnText {
  readonly #run: TextSource;
  /** Messages of which pieces were handed out: their whole text, when it comes, is known already. */
  readonly #streamed = new Set<string>();
  #heard: HeardText | undefined;
  #hasBegun = false;

  /** @internal */
  constructor(run: TextSource) {
    super();
    this.#run = run;
  }

  /** @internal */
  protected override async take(): Promise<string | undefined> {
    if (!this.#hasBegun) this.#heard = this.#run.heard();
    this.#hasBegun = true;
    for (;;) {
      const heard = this.#heard?.next();
      if (heard !== undefined) return heard;
      const message = this.#run.takeNow() ?? (await this.#run.take());
      if (message === undefined) return this.#finish();
      this.#run.attend(message);
      const piece = this.#heard === undefined ? this.#pieceOf(message) : undefined;
      if (piece !== undefined && piece !== '') return piece;
    }
  }

  /** @internal */
  protected override leave(): void {
    this.#run.return();
  }

  /** Ends as the run does, after what was still said while nobody took its messages. */
  async #finish(): Promise<string | undefined> {
    if (this.isLeft) return undefined;
    try {
      await this.#run.result();
      return this.#heard?.next();
    } catch (error) {
      const heard = this.#heard?.next();
      if (heard === undefined) throw error;
      return heard;
    }
  }

  #pieceOf(message: ServerMessage): string | undefined {
    // The text of sub-agents is their own.
    if (message.method === 'item/agentMessage/delta' && message.params.threadId === this.#run.threadId) {
      this.#streamed.add(message.params.itemId);
      return message.params.delta;
    }
    if (message.method === 'item/completed' && message.params.threadId === this.#run.threadId) {
      const { item } = message.params;
      if (item.type === 'agentMessage' && !this.#streamed.has(item.id)) return item.text;
    }
    return undefined;
  }
}
