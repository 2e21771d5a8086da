/**
 * The secrets of one message, masked. A pure function of what the message holds: keys, numbers, ids of threads and the
 * shape of the whole stay, so that a masked conversation can be played. What has no secret is given back as it is, the
 * same object.
 */

import { MASKED } from '../../support/secret-shapes.js';
import { maskEmails, maskText } from './secret-text.js';
import type { TapeMessage } from './tape.js';
import { isAccountName, isContainerName, isTellingName, isTellingOption } from './telling-names.js';

/** What a message says, beside its id and its method. */
export const BODY = ['params', 'result', 'error'] as const;
/** By these a message is played. */
const KEPT: ReadonlySet<string> = new Set(['id', 'method']);

/** Under these names of an entry, as in `{"name": "API_KEY", "value": "abc"}`, is what its value is. */
const LABELS = ['name', 'key', 'header', 'keyPath'] as const;
/** Where a setting is that is written: under this the value may be all headers. */
const SETTING: readonly string[] = ['keyPath'];
/** Of what is masked as a whole this stays: it says what it was. */
const TAGS: ReadonlySet<string> = new Set(['type', 'kind', 'name']);
/** Behind these options a command has a header. */
const HEADER_OPTIONS: readonly string[] = ['-H', '--header'];
/** Of a JSON schema: what stands in it describes a member and is none. */
const SCHEMA = 'properties';

/** How one message is masked. */
interface Scope {
  /** It is about the account. */
  readonly isAccount: boolean;
}

/** A message without its secrets. @param isAccount - it is about the account, which is masked then */
export function maskMessage(message: TapeMessage, isAccount: boolean): TapeMessage {
  const scope = { isAccount };
  return replaceBody(message, (member, name) => maskMember(message, { name, member, parent: '' }, scope));
}

/** A message whose members are what `replace` makes of them, but for its id and its method. */
export function replaceBody(
  message: TapeMessage,
  replace: (value: unknown, name: string) => unknown,
): TapeMessage {
  const replaced: Record<string, unknown> = {};
  for (const name of Object.keys(message)) {
    if (KEPT.has(name)) continue;
    const value = replace(message[name], name);
    if (value !== message[name]) replaced[name] = value;
  }
  return Object.keys(replaced).length === 0 ? message : { ...message, ...replaced };
}

/** A list or an object whose members are what `replace` makes of them; itself when none is replaced. */
export function replaceMembers(
  holder: object,
  replace: (value: unknown, name: string, holder: object) => unknown,
): unknown {
  let isChanged = false;
  const entries = Object.entries(holder).map(([name, value]): [string, unknown] => {
    const other = replace(value, name, holder);
    isChanged ||= other !== value;
    return [name, other];
  });
  if (!isChanged) return holder;
  return Array.isArray(holder) ? entries.map(([, value]) => value) : Object.fromEntries(entries);
}

/** @param parent - the name of the member that this is */
function masked(value: unknown, parent: string, scope: Scope): unknown {
  if (typeof value === 'string') return maskString(value, scope);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value))
    return replaceMembers(value, (entry, index) => listEntry(value, entry, Number(index), scope));
  return replaceMembers(value, (member, name) => maskMember(value, { name, member, parent }, scope));
}

function maskString(text: string, { isAccount }: Scope): string {
  const plain = maskText(text);
  return isAccount ? maskEmails(plain) : plain;
}

function maskMember(
  holder: object,
  { name, member, parent }: { readonly name: string; readonly member: unknown; readonly parent: string },
  scope: Scope,
): unknown {
  const isTelling = isTellingName(name) || (scope.isAccount && isAccountName(name));
  if (typeof member === 'string')
    return isTelling || isLabelled(holder, name) ? mask(member) : maskString(member, scope);
  if (typeof member !== 'object' || member === null || parent === SCHEMA) return masked(member, name, scope);
  if (isContainerName(name) || isBeside(holder, name, SETTING, isContainerName)) return maskAll(member);
  if (isTelling && Array.isArray(member))
    return replaceMembers(member, (entry) =>
      typeof entry === 'string' ? mask(entry) : masked(entry, name, scope),
    );
  return masked(member, name, scope);
}

/** In a list of arguments the one after `--token` is a secret, and the one after `-H` may have one. */
function listEntry(list: readonly unknown[], entry: unknown, index: number, scope: Scope): unknown {
  const before = list[index - 1];
  if (typeof entry !== 'string' || typeof before !== 'string') return masked(entry, '', scope);
  if (isTellingOption(before)) return mask(entry);
  if (!HEADER_OPTIONS.includes(before)) return maskString(entry, scope);
  const start = `${before} `;
  return maskString(start + entry, scope).slice(start.length);
}

function isLabelled(holder: object, name: string): boolean {
  return isBeside(holder, name, LABELS, isTellingName);
}

/** It is the value of a label that tells. */
function isBeside(
  holder: object,
  name: string,
  labels: readonly string[],
  tells: (label: string) => boolean,
): boolean {
  if (name !== 'value') return false;
  return labels.some((label) => {
    const text: unknown = Reflect.get(holder, label);
    return typeof text === 'string' && tells(text);
  });
}

/** Every text in it. */
function maskAll(value: unknown): unknown {
  if (typeof value === 'string') return mask(value);
  if (typeof value !== 'object' || value === null) return value;
  return replaceMembers(value, (member, name) =>
    TAGS.has(name) && typeof member === 'string' ? maskText(member) : maskAll(member),
  );
}

/** Nothing is no secret. */
function mask(text: string): string {
  return text === '' ? text : MASKED;
}
