/** Two recordings of the same conversation are the same tape. */
import { describe, expect, test } from 'vitest';
import { stableTape } from './stable-tape.js';

const tapeOf = (...lines: readonly unknown[]) => lines.map((line) => `${JSON.stringify(line)}\n`).join('');
/** The message of the only line. */
const stable = (received: unknown) =>
  JSON.parse(stableTape(tapeOf({ atMs: 5, received }))).received as Record<string, unknown>;

const ID = '019ab3c4-1111-7222-8333-444455556666';
const OTHER = '019ab3c4-9999-7222-8333-444455556666';

describe('a stable tape', () => {
  test('has ids in the order of their appearance, each with its version, and the same ones everywhere', () => {
    expect(stable({ a: OTHER, b: `rollout-${ID}.jsonl`, c: [OTHER], d: ID.replace('-7', '-4') })).toEqual({
      a: '00000000-0000-7000-8000-000000000001',
      b: 'rollout-00000000-0000-7000-8000-000000000002.jsonl',
      c: ['00000000-0000-7000-8000-000000000001'],
      d: '00000000-0000-4000-8000-000000000003',
    });
  });

  test('has the settings of the server in the order of their names', () => {
    const read = { result: { config: { b: 1, a: { d: [{ f: 1, e: 2 }], c: 3 } }, origins: { y: 1, x: 2 } } };
    expect(JSON.stringify(stable(read))).toBe(
      '{"result":{"config":{"a":{"c":3,"d":[{"e":2,"f":1}]},"b":1},"origins":{"x":2,"y":1}}}',
    );
  });

  test('leaves ids that programs have made up', () => {
    const made = '00000000-0000-7000-8000-00000000ffff';
    expect(stable({ made })).toEqual({ made });
  });

  test.each<[string, unknown, unknown]>([
    [
      'moments',
      { emittedAtMs: 1_790_000_000_123, startedAtMs: null },
      { emittedAtMs: 1_767_225_600_000, startedAtMs: null },
    ],
    ['moments in seconds', { createdAt: 1_790_000_000 }, { createdAt: 1_767_225_600 }],
    ['durations', { durationMs: 1234 }, { durationMs: 1 }],
    ['ports', { url: 'http://127.0.0.1:4711/v1' }, { url: 'http://127.0.0.1:1024/v1' }],
    ['hashes', { version: `sha256:${'a7'.repeat(32)}` }, { version: `sha256:${'0'.repeat(63)}1` }],
    ['processes', { processId: '4711', exitCode: 3 }, { processId: '1001', exitCode: 3 }],
    [
      'dates',
      {
        path: 'sessions/2027/02/03/rollout-2027-02-03T04-05-06-x',
        cursor: '2027-02-03T04:05:06.789Z',
        at: '2027-02-03T04:05:06Z',
      },
      {
        path: 'sessions/2026/01/01/rollout-2026-01-01T00-00-00-x',
        cursor: '2026-01-01T00:00:00.001Z',
        at: '2026-01-01T00:00:00Z',
      },
    ],
    [
      'names of machines',
      { method: 'remoteControl/status/changed', params: { status: 'disabled', serverName: 'box-17' } },
      { method: 'remoteControl/status/changed', params: { status: 'disabled', serverName: 'my-host' } },
    ],
    [
      'the system',
      { userAgent: 'tapes/1.2.3 (Debian 12.0.0; x86_64) xterm (tapes; 1.0.0)' },
      { userAgent: 'tapes/1.2.3 (Linux 1.0; x86_64) terminal (tapes; 1.0.0)' },
    ],
  ])('has the same %s in each recording', (_, before, after) => expect(stable(before)).toEqual(after));

  test('says nothing of when it was made, and keeps what was said', () => {
    const header = { tape: 1, recordedAt: '2027-02-03T04:05:06.789Z', protocol: '1.2.3', server: '1.2.3' };
    const said = { method: 'said', params: { words: 'At 12:30 on 2027-02-03.', much: 12_345 } };
    const text = tapeOf(header, { atMs: 17, received: said }, { atMs: 99, ended: { by: 'client' } });
    const lines = stableTape(text)
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toEqual([
      { ...header, recordedAt: '2026-01-01T00:00:00.000Z' },
      { atMs: 1, received: said },
      { atMs: 2, ended: { by: 'client' } },
    ]);
    expect(stableTape(stableTape(text))).toBe(stableTape(text));
  });
});
