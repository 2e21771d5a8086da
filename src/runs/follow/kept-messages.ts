/**
 * The newest messages of a thread, numbered in wire order, as many as fit. Owns the bound: what finds no room any more is
 * let go, the oldest first, and the newest is held whatever its size.
 */
import { coalescingRuleOf } from '../../protocol/coalescing.js';
import type { ServerMessage } from '../../session/messages/server-message.js';
import { continues, stateKeyOf } from '../../session/streams/merged-messages.js';
import type { MessageEntry } from './thread-entry.js';

/** A message that is held. */
export interface Kept {
  readonly sequence: number;
  readonly entry: MessageEntry;
  readonly bytes: number;
  /** It is one more piece of the text that the message before it is a piece of. */
  readonly isContinuation: boolean;
  /** It is a state, of which only the latest with the same key is of interest. */
  readonly stateKey: string | undefined;
}

/** So many places of messages that were let go are taken out at once. */
const FREED_AT_ONCE = 1_024;

/** The messages of one thread. */
export class KeptMessages {
  readonly #maxBytes: number;
  #places: (Kept | undefined)[] = [];
  /** The first of the places that is in use. */
  #start = 0;
  #base = 0;
  #bytes = 0;
  readonly #latestStates = new Map<string, number>();

  /** @param maxBytes - what may be held; the newest alone may be larger */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** All messages behind this number are held. */
  get base(): number {
    return this.#base;
  }

  /** The number of the newest message, also when it is not held any more. */
  get head(): number {
    return this.#base + this.#places.length - this.#start;
  }

  /** What is held costs so much. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The message with this number, if it is held. */
  at(sequence: number): Kept | undefined {
    return sequence <= this.#base ? undefined : this.#places[this.#start + sequence - this.#base - 1];
  }

  /** A later state is held, so that this one is of no interest. */
  isReplaced({ stateKey, sequence }: Kept): boolean {
    return stateKey !== undefined && this.#latestStates.get(stateKey) !== sequence;
  }

  /** Holds one more message, whose id is that of the next number. */
  add(message: ServerMessage, id: string, bytes: number): void {
    const sequence = this.head + 1;
    const rule = coalescingRuleOf(message.method);
    const previous = this.at(sequence - 1)?.entry.message;
    const isContinuation =
      rule.rule === 'grows' && previous !== undefined && continues(previous, message, rule);
    const stateKey = rule.rule === 'replaces' ? stateKeyOf(message, rule.within) : undefined;
    if (stateKey !== undefined) this.#latestStates.set(stateKey, sequence);
    this.#places.push({ sequence, entry: { id, message }, bytes, isContinuation, stateKey });
    this.#bytes += bytes;
    while (this.#bytes > this.#maxBytes && this.#base + 1 < sequence) this.#letGo();
  }

  /** Lets go of everything; the next number is taken by something that is no message. */
  skip(): void {
    this.#base = this.head + 1;
    this.#places = [];
    this.#start = 0;
    this.#bytes = 0;
    this.#latestStates.clear();
  }

  #letGo(): void {
    const oldest = this.#places[this.#start];
    this.#places[this.#start] = undefined;
    this.#start += 1;
    this.#base += 1;
    this.#bytes -= oldest?.bytes ?? 0;
    const stateKey = oldest?.stateKey;
    if (stateKey !== undefined && this.#latestStates.get(stateKey) === oldest?.sequence)
      this.#latestStates.delete(stateKey);
    if (this.#start < FREED_AT_ONCE || this.#start * 2 < this.#places.length) return;
    this.#places = this.#places.slice(this.#start);
    this.#start = 0;
  }
}
