/**
 * Which lines of a tape may hold something to mask, told from their text without parsing it: a conversation is mostly
 * lines that hold nothing. Whatever `masking.ts` and `redaction.ts` would change is found here; what is found here may
 * turn out to hold nothing. So each pattern is a part of what those look for, as JSON text has it.
 */
import { CONTAINER_END, OPTION_END, TELLING_END, VARIABLE_END } from './telling-names.js';

/** Finds places in a text; its flags are `g`, and `i` where needed. */
type Finder = (text: string, from: number) => number;

/** A character written as an escape, but for control characters: what stands there cannot be told from the text. */
const ESCAPED = /\\u(?!00[01])|\\\//g;

/** Before the end of a text, unless a number, a boolean or null follows. */
const NAME = new RegExp(
  `(?:${TELLING_END}|${CONTAINER_END}|${VARIABLE_END})\\\\*"(?!\\s*:\\s*[-\\dtfn])`,
  'gi',
);

/** Each needs eight characters or more, which makes it quick to find that there is none. */
const SHAPES =
  /(?:sk-[\w-]|(?:sk|sess|rk|pk)[-_][\w-]|eyJ[\w-]|gh[pousr]_|github_pat|glpat-|xox[a-z]|A[KS]IA|AIza|npm_|hf_\w|gsk_)[\w-]{7}/g;

const PATTERNS: readonly RegExp[] = [
  ESCAPED,
  NAME,
  SHAPES,
  /bearer|authorization/gi,
  /PRIVATE KEY-----/g,
  /:\/\/[^\s/@"']+@/g,
  /(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE)=/g,
  new RegExp(`--[\\w-]{0,40}${OPTION_END}`, 'gi'),
  /[?&][\w-]{0,40}(?:token|key|code|sig|signature|secret|password)=/gi,
];

/** A message about the account: all of `account/...`, and what tells of the machines and keys of its owner. */
const OF_ACCOUNT = /"(?:account(?:Session)?|remoteControl|userVerification)\//g;

/** An answer. */
const ANSWER = /"(?:result|error)"\s*:/g;

/** What is looked for besides secrets, as JSON text has it; `undefined` is found in every line. */
export interface Wanted {
  readonly texts: readonly string[];
  readonly names: readonly string[] | undefined;
}

/** Tells the lines that may hold something to mask. */
export class Suspicion {
  readonly #finders: readonly Finder[];

  constructor({ texts, names }: Wanted) {
    const members = names?.map((name) => JSON.stringify(name)) ?? ['{'];
    this.#finders = [...PATTERNS.map(finderOf), ...[...texts, ...members].map(textFinder)];
  }

  /**
   * Where the lines that may hold something begin, in no order.
   *
   * @param text - whole lines, each with its end
   * @param awaitsAnswer - an answer about the account may be among them
   */
  linesIn(text: string, awaitsAnswer: boolean): ReadonlySet<number> {
    const starts = new Set<number>();
    for (const find of this.#finders) addLines(starts, text, find);
    const isOfAccount = addLines(starts, text, finderOf(OF_ACCOUNT));
    if (awaitsAnswer || isOfAccount) addLines(starts, text, finderOf(ANSWER));
    return starts;
  }
}

/** Adds the beginnings of the lines in which something is found, in each the first of it; false when nothing is. */
function addLines(starts: Set<number>, text: string, find: Finder): boolean {
  const first = find(text, 0);
  for (let at = first; at !== -1; at = find(text, text.indexOf('\n', at)))
    starts.add(text.lastIndexOf('\n', at) + 1);
  return first !== -1;
}

function finderOf(pattern: RegExp): Finder {
  return (text, from) => {
    pattern.lastIndex = from;
    return pattern.exec(text)?.index ?? -1;
  };
}

function textFinder(wanted: string): Finder {
  return (text, from) => text.indexOf(wanted, from);
}
