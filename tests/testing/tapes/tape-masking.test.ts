/** The lines of a tape, masked as they are written: nothing is missed by not looking at every line. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Redaction, type RedactOptions } from '../../../src/testing/tapes/redaction.js';
import { TapeMasking } from '../../../src/testing/tapes/tape-masking.js';
import { LINES } from './any-lines.js';

const maskingFor = (redact: RedactOptions = {}) => new TapeMasking(new Redaction(redact));
const sent = (message: object) => `{"atMs":1,"sent":${JSON.stringify(message)}}\n`;
const received = (message: object) => `{"atMs":2,"received":${JSON.stringify(message)}}\n`;

const REDACTIONS: readonly RedactOptions[] = [
  {},
  { strings: ['box-7', 'code="'] },
  { strings: { 'sk-': '\\key ' }, paths: ['params.text', '*.*.value'] },
  { paths: ['**.input'] },
  { paths: ['params.*.0'] },
];

describe('a piece of a tape', () => {
  test.each(REDACTIONS)('with %j is masked as if every line were looked at', (redact) => {
    fc.assert(
      fc.property(LINES, LINES, (first, second) => {
        const slow = maskingFor(redact);
        const fast = maskingFor(redact);
        for (const lines of [first, second]) {
          const each = lines.map((line) => `${slow.maskLine(line)}\n`).join('');
          expect(fast.mask(lines.map((line) => `${line}\n`).join(''))).toBe(each);
        }
      }),
      { numRuns: 400 },
    );
  });

  test('that has nothing to mask is the text that passed, spaces included', () => {
    const text =
      '{"atMs":1,"sent":{ "id" : 1.0, "method":"turn/start" }}\n{"atMs":2,"received":{"id":1,"result":{}}}\n';
    expect(maskingFor().mask(text)).toBe(text);
  });

  test('is masked in the lines that need it alone', () => {
    const plain = '{"atMs":3,"sent":{ "id":1e0 }}\n';
    const secret = sent({ id: 2, params: { token: 'abc' } });
    expect(maskingFor().mask(plain + secret + plain)).toBe(
      plain + sent({ id: 2, params: { token: '[masked]' } }) + plain,
    );
  });

  test('has a gap in the place of a line that is no message', () => {
    const masking = maskingFor();
    const whole = sent({ id: 1, method: 'a' });
    const broken = '{"atMs":7,"received":{"id":}}\n';
    expect(masking.mask(whole + broken, whole.length)).toBe(`${whole}{"atMs":7,"missed":1}\n`);
    expect(masking.leftOut).toBe(1);
  });

  test('has a gap in the place of a line that is too deep to be looked through', () => {
    const deep = `{"atMs":7,"received":{"params":{"token":"abc","a":${'['.repeat(200_000)}${']'.repeat(200_000)}}}}\n`;
    expect(maskingFor().mask(deep)).toBe('{"atMs":7,"missed":1}\n');
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
    expect(masking.mask(sent({ id: 7, method: 'account/read', params: {} }) + received(answer))).toContain(
      JSON.stringify(masked),
    );
    expect(masking.mask(received(answer))).toBe(received(answer));
  });

  test('is masked in an answer that comes in a later piece, in either direction', () => {
    const masking = maskingFor();
    masking.mask(sent({ id: 7, method: 'account/read' }));
    masking.mask(received({ id: 7, method: 'account/chatgptAuthTokens/refresh', params: {} }));
    expect(masking.mask(sent({ id: 8, result: answer.result }))).toContain('Mine');
    expect(masking.mask(received(answer) + sent(answer))).toBe(received(masked) + sent(masked));
  });

  test('is masked in notifications', () => {
    const params = { status: 'connected', serverName: 'my-laptop' };
    expect(maskingFor().mask(received({ method: 'remoteControl/status/changed', params }))).not.toContain(
      'laptop',
    );
  });
});
