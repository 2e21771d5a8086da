/** What tapes hold that a protocol does not know: tapes that were doctored, held against small protocols. */
import { describe, expect, test } from 'vitest';
import { driftReport } from '../../../src/generator/diff/drift-report.js';
import { tapeDrift } from '../../../src/generator/diff/tape-drift.js';
import { tapeOf } from '../../../src/testing/tapes/read-tape.js';
import { protocolWith, type TypeTexts } from './two-versions.js';

const HEADER = { tape: 1, recordedAt: '', protocol: '1.2.3', server: '1.2.3' };

/** A tape of these messages. */
function taped(path: string, ...lines: readonly Record<string, unknown>[]) {
  const all = [HEADER, ...lines.map((line) => ({ atMs: 1, ...line }))];
  return tapeOf(all.map((line) => JSON.stringify(line)).join('\n'), path);
}

const TAPE = [
  { sent: { id: 1, method: 'thing/do', params: { much: 1 } } },
  { received: { id: 1, result: { done: true } } },
  { received: { id: 0, method: 'ask', params: { why: 'because' } } },
  { sent: { id: 0, result: { decision: 'accept' } } },
  { received: { method: 'said', params: { words: 'hello' }, emittedAtMs: 1 } },
];

/** What is found, each in a line. */
const found = (lines: readonly Record<string, unknown>[], types: TypeTexts = {}) =>
  tapeDrift([taped('a.jsonl', ...lines)], protocolWith(types)).map(
    ({ file, line, method, path, text, more }) => `${file}:${line} ${method} ${path}: ${text} +${more}`,
  );

describe('a tape of the protocol’s own version', () => {
  test('has nothing that the types do not have', () => expect(found(TAPE)).toEqual([]));

  test('nor do errors, gaps and answers to nobody', () => {
    const lines = [
      { received: { id: 7, error: { code: 1 } } },
      { missed: 3 },
      { received: { id: 8, result: 1 } },
    ];
    expect(found(lines)).toEqual([]);
  });
});

test.each<[string, Record<string, unknown>, string]>([
  [
    'a member of a notification',
    { received: { method: 'said', params: { words: 'a', loud: true } } },
    'a.jsonl:7 said params.loud: unknown member +0',
  ],
  [
    'a member that a server request lacks',
    { received: { id: 1, method: 'ask', params: {} } },
    'a.jsonl:7 ask params.why: is missing +0',
  ],
  [
    'another type in an answer, by the method that was asked',
    { received: { id: 1, result: { done: 'yes' } } },
    'a.jsonl:7 thing/do result.done: is a string, expected boolean +0',
  ],
  [
    'a notification that is unknown',
    { received: { method: 'sung', params: {} } },
    'a.jsonl:7 sung method: unknown method +0',
  ],
  [
    'a server request that is known as a notification alone',
    { received: { id: 2, method: 'said', params: { words: 'a' } } },
    'a.jsonl:7 said method: unknown method +0',
  ],
])('it is told: %s', (_, line, expected) => expect(found([...TAPE, line])).toEqual([expected]));

test('an older tape is held against newer types', () => {
  const newer = {
    SaidNotification: '{ words: "bye" | "hi", }',
    ThingDoResponse: '{ done: boolean, at: number | null, }',
  };
  expect(found(TAPE, newer)).toEqual([
    'a.jsonl:3 thing/do result.at: is missing +0',
    'a.jsonl:6 said params.words: unknown value "hello" +0',
  ]);
});

test('an answer to a method that is gone is told', () => {
  const gone = { ClientRequest: '{ "method": "thing/undo", id: number, params: ThingDoParams, }' };
  expect(found(TAPE, gone)).toEqual(['a.jsonl:3 thing/do method: unknown method +0']);
});

test('what is said in many lines is told once, with the first and the number of the others', () => {
  const loud = { received: { method: 'said', params: { words: 'a', loud: true } } };
  const tapes = [taped('/tapes/old/a.jsonl', ...TAPE, loud, loud), taped('/tapes/old/b.jsonl', loud)];
  const drifts = tapeDrift(tapes, protocolWith({}));
  expect(driftReport('/tapes/old', '1.2.3', tapes, drifts, '/tapes')).toBe(
    [
      '## old against the types of codex 1.2.3',
      '',
      'In 2 tapes with 8 lines the types do not have:',
      '',
      '- old/a.jsonl:7 `said` `params.loud`: unknown member (and 2 more)',
      '',
    ].join('\n'),
  );
  expect(driftReport('/tapes/old', '1.2.3', tapes, [], '/tapes')).toContain('The types have all of 2 tapes');
});
