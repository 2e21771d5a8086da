/**
 * Cuts TypeScript type text into tokens, so that the rest of the generator changes code and never what is written inside
 * a comment or a string. It knows brackets, and nothing about what a type means.
 *
 * The tokens joined again are the text they came from, byte for byte.
 */

/** A piece of source text: its kind and the text itself. */
export interface Token {
  readonly kind: 'comment' | 'string' | 'word' | 'space' | 'mark';
  readonly text: string;
}

const TOKEN =
  /(?<comment>\/\*[\s\S]*?\*\/|\/\/[^\n]*)|(?<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`)|(?<word>[\p{L}\p{N}_$]+)|(?<space>\s+)|(?<mark>[\s\S])/gu;

const OPENING = new Set(['{', '(', '[', '<']);
const CLOSING = new Set(['}', ')', ']', '>']);

/** Cuts `text` into tokens. */
export function tokenize(text: string): Token[] {
  return [...text.matchAll(TOKEN)].map(({ 0: whole, groups }) => ({
    kind: kindOf(groups ?? {}),
    text: whole,
  }));
}

function kindOf(groups: Record<string, string | undefined>): Token['kind'] {
  if (groups['comment'] !== undefined) return 'comment';
  if (groups['string'] !== undefined) return 'string';
  if (groups['word'] !== undefined) return 'word';
  return groups['space'] !== undefined ? 'space' : 'mark';
}

/** Joins tokens to text again. */
export function textOf(tokens: readonly Token[]): string {
  return tokens.map(({ text }) => text).join('');
}

/** Is this token the punctuation mark `mark`? */
export function isMark(token: Token | undefined, mark: string): boolean {
  return token?.kind === 'mark' && token.text === mark;
}

/** Drops white space at both ends. */
export function trim(tokens: readonly Token[]): Token[] {
  const first = tokens.findIndex(({ kind }) => kind !== 'space');
  const last = tokens.findLastIndex(({ kind }) => kind !== 'space');
  return first === -1 ? [] : tokens.slice(first, last + 1);
}

/** The tokens without comments and white space at both ends. */
export function withoutComments(tokens: readonly Token[]): Token[] {
  return trim(tokens.filter(({ kind }) => kind !== 'comment'));
}

/** Splits at each `separator` that stands outside all brackets. Empty pieces at the end are dropped. */
export function splitTop(tokens: readonly Token[], separator: string): Token[][] {
  const pieces: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (token.kind === 'mark' && OPENING.has(token.text)) depth += 1;
    if (token.kind === 'mark' && CLOSING.has(token.text)) depth -= 1;
    if (depth === 0 && isMark(token, separator)) pieces.push([]);
    else pieces.at(-1)?.push(token);
  }
  const trimmed = pieces.map(trim);
  while (trimmed.at(-1)?.length === 0) trimmed.pop();
  return trimmed;
}

/** The index of the bracket that closes the one at `open`. */
export function closingIndex(tokens: readonly Token[], open: number): number {
  let depth = 0;
  for (let index = open; index < tokens.length; index += 1) {
    const token = tokens[index];
    if (token?.kind !== 'mark') continue;
    if (OPENING.has(token.text)) depth += 1;
    if (CLOSING.has(token.text)) depth -= 1;
    if (depth === 0) return index;
  }
  throw new Error(`unbalanced brackets in: ${textOf(tokens).slice(0, 200)}`);
}

/** What stands between `open` and its closing bracket, when the two enclose all of the tokens. */
export function insideOf(tokens: readonly Token[], open: '{' | '('): Token[] | undefined {
  const trimmed = trim(tokens);
  if (!isMark(trimmed[0], open) || closingIndex(trimmed, 0) !== trimmed.length - 1) return undefined;
  return trimmed.slice(1, -1);
}

/** The index of the colon between a field's name and its type, or -1. The one of `[key in string]?: T` counts. */
export function colonIndex(field: readonly Token[]): number {
  let depth = 0;
  return field.findIndex((token) => {
    if (token.kind === 'mark' && OPENING.has(token.text)) depth += 1;
    if (token.kind === 'mark' && CLOSING.has(token.text)) depth -= 1;
    return depth === 0 && isMark(token, ':');
  });
}
