/** What is written to a tape, masked: nothing is missed by not looking through every message. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Redaction, type RedactOptions } from '../../../src/testing/tapes/redaction.js';
import { type TapeEntry, TapeMasking } from '../../../src/testing/tapes/tape-masking.js';
import { sized } from '../../helpers/sizes.js';
import { ENTRIES } from './any-lines.js';

const maskingFor = (redact: RedactOptions = {}) => new TapeMasking(new Redaction(redact));
const sent = (message: object): TapeEntry => ({ kind: 'sent', atMs: 1, text: JSON.stringify(message) });
const received = (message: object): TapeEntry => ({ ...sent(message), kind: 'received' });

const REDACTIONS: readonly RedactOptions[] = [
  {},
  { strings: ['box-7', 'code="'] },
  { strings: ['\n', '\u001b[1m'] },
  { strings: { 'sk-': '\\key ' }, paths: ['params.text', '*.*.value'] },
  { paths: ['**.input'] },
  { paths: ['params.*.0'] },
];

describe('entries', () => {
  test.each(REDACTIONS)('with %j are masked as if every one were looked through', (redact) => {
    fc.assert(
      fc.property(ENTRIES, ENTRIES, (first, second) => {
        const slow = maskingFor(redact);
        const fast = maskingFor(redact);
        for (const entries of [first, second, first])
          expect(fast.mask(entries)).toEqual(entries.map((entry) => slow.maskOne(entry)));
      }),
      { numRuns: sized(300, 100) },
    );
  });

  test('that have nothing to mask are the same, spaces included', () => {
    const plain: TapeEntry = { kind: 'sent', atMs: 1, text: '{ "id" : 1.0, "method":"turn/start" }' };
    const end: TapeEntry = { kind: 'ended', atMs: 2, text: '{"by":"client"}' };
    const entries = [plain, received({ id: 1, result: {} }), end];
    const masked = maskingFor().mask(entries);
    for (const [place, entry] of entries.entries()) expect(masked[place]).toBe(entry);
  });

  test('are masked where they need it alone', () => {
    const plain: TapeEntry = { kind: 'sent', atMs: 3, text: '{ "id":1e0 }' };
    expect(maskingFor().mask([plain, sent({ id: 2, params: { token: 'abc' } }), plain])).toEqual([
      plain,
      sent({ id: 2, params: { token: '[masked]' } }),
      plain,
    ]);
  });

  test('have a gap in the place of a last message of the server that is none', () => {
    const masking = maskingFor();
    const whole = received({ id: 1, method: 'a' });
    const broken: TapeEntry = { kind: 'received', atMs: 7, text: '{"id":}' };
    const gap: TapeEntry = { kind: 'missed', atMs: 7, text: '1' };
    expect(masking.mask([whole, broken, sent({ id: 1, result: {} })])).toEqual([
      whole,
      gap,
      sent({ id: 1, result: {} }),
    ]);
    expect(masking.leftOut).toBe(1);
  });

  test('have a gap in the place of a message that is too deep to be looked through', () => {
    const text = `{"params":{"token":"abc","a":${'['.repeat(200_000)}${']'.repeat(200_000)}}}`;
    expect(maskingFor().mask([{ kind: 'sent', atMs: 7, text }])).toEqual([
      { kind: 'missed', atMs: 7, text: '1' },
    ]);
  });
});

describe('the account', () => {
  const answer = { id: 7, result: { account: { type: 'chatgpt', planType: 'plus', workspaceName: 'Mine' } } };
  const masked = {
    id: 7,
    result: { account: { type: 'chatgpt', planType: 'plus', workspaceName: '[masked]' } },
  };

  test('is masked in the answer to a request about it, and in no other', () => {
    const masking = maskingFor();
    const asked = sent({ id: 7, method: 'account/read', params: {} });
    expect(masking.mask([asked, received(answer)])).toEqual([asked, received(masked)]);
    expect(masking.mask([received(answer)])).toEqual([received(answer)]);
  });

  test('is masked in the answer to a request that hides what it is about', () => {
    const asked: TapeEntry = { kind: 'sent', atMs: 1, text: '{"id":7,"method":"acc\\u006funt/read"}' };
    expect(maskingFor().mask([asked, received(answer), received({ method: 'a' })])).toEqual([
      asked,
      received(masked),
      received({ method: 'a' }),
    ]);
  });

  test('is masked in an answer that comes later, in either direction', () => {
    const masking = maskingFor();
    masking.mask([sent({ id: 7, method: 'account/read' })]);
    masking.mask([received({ id: 7, method: 'account/chatgptAuthTokens/refresh', params: {} })]);
    const other = sent({ ...answer, id: 8 });
    expect(masking.mask([other])).toEqual([other]);
    expect(masking.mask([received(answer), sent(answer)])).toEqual([received(masked), sent(masked)]);
  });

  test('is masked in notifications', () => {
    const params = { status: 'connected', serverName: 'my-laptop' };
    expect(maskingFor().mask([received({ method: 'remoteControl/status/changed', params })])).toEqual([
      received({ method: 'remoteControl/status/changed', params: { ...params, serverName: '[masked]' } }),
    ]);
  });
});
