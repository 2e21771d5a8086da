/** Types laid out for a reader: where lines break, and that no word changes, in any type of the pinned codex. */
import { describe, expect, test } from 'vitest';
import { findCodexExecutable } from '../../src/generator/codex-binary.js';
import { layOutType } from '../../src/generator/layout.js';
import { readProtocol } from '../../src/generator/protocol-reader.js';
import { isMark, textOf, tokenize } from '../../src/generator/tokens.js';

describe('layout', () => {
  test('short types stay on one line, and long unions get a line for each member', () => {
    expect(layOutType('"a"  | "b"')).toBe('"a" | "b"');
    const [left, right] = ['a'.repeat(60), 'b'.repeat(60)];
    expect(layOutType(`"${left}" | "${right}"`)).toBe(`\n  | "${left}"\n  | "${right}"`);
  });

  test('doc comments stand above their field', () => {
    expect(layOutType('{ a: 1,\n/**\n * The b.\n */\nb: 2, }')).toBe(
      '{\n  a: 1,\n  /**\n   * The b.\n   */\n  b: 2,\n}',
    );
  });

  test('a mapped type gets no comma, which it does not admit', () => {
    expect(layOutType('{ [key in string]?:\n/** v */\nnumber }')).not.toContain(',');
  });

  test('changes white space only, of every type of the pinned codex', () => {
    const protocol = readProtocol(findCodexExecutable());
    const changed = protocol.all.filter(({ body }) => squeeze(layOutType(body)) !== squeeze(body));
    expect(changed.map(({ path }) => path)).toEqual([]);
  });
});

/** The text without white space, and without a `|` that only opens a union. */
function squeeze(type: string): string {
  const tokens = tokenize(type).filter(({ kind }) => kind !== 'space');
  const opens = (index: number) => index === 0 || /^[({<:,[]$/.test(tokens[index - 1]?.text ?? '');
  return textOf(tokens.filter((token, index) => !(isMark(token, '|') && opens(index)))).replaceAll(/\s/g, '');
}
