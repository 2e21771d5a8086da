/**
 * Lays a type out for a reader: one field a line, one union member a line, doc comments above their field. Changes white
 * space and the first `|` of a broken union, and never a word.
 */
import { closingIndex, colonIndex, isMark, splitTop, type Token, textOf, tokenize, trim } from './tokens.js';

/** Types that fit into this many columns stay on one line. */
const MAX_COLUMNS = 100;
const STEP = '  ';

/** Lays out the text of a type. `indent` is the indentation of the line it stands on. */
export function layOutType(type: string, indent = ''): string {
  return layOut(trim(tokenize(type)), indent);
}

/** A doc comment with each line at `indent`. */
export function indentComment(comment: string, indent: string): string {
  return comment
    .split('\n')
    .map((line) => line.trim())
    .map((line) => indent + (line.startsWith('*') ? ` ${line}` : line))
    .join('\n');
}

function layOut(tokens: readonly Token[], indent: string): string {
  if (fitsOneLine(tokens, indent)) return textOf(tokens).replaceAll(/\s+/g, ' ');
  const members = splitTop(tokens, '|').filter((member) => member.length > 0);
  if (members.length === 1) return layOutGroups(tokens, indent);
  return members.map((member) => `\n${indent}${STEP}| ${layOutMember(member, indent + STEP)}`).join('');
}

function fitsOneLine(tokens: readonly Token[], indent: string): boolean {
  if (tokens.some(({ kind }) => kind === 'comment')) return false;
  return textOf(tokens).replaceAll(/\s+/g, ' ').length + indent.length <= MAX_COLUMNS;
}

function layOutMember(member: readonly Token[], indent: string): string {
  const { comments, rest } = splitComments(member);
  if (comments.length === 0) return layOut(rest, indent);
  const above = comments.map((comment) => indentComment(comment, indent + STEP)).join('\n');
  return `${above.trimStart()}\n${indent}${STEP}${layOut(rest, indent)}`;
}

// Opens the braces and parentheses of a text that is no union itself, and leaves what is between them.
function layOutGroups(tokens: readonly Token[], indent: string): string {
  let out = '';
  for (let index = 0; index < tokens.length; index += 1) {
    const token = tokens[index];
    if (token === undefined) break;
    if (!isMark(token, '{') && !isMark(token, '(')) {
      out += token.kind === 'space' ? ' ' : token.text;
      continue;
    }
    const end = closingIndex(tokens, index);
    const inside = tokens.slice(index + 1, end);
    out += isMark(token, '{') ? layOutFields(inside, indent) : layOutParentheses(inside, indent);
    index = end;
  }
  return out;
}

function layOutParentheses(inside: readonly Token[], indent: string): string {
  const laidOut = layOut(trim(inside), indent);
  return laidOut.startsWith('\n') ? `(${laidOut}\n${indent})` : `(${laidOut})`;
}

function layOutFields(inside: readonly Token[], indent: string): string {
  if (fitsOneLine(inside, indent)) return `{${textOf(inside).replaceAll(/\s+/g, ' ')}}`;
  const inner = indent + STEP;
  const lines = splitTop(inside, ',').map((field) => {
    const { comments, rest } = splitComments(field);
    const above = comments.map((comment) => `${indentComment(comment, inner)}\n`).join('');
    const colon = colonIndex(rest);
    const type = layOut(trim(rest.slice(colon + 1)), inner);
    return `${above}${inner}${textOf(trim(rest.slice(0, colon + 1)))}${type.startsWith('\n') ? '' : ' '}${type}`;
  });
  // A mapped type admits no comma after its only member, so the last one is kept as it was.
  const last = isMark(trim(inside).at(-1), ',') ? ',' : '';
  return `{\n${lines.join(',\n')}${last}\n${indent}}`;
}

function splitComments(tokens: readonly Token[]): { comments: string[]; rest: Token[] } {
  const first = tokens.findIndex(({ kind }) => kind !== 'comment' && kind !== 'space');
  const comments = tokens.slice(0, first).filter(({ kind }) => kind === 'comment');
  return { comments: comments.map(({ text }) => text), rest: trim(tokens.slice(first)) };
}
