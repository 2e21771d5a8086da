/**
 * What a user wants masked besides the secrets that are always masked: texts, wherever they stand, and places in messages.
 * Owns the check of both, and what they do to one message.
 */
import {
  checkKnownKeys,
  checkTextList,
  isPlainObject,
  rejectArgument,
} from '../../support/argument-checks.js';
import { MASKED } from '../../support/secret-shapes.js';
import { BODY, replaceBody, replaceMembers } from './masking.js';
import type { TapeMessage } from './tape.js';

/** What is masked besides the secrets that are always masked. */
export interface RedactOptions {
  /**
   * Texts that are replaced wherever they occur in what is said, in names of members too, also where they stand as JSON
   * within a text: a list, each of which becomes `[masked]`, or an object with what each becomes, for example
   * `{[homedir()]: '/home/me'}`. Where two fit, the longer one is replaced.
   *
   * @defaultValue none
   */
  readonly strings?: readonly string[] | Readonly<Record<string, string>> | undefined;
  /**
   * Members that become `[masked]`, whatever they hold, each as a path from the message on: `params.input.*.text`. `*` is
   * any member or index, `**` any number of them. The first name is `params`, `result`, `error`, `*` or `**`; ids and
   * methods always stay.
   *
   * @defaultValue none
   */
  readonly paths?: readonly string[] | undefined;
}

/** Any member or index. */
const ANY = '*';
/** Any number of members or indices, none included. */
const ANY_DEPTH = '**';
const FIRST_NAMES: readonly string[] = [...BODY, ANY, ANY_DEPTH];
/** So many times a text may have been made JSON: a text within an argument within a tool call. */
const JSON_DEPTHS = 2;

/** Replaces what a user has named. */
export class Redaction {
  /** Of each message that the redaction may change, the text as JSON has one of these. */
  readonly texts: readonly string[];
  /** Of each message that the redaction may change and has none of {@link texts}, a member has one of these names; `undefined` for any message. */
  readonly names: readonly string[] | undefined;
  readonly #replacements: ReadonlyMap<string, string>;
  readonly #pattern: RegExp | undefined;
  readonly #paths: readonly (readonly string[])[];

  /** @throws InvalidArgumentError when an option cannot work */
  constructor(options: RedactOptions = {}) {
    checkRedactOptions(options);
    this.#replacements = replacementsOf(options.strings ?? []);
    this.#pattern = patternOf([...this.#replacements.keys()]);
    this.#paths = (options.paths ?? []).map((path) => path.split('.'));
    this.texts = [...this.#replacements.keys()].map(asJson);
    this.names = lastNames(this.#paths);
  }

  /** The message, redacted; itself when there is nothing to do. */
  apply(message: TapeMessage): TapeMessage {
    const placed = this.#paths.reduce(redactPath, message);
    return this.#pattern === undefined ? placed : replaceBody(placed, (value) => this.#replaceIn(value));
  }

  #replaceIn(value: unknown): unknown {
    if (typeof value === 'string') return this.#replace(value);
    if (typeof value !== 'object' || value === null) return value;
    const replaced = replaceMembers(value, (member) => this.#replaceIn(member));
    return isPlainObject(replaced) ? this.#renamed(replaced) : replaced;
  }

  #renamed(holder: Record<string, unknown>): Record<string, unknown> {
    const names = Object.keys(holder).map((name) => [name, this.#replace(name)] as const);
    const taken = new Set(names.filter(([name, other]) => name === other).map(([name]) => name));
    if (taken.size === names.length) return holder;
    const renamed = names.map(([name, other]): [string, unknown] => {
      let free = other;
      // Two names that become one would be one member. A replay takes anything for what is added.
      while (name !== other && taken.has(free)) free += MASKED;
      taken.add(free);
      return [free, holder[name]];
    });
    return Object.fromEntries(renamed);
  }

  #replace(text: string): string {
    const pattern = this.#pattern;
    return pattern === undefined
      ? text
      : text.replace(pattern, (found) => this.#replacements.get(found) ?? MASKED);
  }
}

function checkRedactOptions(options: RedactOptions): void {
  checkKnownKeys('options.redact', options, ['strings', 'paths']);
  const { strings = [], paths } = options;
  if (Array.isArray(strings)) checkTextList('options.redact.strings', strings);
  else checkReplacements(strings);
  for (const text of isPlainObject(strings) ? Object.keys(strings) : strings)
    if (text === '') rejectArgument('options.redact.strings', text, 'texts that are not empty');
  checkTextList('options.redact.paths', paths);
  for (const [index, path] of (paths ?? []).entries()) checkPath(`options.redact.paths[${index}]`, path);
}

function checkReplacements(strings: unknown): void {
  if (!isPlainObject(strings))
    rejectArgument(
      'options.redact.strings',
      strings,
      'an array of strings, or an object with what each becomes',
    );
  for (const [text, replacement] of Object.entries(strings))
    if (typeof replacement !== 'string')
      rejectArgument(`options.redact.strings[${JSON.stringify(text)}]`, replacement, 'a string');
}

function checkPath(argument: string, path: string): void {
  const [first = '', ...rest] = path.split('.');
  if (FIRST_NAMES.includes(first) && !rest.includes('')) return;
  rejectArgument(
    argument,
    path,
    'a path that begins with params, result, error, * or **, for example "params.input.*.text"',
  );
}

/** Each text and what it becomes, as it is and as JSON has it. */
function replacementsOf(strings: NonNullable<RedactOptions['strings']>): ReadonlyMap<string, string> {
  const given: readonly (readonly [string, string])[] = isList(strings)
    ? strings.map((text) => [text, MASKED])
    : Object.entries(strings);
  const all = new Map<string, string>();
  let level = given;
  for (let depth = 0; depth <= JSON_DEPTHS; depth += 1) {
    for (const [text, replacement] of level) if (!all.has(text)) all.set(text, replacement);
    level = level.map(([text, replacement]) => [asJson(text), asJson(replacement)]);
  }
  return all;
}

/** `Array.isArray` does not narrow a read-only list. */
function isList(strings: NonNullable<RedactOptions['strings']>): strings is readonly string[] {
  return Array.isArray(strings);
}

/** One that finds any of the texts, the longest first; `undefined` without any. */
function patternOf(texts: readonly string[]): RegExp | undefined {
  if (texts.length === 0) return undefined;
  const longestFirst = texts.toSorted((a, b) => b.length - a.length);
  return new RegExp(
    longestFirst.map((text) => text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('|'),
    'g',
  );
}

/** A text as it stands in JSON, without its quotes. */
function asJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** The last name of each path; `undefined` when a path has none that JSON shows. */
function lastNames(paths: readonly (readonly string[])[]): readonly string[] | undefined {
  const names = paths.map((path) => path.findLast((name) => !/^(?:\*{1,2}|\d+)$/.test(name)));
  return names.some((name) => name === undefined) ? undefined : names.filter((name) => name !== undefined);
}

function redactPath(message: TapeMessage, [first = '', ...rest]: readonly string[]): TapeMessage {
  const body = Object.fromEntries(
    BODY.flatMap((name) => (Object.hasOwn(message, name) ? [[name, message[name]]] : [])),
  );
  const redacted = redactAt(body, [first, ...rest]);
  return redacted === body || !isPlainObject(redacted) ? message : { ...message, ...redacted };
}

/** The value with what stands at the path masked. */
function redactAt(value: unknown, path: readonly string[]): unknown {
  const [name, ...rest] = path;
  if (name === undefined) return MASKED;
  if (typeof value !== 'object' || value === null) return value;
  if (name !== ANY_DEPTH)
    return replaceMembers(value, (member, key) =>
      name === ANY || name === key ? redactAt(member, rest) : member,
    );
  const here = rest.length === 0 ? value : redactAt(value, rest);
  if (typeof here !== 'object' || here === null) return here;
  return replaceMembers(here, (member) =>
    rest.length === 0 && isLeaf(member) ? MASKED : redactAt(member, path),
  );
}

function isLeaf(value: unknown): boolean {
  return typeof value !== 'object' || value === null;
}
