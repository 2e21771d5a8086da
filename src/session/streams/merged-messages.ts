/**
 * How unread messages become one (L22): the text that grows, and what two states have to have alike. Owns what a merged message
 * looks like; which messages may be merged, those decide who hold them.
 */
import { Buffer } from 'node:buffer';
import type { CoalescingRule } from '../../protocol/coalescing.js';
import { type ServerMessage, scopeOf } from '../messages/server-message.js';
import { SEPARATOR } from './route-table.js';

/** The rule of a piece of text. */
export type GrowingRule = Extract<CoalescingRule, { rule: 'grows' }>;

/** So many pieces are made one text: a text of many small ones takes several times its size. */
const PIECES_JOINED_AT_ONCE = 256;

/** A message into which others are merged, until it is read. */
export class GrowingText {
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

/** A message that stands for so many. A copy: whoever else has seen the message keeps it as it was. */
export function merged(message: ServerMessage, coalesced: number): ServerMessage {
  return { ...message, coalesced } as ServerMessage;
}

function withText(message: ServerMessage, member: string, text: string): ServerMessage {
  return { ...message, params: { ...(message.params as object), [member]: text } } as ServerMessage;
}

/** Malformed params have no text, and are not merged. */
export function textAt({ params }: ServerMessage, member: string): string | undefined {
  const text = (params as Readonly<Record<string, unknown>> | null | undefined)?.[member];
  return typeof text === 'string' ? text : undefined;
}

/** Whether a message is one more piece of the text that another message of its thread is a piece of. */
export function continues(
  known: ServerMessage,
  message: ServerMessage,
  { member, within }: GrowingRule,
): boolean {
  if (known.method !== message.method || scopeOf(known).turnId !== scopeOf(message).turnId) return false;
  const ofKnown = paramsOf(known);
  const ofMessage = paramsOf(message);
  const isSame = within.every((name) => ofKnown[name] === ofMessage[name]);
  return isSame && textAt(known, member) !== undefined && textAt(message, member) !== undefined;
}

function paramsOf({ params }: ServerMessage): Readonly<Record<string, unknown>> {
  return (params ?? {}) as Readonly<Record<string, unknown>>;
}

/** What a state is of: the latest with the same key replaces the others. */
export function stateKeyOf(message: ServerMessage, within: readonly string[]): string {
  const { threadId, turnId } = scopeOf(message);
  const params = paramsOf(message);
  return [message.method, threadId, turnId, ...within.map((member) => params[member])].join(SEPARATOR);
}
