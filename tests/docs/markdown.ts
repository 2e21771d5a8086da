// Reads what the tests check from a Markdown file: its tables by heading, its code blocks, its links.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

/** A file of the repository. */
export const readDocument = (path: string): string => readFileSync(join(REPOSITORY, path), 'utf8');

/** The rows below the heading line of the first table under a heading, each as its cells. */
export function tableUnder(document: string, heading: string): string[][] {
  const section = document.split(`\n${heading}\n`)[1]?.split(/\n#+ /)[0];
  const table = section?.match(/(?:^\|.*\|$\n?)+/m)?.[0];
  if (table === undefined) throw new Error(`there is no table under "${heading}"`);
  return table.trim().split('\n').slice(2).map(cellsOf);
}

function cellsOf(line: string): string[] {
  return line
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim());
}

/** The first text between backticks, for a cell that names something. */
export const codeIn = (cell: string | undefined): string => /`([^`]+)`/.exec(cell ?? '')?.[1] ?? '';

/** Every text between backticks, outside of code blocks. */
export function codeSpans(document: string): string[] {
  return [...withoutFences(document).matchAll(/`([^`\n]+)`/g)].map((match) => match[1] ?? '');
}

/** A code block and where it is. */
export interface CodeBlock {
  /** The line of its first line of code, from 1. */
  readonly line: number;
  readonly code: string;
  /** The names that a comment `<!-- context: client, threadId -->` before it says it needs; undefined without one. */
  readonly context: readonly string[] | undefined;
}

/** The code blocks of a language. */
export function codeBlocks(document: string, language: string): CodeBlock[] {
  const block = new RegExp(
    `(?:^<!-- context: ([\\w, ]+) -->\\n)?^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`,
    'gm',
  );
  return [...document.matchAll(block)].map((match) => {
    const lead = match[0].indexOf(`\`\`\`${language}\n`) + language.length + 4;
    return {
      line: document.slice(0, match.index + lead).split('\n').length,
      code: match[2] ?? '',
      context: match[1]?.split(',').map((name) => name.trim()),
    };
  });
}

/** A link that stays in the repository. */
export interface LocalLink {
  /** As it stands there; empty for the document itself. */
  readonly target: string;
  /** The heading that it leads to; undefined without one. */
  readonly anchor: string | undefined;
}

/** The links, images included, that stay in the repository. */
export function localLinks(document: string): LocalLink[] {
  return [...withoutFences(document).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)]+))?\)/g)].map((match) => ({
    target: match[1] ?? '',
    anchor: match[2],
  }));
}

/** The anchors that the headings of a document have. */
export function anchorsOf(document: string): ReadonlySet<string> {
  const headings = [...withoutFences(document).matchAll(/^#+ (.*)$/gm)].map((match) => match[1] ?? '');
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    ),
  );
}

const withoutFences = (document: string): string => document.replaceAll(/^```[\s\S]*?^```/gm, '');
