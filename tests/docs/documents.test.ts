// Every document against the code: its links lead somewhere, and what it names exists.

import { existsSync, statSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import {
  CLIENT_METHODS,
  SERVER_NOTIFICATION_METHODS,
  SERVER_REQUEST_METHODS,
} from '../../src/protocol/generated.js';
import { ATTACKS } from '../runs/attacks.js';
import { DOCUMENTS, PAGES } from './documents.js';
import { anchorsOf, codeSpans, localLinks, REPOSITORY, readDocument } from './markdown.js';

/** What npm does by itself; everything else is a script. */
const OF_NPM = ['ci', 'install', 'pack', 'publish'];

test('there are pages', () => {
  expect(PAGES.length).toBeGreaterThan(20);
});

test('the guide to a bot in CI gives the number of attacks in the table', () => {
  const guide = readDocument('.github/docs/ci-bot.md');
  expect(/Of the (\d+) attacks in/.exec(guide)?.[1]).toBe(String(Object.values(ATTACKS).flat().length));
});

test.each(PAGES.map(({ path, text }) => [path, text] as const))(
  '%s links to nothing that the package does not bring along',
  (path, page) => {
    const targets = localLinks(page).map(({ target }) => posix.join(dirname(path), target));
    const always = ['README.md', 'LICENSE', dirname(path)];
    const isShipped = (target: string) =>
      [...packageJson.files, ...always].some((entry) => target === entry || target.startsWith(`${entry}/`));
    expect(targets.filter((target) => !isShipped(target))).toEqual([]);
  },
);

describe.each(DOCUMENTS.map(({ path, text }) => [path, text] as const))('%s', (path, document) => {
  test('links to files and headings that exist', () => {
    const broken = localLinks(document).filter(({ target, anchor }) => {
      const file = target === '' ? path : relative(REPOSITORY, join(REPOSITORY, dirname(path), target));
      if (!existsSync(join(REPOSITORY, file))) return true;
      return anchor !== undefined && !hasAnchor(file, anchor);
    });
    expect(broken).toEqual([]);
  });

  test('names methods of the protocol that exist', () => {
    const known = new Set<string>([
      ...CLIENT_METHODS,
      ...SERVER_NOTIFICATION_METHODS,
      ...SERVER_REQUEST_METHODS,
    ]);
    const named = codeSpans(document).filter((span) =>
      /^(thread|turn|item|command|fs|account|model)\/[\w/]+$/.test(span),
    );
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });

  test('names npm scripts that exist', () => {
    const named = [...document.matchAll(/\bnpm (?:run )?([a-z][\w-]*(?::[\w-]+)*)/g)].map(
      (match) => match[1] ?? '',
    );
    const scripts = Object.keys(packageJson.scripts);
    expect(named.filter((name) => !OF_NPM.includes(name) && !scripts.includes(name))).toEqual([]);
  });
});

/** GitHub gives a heading of a page an anchor, and lines of a source. */
function hasAnchor(file: string, anchor: string): boolean {
  if (!statSync(join(REPOSITORY, file)).isFile()) return false;
  return file.endsWith('.md') ? anchorsOf(readDocument(file)).has(anchor) : /^L\d+/.test(anchor);
}
