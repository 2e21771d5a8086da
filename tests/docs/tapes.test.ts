/** The page about tapes against the code: its example is a tape, and what its table says is masked is masked. */
import { describe, expect, test } from 'vitest';
import { maskMessage } from '../../src/testing/tapes/masking.js';
import { tapeOf } from '../../src/testing/tapes/read-tape.js';
import { isTellingName } from '../../src/testing/tapes/telling-names.js';
import { codeBlocks, codeSpans, readDocument, tableUnder } from './markdown.js';

const page = readDocument('.github/docs/tapes.md');

test('the example is a tape', () => {
  const [block] = codeBlocks(page, 'json');
  const { lines, end } = tapeOf(block?.code ?? '', 'tapes.md');
  expect(lines.map(({ kind }) => kind)).toEqual(['sent', 'received', 'sent']);
  expect(end).toMatchObject({ by: 'client' });
});

describe('the table of what is masked', () => {
  const rows = tableUnder(page, '## What is masked').map(([what = '']) => what);

  test('names names that tell', () => {
    const names = rows.flatMap((row) => (/under a name|addresses and codes/.test(row) ? codeSpans(row) : []));
    expect(names.length).toBeGreaterThan(6);
    expect(names.filter((name) => !isTellingName(name))).toEqual([]);
  });

  test('shows labels whose values are masked', () => {
    const forms = codeSpans(rows.find((row) => row.includes('Bearer')) ?? '');
    expect(forms.length).toBeGreaterThan(5);
    for (const form of forms) {
      const text = form.replaceAll('...', 'abcdef99');
      expect(maskMessage({ params: { text } }, false), form).toEqual({
        params: { text: expect.stringContaining('[masked]') },
      });
    }
  });
});
