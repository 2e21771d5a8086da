/**
 * Merges what a lagging reader has not read (L22): a piece of text goes behind the one before it, and of a state only the
 * latest is kept. Owns which unread message may still grow or be replaced, and the text that grows. It holds no messages
 * and counts no bytes; it is asked only while something is unread, so that a reader that keeps up pays nothing.
 *
 * The invariant: what is read is the same text, and in the same order, as without merging. So a message grows only as long
 * as it is the last of its thread and nothing was asked since.
 */
import { Buffer } from 'node:buffer';
import { coalescingRuleOf } from '../../protocol/coalescing.js';
import { type ServerMessage, scopeOf } from '../messages/server-message.js';
import {
  continues,
  type GrowingRule,
  GrowingText,
  merged,
  mergedCount,
  stateKeyOf,
  textAt,
} from './merged-messages.js';
import type { HeldMessage } from './unread-messages.js';

/** What becomes of a message that arrives. */
export type Merging =
  | { readonly into: HeldMessage; readonly piece: string; readonly bytes: number }
  | { readonly replaces: HeldMessage };

/** Says what may be merged, and merges. */
export class Coalescer {
  /** The newest unread message of each thread. */
  readonly #newest = new Map<string | undefined, HeldMessage>();
  /** The unread messages that the next of their kind replaces. */
  readonly #states = new Map<string, HeldMessage>();
  readonly #growing = new Map<HeldMessage, GrowingText>();
  /** The message that came when nothing was unread, until another one comes. */
  #first: HeldMessage | undefined;
  /** The place on the wire of the last message that was read. */
  #readUpTo = -1;

  /** A message was put into an empty buffer. */
  noteFirst(held: HeldMessage): void {
    this.#first = held;
  }

  /** A message was put behind others that are unread. */
  note(held: HeldMessage): void {
    // What came before it has its place before it.
    this.#noteWhatIsFirst();
    const { message } = held;
    // Whoever is asked has to see what was said before by itself.
    if (message.kind === 'request') this.#newest.clear();
    else this.#newest.set(scopeOf(message).threadId, held);
    const rule = coalescingRuleOf(message.method);
    if (rule.rule === 'replaces') this.#states.set(stateKeyOf(message, rule.within), held);
  }

  /** What becomes of a message that came while others are unread; undefined when it stands for itself. */
  mergingOf(message: ServerMessage): Merging | undefined {
    this.#noteWhatIsFirst();
    const rule = coalescingRuleOf(message.method);
    if (rule.rule === 'plain') return undefined;
    if (rule.rule === 'grows') return this.#growthOf(message, rule);
    const known = this.#states.get(stateKeyOf(message, rule.within));
    return known === undefined || known.sequence <= this.#readUpTo ? undefined : { replaces: known };
  }

  /** Puts a piece behind the message that it is merged into. */
  grow(into: HeldMessage, message: ServerMessage, piece: string): void {
    let growing = this.#growing.get(into);
    if (growing === undefined) {
      growing = new GrowingText(into.message, coalescingRuleOf(message.method) as GrowingRule);
      this.#growing.set(into, growing);
    }
    growing.add(message, piece);
  }

  /** The message that takes the place of the one it replaces. */
  replacing(replaced: HeldMessage, message: ServerMessage): ServerMessage {
    return merged(message, mergedCount(replaced.message) + mergedCount(message));
  }

  /** A message is read. */
  taken(held: HeldMessage): void {
    this.#readUpTo = Math.max(this.#readUpTo, held.sequence);
    if (this.#first === held) this.#first = undefined;
    const growing = this.#growing.get(held);
    if (growing === undefined) return;
    held.message = growing.whole();
    this.#growing.delete(held);
  }

  /** Nothing that is unread grows any more, or is replaced: it is taken out, or nothing is left. */
  settle(): void {
    for (const [held, growing] of this.#growing) held.message = growing.whole();
    this.#growing.clear();
    this.#newest.clear();
    this.#states.clear();
    this.#first = undefined;
  }

  #noteWhatIsFirst(): void {
    const first = this.#first;
    if (first === undefined) return;
    this.settle();
    this.note(first);
  }

  #growthOf(message: ServerMessage, rule: GrowingRule): Merging | undefined {
    const known = this.#newest.get(scopeOf(message).threadId);
    if (known === undefined || known.sequence <= this.#readUpTo) return undefined;
    const piece = textAt(message, rule.member);
    if (piece === undefined || !continues(known.message, message, rule)) return undefined;
    return { into: known, piece, bytes: Buffer.byteLength(piece) };
  }
}
