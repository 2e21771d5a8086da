// The documents that are held against the code: README, the pages beside it, and what contributors read.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY, readDocument } from './markdown.js';

/** A document and where it is. */
export interface Document {
  /** From the repository. */
  readonly path: string;
  readonly text: string;
}

const PAGES_FOLDER = '.github/docs';

const documentAt = (path: string): Document => ({ path, text: readDocument(path) });

/** The guides and the reference: every page of the folder. */
export const PAGES: readonly Document[] = readdirSync(join(REPOSITORY, PAGES_FOLDER))
  .filter((name) => name.endsWith('.md'))
  .sort()
  .map((name) => documentAt(`${PAGES_FOLDER}/${name}`));

/** Everything that is checked. */
export const DOCUMENTS: readonly Document[] = [
  documentAt('README.md'),
  ...PAGES,
  documentAt('.github/CONTRIBUTING.md'),
  documentAt('.github/ISSUE_TEMPLATE/bug_report.md'),
];
