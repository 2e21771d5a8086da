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
  const prose = document.replaceAll(/^```[\s\S]*?^```/gm, '');
  return [...prose.matchAll(/`([^`\n]+)`/g)].map((match) => match[1] ?? '');
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

/** The targets of links that stay in the repository, without their anchors. */
export function localLinks(document: string): string[] {
  return [...document.matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)].map((match) => match[1] ?? '');
}

/** The anchors of links within the document, and those that its headings have. */
export function anchors(document: string): { readonly used: string[]; readonly defined: Set<string> } {
  const headings = [...document.matchAll(/^#+ (.*)$/gm)].map((match) => match[1] ?? '');
  const slug = (heading: string) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-');
  return {
    used: [...document.matchAll(/\]\(#([^)]+)\)/g)].map((match) => match[1] ?? ''),
    defined: new Set(headings.map(slug)),
  };
}
