/**
 * How long functions are, counted on text that Biome has formatted: what opens with `{` at the end of a line closes with
 * the next `}` at the same indentation. Knows functions, methods, accessors and arrow functions with a body in braces;
 * one without braces is an expression, and not counted. No parser: the one of TypeScript has no stable interface.
 */

/** One function. */
export interface FunctionLength {
  /** The line of its name, from 1. */
  readonly line: number;
  /** Lines from its name to its closing brace. */
  readonly length: number;
}

const STATEMENT = /^(?:\} )?(?:if|else|for|while|do|switch|try|catch|finally|class|interface)\b/;
const COMMENT = /^\s*(?:\*|\/\/|\/\*)/;

/** The functions of a source text, in order of where they open. */
export function functionLengths(text: string): FunctionLength[] {
  const lines = text.split('\n');
  return lines.flatMap((line, opening) => {
    if (!line.endsWith('{') || COMMENT.test(line)) return [];
    const first = headOf(lines, opening);
    const head = lines
      .slice(first, opening + 1)
      .join(' ')
      .trim();
    return isFunction(head) ? [{ line: first + 1, length: closingOf(lines, opening) - first + 1 }] : [];
  });
}

/** Where the head begins whose last line is this one: above, when this line closes a list of parameters. */
function headOf(lines: readonly string[], last: number): number {
  const indentation = indentationOf(lines[last]);
  if (!/^\s*[)}\]]/.test(lines[last] ?? '')) return last;
  return lines.findLastIndex(
    (line, index) => index < last && line !== '' && indentationOf(line) <= indentation,
  );
}

function isFunction(head: string): boolean {
  if (head.endsWith('=> {')) return true;
  return /\)(?:: .+)? \{$/.test(head) && !STATEMENT.test(head);
}

function closingOf(lines: readonly string[], opening: number): number {
  const indentation = ' '.repeat(indentationOf(lines[opening]));
  return lines.findIndex((line, index) => index > opening && line.startsWith(`${indentation}}`));
}

function indentationOf(line: string | undefined): number {
  return line?.search(/\S/) ?? 0;
}

/** The length that this share of the functions does not exceed. */
export function percentile(lengths: readonly number[], share: number): number {
  const sorted = [...lengths].sort((left, right) => left - right);
  return sorted[Math.ceil(sorted.length * share) - 1] ?? 0;
}
