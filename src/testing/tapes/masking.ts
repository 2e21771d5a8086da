/**
 * The secrets of one message, masked. A pure function of what the message holds: keys, numbers, ids of threads and the
 * shape of the whole stay, so that a masked conversation can be played. What has no secret is given back as it is, the
 * same object.
 */
import { maskEmails, maskText } from './secret-text.js';
import { MASKED, type TapeMessage } from './tape.js';
import { isAccountName, isContainerName, isTellingName, isTellingOption } from './telling-names.js';

/** What a message says, beside its id and its method. */
export const BODY = ['params', 'result', 'error'] as const;

/** Under these names of an entry, as in `{"name": "API_KEY", "value": "abc"}`, is what its value is. */
const LABELS = ['name', 'key', 'header'] as const;
/** Of what is masked as a whole this stays: it says what it was. */
const TAGS: ReadonlySet<string> = new Set(['type', 'kind', 'name']);
/** Of a JSON schema: what stands in it describes a member and is none. */
const SCHEMA = 'properties';

/** How one message is masked. */
interface Scope {
  /** It is about the account. */
  readonly isAccount: boolean;
}

/** A message without its secrets. @param isAccount - it is about the account, which is masked then */
export function maskMessage(message: TapeMessage, isAccount: boolean): TapeMessage {
  return replaceBody(message, (value) => masked(value, '', { isAccount }));
}

/** A message whose params, result and error are what `replace` makes of them. */
export function replaceBody(message: TapeMessage, replace: (value: unknown) => unknown): TapeMessage {
  const replaced: Record<string, unknown> = {};
  for (const name of BODY) {
    if (!Object.hasOwn(message, name)) continue;
    const value = replace(message[name]);
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
  if (isContainerName(name)) return maskAll(member);
  if (isTelling && Array.isArray(member))
    return replaceMembers(member, (entry) =>
      typeof entry === 'string' ? mask(entry) : masked(entry, name, scope),
    );
  return masked(member, name, scope);
}

/** In a list of arguments the one after `--token` is a secret. */
function listEntry(list: readonly unknown[], entry: unknown, index: number, scope: Scope): unknown {
  const before = list[index - 1];
  if (typeof entry === 'string' && typeof before === 'string' && isTellingOption(before)) return mask(entry);
  return masked(entry, '', scope);
}

function isLabelled(holder: object, name: string): boolean {
  if (name !== 'value') return false;
  return LABELS.some((label) => {
    const text: unknown = Reflect.get(holder, label);
    return typeof text === 'string' && isTellingName(text);
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
