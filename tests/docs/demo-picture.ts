/** `npm run demo:picture`: runs the demo, and keeps what it printed as `.github/demo.svg`, the picture of README. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { printedBy } from '../helpers/typescript-program.js';
import { REPOSITORY } from './markdown.js';
import { type Mark, terminalPicture } from './terminal-picture.js';

/** The file, from the repository. */
export const DEMO_PICTURE = '.github/demo.svg';

/** The picture that is kept. */
export const keptPicture = (): string => readFileSync(join(REPOSITORY, DEMO_PICTURE), 'utf8');

/** Runs the demo on the real codex with its scripted model; gives back the picture of what it printed. */
export async function demoPicture(): Promise<string> {
  const stdout = await printedBy(join(REPOSITORY, 'tests', 'examples', 'demo.ts'));
  return terminalPicture('npm run demo', pictured(stdout), markOf);
}

/** The lines as they are told: what is another in each run, or on another machine, stands for all of them. */
function pictured(printed: string): string[] {
  const stable = printed
    .replace(/process \d+/, 'process 4711')
    .replace(/run: \S+ -c/, 'run: /bin/bash -c')
    .replace(/\[output\] hello from \w+/, '[output] hello from Linux');
  return ['$ npm run demo', ...stable.trimEnd().split('\n')];
}

function markOf(line: string): Mark {
  if (/^[$>] /.test(line)) return 'typed';
  return line.startsWith('[') ? 'asked' : undefined;
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(join(REPOSITORY, DEMO_PICTURE), await demoPicture());
}
