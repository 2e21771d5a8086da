/**
 * Writes what a hover says of a typed method: what goes in and what comes back, in the protocol's own words where it has
 * any, otherwise as the shapes of params and answer have it. Nothing is said that upstream's types, schemas and docs do not
 * say, but for the helpers that do more.
 */
import type { Declaration } from './flatten.js';
import { HELPER_POINTERS, pagesPointer } from './helper-pointers.js';
import type { Method } from './method-map.js';
import { documentedFields, type KeyUse, keyUses, type LookUp } from './type-shape.js';

/** As many names are given one by one; the rest is counted. */
const MAX_NAMES = 6;
/** As many members of a type without a doc are explained. */
const MAX_EXPLAINED = 6;
/** Lines are broken before they pass this; words are not. */
const MAX_COLUMNS = 115;

/** What is known beside the method itself. */
export interface Upstream {
  readonly declarations: ReadonlyMap<string, Declaration>;
  /** What the protocol says of the method as such. */
  readonly descriptions: ReadonlyMap<string, string>;
}

/** The lines of a method's doc, block tags last, as TSDoc wants it. */
export function methodDoc(method: Method, upstream: Upstream): string[] {
  const params = textsOf(method.paramsName, upstream.declarations);
  const answer = textsOf(method.response, upstream.declarations);
  const lookUp: LookUp = (name) => upstream.declarations.get(name)?.body;
  const description = upstream.descriptions.get(method.method) ?? '';
  const paragraphs = [
    sentence(method, lookUp),
    // Where the params' doc begins with the same word it says the same, and more.
    isSentence(description) && firstWord(description) !== firstWord(params.doc) ? description : '',
    params.doc,
    params.doc === '' ? explained('Params', method.paramsName, lookUp) : '',
    answer.doc === '' ? explained('Answer', method.response, lookUp) : `The answer: ${answer.doc}`,
    pointer(method, lookUp),
    method.experimental ? '@experimental Needs `experimentalApi: true`.' : '',
    params.tags,
  ];
  return paragraphs
    .filter((paragraph) => paragraph !== '')
    .join('\n\n')
    .split('\n')
    .flatMap(wrapped);
}

function wrapped(line: string): string[] {
  const indent = line.startsWith('- ') ? '  ' : '';
  const lines: string[] = [];
  for (const word of line.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined) lines.push(word);
    else if (last.length + word.length < MAX_COLUMNS) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(indent + word);
  }
  return lines;
}

/** One sentence with the names of what goes in and what comes back. */
function sentence({ method, params, response }: Method, lookUp: LookUp): string {
  const taken = keyUses(params, lookUp) ?? [];
  const given = keyUses(response ?? 'unknown', lookUp);
  const sends = `Sends \`${method}\`${withNames(taken, 'optionally')}`;
  if (given === undefined) return `${sends}.`;
  return `${sends}; the server answers${given.length === 0 ? ' with nothing' : withNames(given, 'sometimes')}.`;
}

function withNames(keys: readonly KeyUse[], other: string): string {
  const always = listed(keys.filter(({ isAlways }) => isAlways));
  const perhaps = listed(keys.filter(({ isAlways }) => !isAlways));
  if (perhaps === '') return always === '' ? '' : ` with ${always}`;
  return always === '' ? `, ${other} with ${perhaps}` : ` with ${always}, and ${other} ${perhaps}`;
}

function listed(keys: readonly KeyUse[]): string {
  // One name more is no longer than saying that there is one more.
  const shown = keys.length <= MAX_NAMES + 1 ? keys : keys.slice(0, MAX_NAMES);
  const hidden = keys.length - shown.length;
  const words = [...shown.map(({ name }) => `\`${name}\``), ...(hidden === 0 ? [] : [`${hidden} more`])];
  const last = words.pop() ?? '';
  return words.length === 0 ? last : `${words.join(', ')} and ${last}`;
}

/** The members of a type that has no doc of its own, each with the first sentence of its doc; those it needs first. */
function explained(what: string, name: string | undefined, lookUp: LookUp): string {
  const fields = documentedFields(name ?? '', lookUp)
    .map(({ doc, ...field }) => ({ ...field, doc: firstSentence(textsOfComment(doc).doc) }))
    .filter(({ doc }) => doc !== '')
    .sort((left, right) => Number(left.optional) - Number(right.optional))
    .slice(0, MAX_EXPLAINED);
  if (fields.length === 0) return '';
  return [`${what}:`, ...fields.map((field) => `- \`${field.name}\`: ${field.doc}`)].join('\n');
}

function pointer({ method, params, response }: Method, lookUp: LookUp): string {
  const has = (type: string | undefined, key: string) =>
    keyUses(type ?? 'unknown', lookUp)?.some(({ name }) => name === key) ?? false;
  if (has(params, 'cursor') && has(response, 'data') && has(response, 'nextCursor'))
    return pagesPointer(method);
  return HELPER_POINTERS[method] ?? '';
}

interface Texts {
  /** The text before the block tags; empty where it says no more than the name. */
  readonly doc: string;
  readonly tags: string;
}

function textsOf(name: string | undefined, declarations: ReadonlyMap<string, Declaration>): Texts {
  return textsOfComment(declarations.get(name ?? '')?.doc ?? '');
}

function textsOfComment(comment: string): Texts {
  const lines = comment
    .replace(/^\/\*\*/, '')
    .replace(/\*\/$/, '')
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, '').trimEnd());
  const tag = lines.findIndex((line) => line.trimStart().startsWith('@'));
  const textOf = (part: readonly string[]) => part.join('\n').trim();
  const doc = textOf(tag === -1 ? lines : lines.slice(0, tag));
  return { doc: saysNoMore(doc) ? '' : doc, tags: tag === -1 ? '' : textOf(lines.slice(tag)) };
}

/** `Parameters for x/y.`, `Successful response for x/y.`: the hover says that already. */
function saysNoMore(doc: string): boolean {
  const text = doc.replaceAll('`', '');
  return (
    /^Parameters for \S+\.$/.test(text) || /^(EXPERIMENTAL - )?[\w /]*response( for [\w /]+)?\.$/i.test(text)
  );
}

function firstSentence(doc: string): string {
  const text = doc.split('\n\n')[0]?.replaceAll(/\s+/g, ' ') ?? '';
  return /^.*?(?<!e\.g|i\.e)[.!?](?= |$)/.exec(text)?.[0] ?? text;
}

function isSentence(text: string): boolean {
  return /\.$/.test(text.trim());
}

function firstWord(text: string): string {
  return /^\w+/.exec(text)?.[0].toLowerCase() ?? '';
}
