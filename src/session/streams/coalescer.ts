/**
 * Merges what a lagging reader has not read (L22): a piece of text goes behind the one before it, and of a state only the
 * latest is kept. Owns which unread message may still grow or be replaced, and the text that grows. It holds no messages
 * and counts no bytes; it is asked only while something is unread, so that a reader that keeps up pays nothing.
 *
 * The invariant: what is read is the same text, and in the same order, as without merging. So a message grows only as long
 * as it is the last of its thread and nothing was asked since.
 */
import { Buffer } from 'node:buffer';
import { type CoalescingRule, coalescingRuleOf } from '../../protocol/coalescing.js';
import { type ServerMessage, scopeOf } from '../messages/server-message.js';
import { SEPARATOR } from './route-table.js';
import type { HeldMessage } from './unread-messages.js';

type GrowingRule = Extract<CoalescingRule, { rule: 'grows' }>;

/** What becomes of a message that arrives. */
export type Merging =
  | { readonly into: HeldMessage; readonly piece: string; readonly bytes: number }
  | { readonly replaces: HeldMessage };

/** So many pieces are made one text: a text of many small ones takes several times its size. */
const PIECES_JOINED_AT_ONCE = 256;

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
    if (rule.rule === 'replaces') this.#states.set(keyOf(message, rule.within), held);
  }

  /** What becomes of a message that came while others are unread; undefined when it stands for itself. */
  mergingOf(message: ServerMessage): Merging | undefined {
    this.#noteWhatIsFirst();
    const rule = coalescingRuleOf(message.method);
    if (rule.rule === 'plain') return undefined;
    if (rule.rule === 'grows') return this.#growthOf(message, rule);
    const known = this.#states.get(keyOf(message, rule.within));
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

  #growthOf(message: ServerMessage, { member, within }: GrowingRule): Merging | undefined {
    const scope = scopeOf(message);
    const known = this.#newest.get(scope.threadId);
    if (known === undefined || known.sequence <= this.#readUpTo) return undefined;
    const piece = textAt(message, member);
    const isSame =
      known.message.method === message.method && isSameText(known.message, message, scope.turnId, within);
    if (!isSame || piece === undefined || textAt(known.message, member) === undefined) return undefined;
    return { into: known, piece, bytes: Buffer.byteLength(piece) };
  }
}

/** A message into which others are merged, until it is read. */
class GrowingText {
  readonly #rule: GrowingRule;
  /** What is joined already, and the pieces that are not. */
  readonly #joined: string[] = [];
  #pieces: string[];
  #newest: ServerMessage;
  #count: number;

  constructor(first: ServerMessage, rule: GrowingRule) {
    this.#rule = rule;
    this.#pieces = [textAt(first, rule.member) ?? ''];
    this.#newest = first;
    this.#count = mergedCount(first);
  }

  add(message: ServerMessage, piece: string): void {
    this.#newest = message;
    this.#count += mergedCount(message);
    if (this.#pieces.length === PIECES_JOINED_AT_ONCE) {
      this.#joined.push(this.#join(this.#pieces));
      this.#pieces = [];
    }
    this.#pieces.push(piece);
  }

  /** The newest message with the whole text. */
  whole(): ServerMessage {
    const text = this.#join([...this.#joined, ...this.#pieces]);
    return merged(withText(this.#newest, this.#rule.member, text), this.#count);
  }

  #join(pieces: readonly string[]): string {
    if (this.#rule.isBase64 !== true) return pieces.join('');
    return Buffer.concat(pieces.map((piece) => Buffer.from(piece, 'base64'))).toString('base64');
  }
}

/** How many messages of the server a message stands for. */
export function mergedCount(message: ServerMessage): number {
  return 'coalesced' in message ? (message.coalesced ?? 1) : 1;
}

/** A copy: whoever else has seen the message keeps it as it was. */
function merged(message: ServerMessage, coalesced: number): ServerMessage {
  return { ...message, coalesced } as ServerMessage;
}

function withText(message: ServerMessage, member: string, text: string): ServerMessage {
  return { ...message, params: { ...(message.params as object), [member]: text } } as ServerMessage;
}

/** Malformed params have no text, and are not merged. */
function textAt({ params }: ServerMessage, member: string): string | undefined {
  const text = (params as Readonly<Record<string, unknown>> | null | undefined)?.[member];
  return typeof text === 'string' ? text : undefined;
}

/** Whether a piece is of the text that another one of its thread and method is of. */
function isSameText(
  known: ServerMessage,
  message: ServerMessage,
  turnId: string | undefined,
  within: readonly string[],
): boolean {
  const ofKnown = paramsOf(known);
  const ofMessage = paramsOf(message);
  return scopeOf(known).turnId === turnId && within.every((name) => ofKnown[name] === ofMessage[name]);
}

function paramsOf({ params }: ServerMessage): Readonly<Record<string, unknown>> {
  return (params ?? {}) as Readonly<Record<string, unknown>>;
}

function keyOf(message: ServerMessage, within: readonly string[]): string {
  const { threadId, turnId } = scopeOf(message);
  const params = paramsOf(message);
  return [message.method, threadId, turnId, ...within.map((member) => params[member])].join(SEPARATOR);
}
