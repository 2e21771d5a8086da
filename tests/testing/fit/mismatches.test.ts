/** What a program that says something else than the tape is told. */
import { CodexClientError } from 'codex-async-client';
import type { TapeMismatchError } from 'codex-async-client/testing';
import { expect, test } from 'vitest';
import { LineFit } from '../../../src/testing/fit/line-fit.js';
import { missingLine, strayLine } from '../../../src/testing/fit/mismatches.js';
import type { TapeLine, TapeMessage } from '../../../src/testing/tapes/tape.js';

const tape = { path: 'tapes/bot.jsonl' };
const recordedLine = (message: TapeMessage): TapeLine => ({ kind: 'sent', line: 12, atMs: 0, message });

/** The error for two lines that do not fit. */
function stray(recorded: TapeMessage, given: TapeMessage): TapeMismatchError {
  return strayLine(tape, given, recordedLine(recorded), new LineFit([]).fit(recorded, given));
}

test('it is an error with a code, both messages, and where they differ', () => {
  const recorded = { id: 1, method: 'turn/start', params: { threadId: 't', effort: 'low' } };
  const given = { id: 4, method: 'turn/start', params: { threadId: 't', effort: 'high' } };
  const error = stray(recorded, given);
  expect(error).toBeInstanceOf(CodexClientError);
  expect(error).toMatchObject({
    name: 'TapeMismatchError',
    code: 'CODEX_TAPE_MISMATCH',
    path: 'tapes/bot.jsonl',
    line: 12,
    recorded,
    given,
    differences: [{ path: 'params.effort', recorded: 'low', given: 'high' }],
  });
});

test('a line in another form is shown place by place, with what to ignore', () => {
  const recorded = { id: 1, method: 'turn/start', params: { effort: 'low', input: [{ text: 'a' }] } };
  const given = { id: 4, method: 'turn/start', params: { effort: 'high', input: [{ text: 'b' }], more: 1 } };
  expect(stray(recorded, given).message).toBe(
    [
      'tapes/bot.jsonl:12: turn/start was sent in another form than the tape has',
      '  params.effort',
      '  - "low"',
      '  + "high"',
      '  params.input.0.text',
      '  - "a"',
      '  + "b"',
      '  params.more',
      '  - nothing',
      '  + 1',
      "Record the tape anew, or let a place differ: ignore: ['params.effort'].",
    ].join('\n'),
  );
});

test('a long text is shown from a little before the place where the two part', () => {
  const common = 'x'.repeat(100_000);
  const text = (end: string) => ({ id: 1, method: 'turn/start', params: { text: common + end + common } });
  const { message } = stray(text('one'), text('two'));
  expect(message).toContain(`  - ...${'x'.repeat(40)}one${'x'.repeat(117)}...\n`);
  expect(message).toContain(`  + ...${'x'.repeat(40)}two${'x'.repeat(117)}...\n`);
  expect(message.length).toBeLessThan(700);
});

test('the end of a long text is shown when one text goes on', () => {
  const text = (end: string) => ({ id: 1, method: 'turn/start', params: { text: 'x'.repeat(1_000) + end } });
  expect(stray(text(''), text(' and more')).message).toContain(`+ ...${'x'.repeat(40)} and more"`);
});

test('ten places are shown, and the others counted', () => {
  const params = (value: number) => ({ list: Array.from({ length: 25 }, () => value) });
  const { message, differences } = stray(
    { id: 1, method: 'a/b', params: params(1) },
    { id: 1, method: 'a/b', params: params(2) },
  );
  expect(differences).toHaveLength(25);
  expect(message.match(/^ {2}params\.list\.\d+$/gm)).toHaveLength(10);
  expect(message).toContain('\nand 15 more\n');
});

test('why two equal ids do not fit is said', () => {
  const fit = new LineFit([]);
  const exec = (processId: string) => ({ id: 1, method: 'command/exec', params: { processId } });
  fit.fit(exec('a'), exec('b'));
  const differences = fit.fit(exec('a'), exec('a'));
  expect(strayLine(tape, exec('a'), recordedLine(exec('a')), differences).message).toContain(
    '  - "a"\n  + "a"\n    a is b since an earlier line\n',
  );
});

test('another line is shown beside the one that the tape has there', () => {
  const recorded = { id: 1, method: 'turn/start', params: { threadId: 't' } };
  const given = { id: 0, result: { decision: 'accept' } };
  expect(stray(recorded, given).message).toBe(
    [
      'tapes/bot.jsonl:12: the answer to request 0 was sent, and the tape has turn/start there',
      '- turn/start {"threadId":"t"}',
      '+ {"result":{"decision":"accept"}}',
      'Let the program send what it sent then, or record the tape anew.',
    ].join('\n'),
  );
});

test('a line of another thread is shown beside that of its own', () => {
  const start = (threadId: string) => ({ id: 1, method: 'turn/start', params: { threadId } });
  expect(strayLine(tape, start('b'), recordedLine(start('a')), []).message).toContain(
    '- turn/start {"threadId":"a"}\n+ turn/start {"threadId":"b"}\n',
  );
});

test('a line that is no message is shown as it came', () => {
  expect(stray({ id: 1, method: 'a/b' }, { text: '{"id":' }).message).toContain(
    ':12: a line that is no message was sent, and the tape has a/b there\n- a/b {}\n+ {"text":"{\\"id\\":"}\n',
  );
});

test('a line after all others is shown alone', () => {
  const error = strayLine(tape, { id: 0, error: { code: 1, message: 'no' } }, undefined, []);
  expect(error).toMatchObject({ line: undefined, recorded: undefined });
  expect(error.message).toBe(
    [
      'tapes/bot.jsonl: the answer to request 0 was sent, and all lines of the tape had come in',
      '+ {"error":{"code":1,"message":"no"}}',
      'Let the program send what it sent then, or record the tape anew.',
    ].join('\n'),
  );
});

test('a line that never comes is named, with how long it was waited for', () => {
  const error = missingLine(
    tape,
    recordedLine({ id: 3, method: 'turn/interrupt', params: { turnId: 'u' } }),
    4_000,
  );
  expect(error).toMatchObject({ line: 12, given: undefined, differences: [] });
  expect(error.message).toBe(
    [
      'tapes/bot.jsonl:12: turn/interrupt was not sent within 4000 ms, and what the server says next waits for it',
      '- turn/interrupt {"turnId":"u"}',
      'Send it, give it more time with stallMs, or record the tape anew.',
    ].join('\n'),
  );
});

test('secrets of what was sent are masked', () => {
  const recorded = { id: 1, method: 'account/login/start', params: { type: 'apiKey' } };
  const given = {
    id: 1,
    method: 'account/login/start',
    params: { type: 'apiKey', apiKey: 'abc', note: 'sk-0123456789abcdefghij' },
  };
  const error = stray(recorded, given);
  expect(`${error.message} ${JSON.stringify(error)}`).not.toMatch(/abc/);
  expect(error.message).toContain('  params.apiKey\n  - nothing\n  + "[masked]"\n');
  expect(strayLine(tape, given, undefined, []).message).toContain(
    '+ account/login/start {"type":"apiKey","apiKey":"[masked]"',
  );
});

test.each([
  ['behind a word that tells', { command: ['curl'] }, { command: ['curl', '--token', 'hunter22'] }],
  ['in a header', { command: ['curl'] }, { command: ['curl', '-H', 'X-Api-Key: hunter22'] }],
  [
    'among headers',
    { config: { http_headers: { A: '[masked]' } } },
    { config: { http_headers: { A: 'x', 'X-Mine': 'hunter22' } } },
  ],
  [
    'among headers of a dotted setting',
    { config: {} },
    { config: { 'mcp_servers.docs.http_headers.X-Mine': 'hunter22' } },
  ],
])('a secret that is told by what stands around it is masked: %s', (_, recorded, given) => {
  const message = { id: 1, method: 'command/exec' };
  const error = stray({ ...message, params: recorded }, { ...message, params: given });
  expect(error.differences).not.toEqual([]);
  expect(`${error.message} ${JSON.stringify(error)}`).not.toContain('hunter22');
});

test.each(['userVerification/start', 'remoteControl/enable'])(
  'the owner’s ids in %s are masked',
  (method) => {
    const error = stray({ id: 1, method, params: {} }, { id: 1, method, params: { accountId: 'ada-1' } });
    expect(`${error.message} ${JSON.stringify(error)}`).not.toContain('ada-1');
  },
);

test('what is no secret is shown', () => {
  const line = (text: string) => ({ id: 1, method: 'x/y', params: { input: [{ 'a.b': text }] } });
  expect(stray(line('old'), line('new')).differences).toMatchObject([
    { path: 'params.input.0.a.b', recorded: 'old', given: 'new' },
  ]);
});

test('a line that is too deep to be shown is shown by its name', () => {
  const deep = JSON.parse('['.repeat(50_000) + ']'.repeat(50_000));
  const { message } = stray(
    { id: 1, method: 'a', params: { a: 1 } },
    { id: 1, method: 'a', params: { a: deep } },
  );
  expect(message).toContain(':12: a was sent, and the tape has a there\n- a {"a":1}\n+ a {}\n');
});
