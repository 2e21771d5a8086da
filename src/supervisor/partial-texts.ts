/**
 * What the agents of one server have said of messages that are not complete. The server has that nowhere, so it is lost with
 * it, and told of. Owns the pieces, from the first to the end of the message or of its turn, and a bound on them.
 */
import type { ServerMessage } from '../session/messages/server-message.js';
import type { Onlooker } from '../session/taps/taps.js';

/** The beginning of a message that its server never finished. */
export interface PartialText {
  /** The thread of the message. */
  readonly threadId: string;
  /** The turn of the message. */
  readonly turnId: string;
  /** The item that the message was to become. */
  readonly itemId: string;
  /** What had come of it; of more than 1,048,576 characters the first ones. */
  readonly text: string;
}

/** What is held of one message, in characters: far more than an agent writes in one. */
const HELD_CHARACTERS = 1024 * 1024;

/** The messages by which texts begin, grow and end. @internal */
export const TEXT_METHODS = [
  'item/agentMessage/delta',
  'item/completed',
  'turn/completed',
  'thread/closed',
] as const;

/** The unfinished messages of one server. @internal */
export class PartialTexts implements Onlooker {
  /** It takes whatever comes. */
  readonly isFull = false;
  readonly #texts = new Map<string, PartialText>();

  /** The messages that are not complete now. */
  get all(): readonly PartialText[] {
    return [...this.#texts.values()];
  }

  isLight(): boolean {
    return true;
  }

  add(message: ServerMessage): boolean {
    if (message.method === 'item/agentMessage/delta') this.#grow(message.params);
    else if (message.method === 'item/completed') this.#texts.delete(message.params?.item?.id);
    else if (message.method === 'turn/completed')
      this.#forget(message.params?.threadId, message.params?.turn?.id);
    else if (message.method === 'thread/closed') this.#forget(message.params?.threadId, undefined);
    return true;
  }

  end(): void {}

  #grow(params: Partial<Record<'threadId' | 'turnId' | 'itemId' | 'delta', unknown>> | undefined): void {
    const { threadId, turnId, itemId, delta } = params ?? {};
    if (typeof threadId !== 'string' || typeof turnId !== 'string') return;
    if (typeof itemId !== 'string' || typeof delta !== 'string') return;
    const text = this.#texts.get(itemId)?.text ?? '';
    if (text.length >= HELD_CHARACTERS) return;
    const grown = text + delta.slice(0, HELD_CHARACTERS - text.length);
    this.#texts.set(itemId, { threadId, turnId, itemId, text: grown });
  }

  /** A turn is over, or without one its whole thread. */
  #forget(threadId: string | undefined, turnId: string | undefined): void {
    for (const [itemId, text] of this.#texts) {
      const isOfTurn = turnId === undefined || text.turnId === turnId;
      if (text.threadId === threadId && isOfTurn) this.#texts.delete(itemId);
    }
  }
}
