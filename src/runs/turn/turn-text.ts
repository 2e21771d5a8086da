/** The agent's text out of a turn's messages: its deltas, or the whole text of a message that had none. */
import type {
  ServerMessage,
  ServerNotification,
  ServerRequest,
} from '../../session/messages/server-message.js';
import { PullStream } from '../../support/pull-stream.js';
import type { TurnResult } from './turn-record.js';

/** What the text is taken from. */
export interface TextSource {
  readonly threadId: string | undefined;
  next(): Promise<IteratorResult<ServerMessage, undefined>>;
  return(): Promise<unknown>;
  result(): Promise<TurnResult>;
  /** Refuses a server request: who reads only the text answers nothing. */
  deny(request: ServerRequest): void;
  /** Looks into an error that nobody else sees. */
  noteError(message: ServerNotification<'error'>): void;
}

/**
 * The text that the agent writes, piece by piece as it comes. Leaving it leaves the run.
 *
 * `next()` throws at the end what `result()` of the run rejects with.
 */
export class TurnText extends PullStream<string> {
  readonly #run: TextSource;
  /** Messages of which pieces were handed out: their whole text, when it comes, is known already. */
  readonly #streamed = new Set<string>();

  /** @internal */
  constructor(run: TextSource) {
    super();
    this.#run = run;
  }

  /** @internal */
  protected override async take(): Promise<string | undefined> {
    for (;;) {
      const { done, value: message } = await this.#run.next();
      if (done === true) break;
      if (message.kind === 'request') this.#run.deny(message);
      else if (message.method === 'error') this.#run.noteError(message);
      const piece = this.#pieceOf(message);
      if (piece !== undefined && piece !== '') return piece;
    }
    if (!this.isLeft) await this.#run.result();
    return undefined;
  }

  /** @internal */
  protected override leave(): void {
    this.#run.return();
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
