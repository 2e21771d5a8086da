/** What is read as a tape, and what is said of a file that is none. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvalidArgumentError } from 'codex-async-client';
import { afterAll, describe, expect, test } from 'vitest';
import { readTape, tapeOf } from '../../../src/testing/tapes/read-tape.js';

const folder = mkdtempSync(join(tmpdir(), 'codex-tapes-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const HEADER = '{"tape":1,"recordedAt":"2026-01-02T03:04:05.678Z","protocol":"0.169.0","server":"0.168.0"}';
const SENT = '{"atMs":1,"sent":{"id":1,"method":"initialize"}}';
const ENDED = '{"atMs":9,"ended":{"by":"client","exitCode":0,"signal":null}}';

const read = (...lines: readonly string[]) => tapeOf(`${lines.join('\n')}\n`, 'my.tape');

describe('a tape', () => {
  test('is read line by line, each with its number', () => {
    const received = '{"atMs":2,"received":{"id":1,"result":{}}}';
    expect(read(HEADER, SENT, received, '{"atMs":3,"missed":4}', ENDED)).toEqual({
      path: 'my.tape',
      header: {
        tape: 1,
        recordedAt: '2026-01-02T03:04:05.678Z',
        protocol: '0.169.0',
        server: '0.168.0',
      },
      lines: [
        { kind: 'sent', line: 2, atMs: 1, message: { id: 1, method: 'initialize' } },
        { kind: 'received', line: 3, atMs: 2, message: { id: 1, result: {} } },
        { kind: 'missed', line: 4, atMs: 3, missed: 4 },
      ],
      end: { kind: 'ended', line: 5, atMs: 9, by: 'client', exitCode: 0, signal: null },
    });
  });

  test('that was cut off between two lines has no end', () => {
    expect(tapeOf(`${HEADER}\n${SENT}`, 'my.tape')).toMatchObject({ lines: [{ line: 2 }], end: undefined });
  });

  test('that was cut off within a line is read up to that line', () => {
    const cut = tapeOf(`${HEADER}\n${SENT}\n${ENDED.slice(0, 20)}`, 'my.tape');
    expect(cut).toEqual(tapeOf(`${HEADER}\n${SENT}\n`, 'my.tape'));
  });

  test('may have a header that knows little, and an end that says nothing', () => {
    const { header, end } = read('{"tape":1}', '{"atMs":0,"ended":{}}');
    expect(header).toEqual({ tape: 1, recordedAt: '', protocol: '', server: null });
    expect(end).toMatchObject({ by: 'recorder', exitCode: null, signal: null });
  });

  test('that ended by a signal says which', () => {
    const { end } = read(HEADER, '{"atMs":5,"ended":{"by":"server","exitCode":null,"signal":"SIGKILL"}}');
    expect(end).toMatchObject({ by: 'server', exitCode: null, signal: 'SIGKILL' });
  });

  test('is read from a file', () => {
    const path = join(folder, 'good.tape');
    writeFileSync(path, `${HEADER}\n${SENT}\n${ENDED}\n`);
    expect(readTape(path)).toMatchObject({ path, lines: [{ kind: 'sent' }], end: { by: 'client' } });
  });
});

describe('L20 what is no tape is refused, with the line and what was expected there:', () => {
  test.each<[string, readonly string[], string]>([
    ['an empty file', [''], 'my.tape:1: expected a JSON object, got ""'],
    ['a text', ['hello'], 'my.tape:1: expected a JSON object, got "hello"'],
    ['a list', ['[]'], 'my.tape:1: expected a JSON object, got "[]"'],
    [
      'no header',
      [SENT],
      'my.tape:1: expected {"tape":1,...}, the header, got an object with keys [atMs, sent]',
    ],
    [
      'a format of the future',
      ['{"tape":2}'],
      'my.tape: a tape of format 2, and this version of codex-async-client reads format 1',
    ],
    ['half a line', [HEADER, SENT.slice(0, 30)], 'my.tape:2: expected a JSON object, got "{'],
    [
      'a line without a time',
      [HEADER, SENT, '{"sent":{}}'],
      'my.tape:3: expected "atMs", a number of milliseconds',
    ],
    [
      'a line that says nothing',
      [HEADER, '{"atMs":1}'],
      'my.tape:2: expected "sent" or "received" with a message',
    ],
    ['a message that is none', [HEADER, '{"atMs":1,"sent":[]}'], 'my.tape:2: expected "sent" or "received"'],
    ['an empty line', [HEADER, '', SENT], 'my.tape:2: expected a JSON object, got ""'],
    [
      'a line behind the end',
      [HEADER, ENDED, SENT],
      'my.tape:3: expected nothing after the line that says how it ended',
    ],
  ])('%s', (_what, lines, message) => {
    expect(() => read(...lines)).toThrow(InvalidArgumentError);
    expect(() => read(...lines)).toThrow(message);
  });

  test('a file that is not there', () => {
    const path = join(folder, 'missing.tape');
    expect(() => readTape(path)).toThrow(`path: no tape can be read from ${path}: ENOENT`);
    expect(() => readTape(folder)).toThrow(`path: no tape can be read from ${folder}: EISDIR`);
    expect(() => readTape('')).toThrow('path: expected a non-empty string, got ""');
  });
});
