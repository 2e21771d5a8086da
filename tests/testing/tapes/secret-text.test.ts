/** Secrets within a text, and prose that speaks of them. */
import { describe, expect, test } from 'vitest';
import { maskEmails, maskText } from '../../../src/testing/tapes/secret-text.js';

describe('in a text', () => {
  test.each([
    ['my key is sk-abcdefgh12345678', 'my key is [masked]'],
    ['curl -H "Authorization: Basic dXNlcjpwYXNz" x', 'curl -H "Authorization: Basic [masked]" x'],
    ['Authorization: Bearer abc', 'Authorization: Bearer [masked]'],
    ['sent Bearer abc-123.def on', 'sent Bearer [masked] on'],
    ['bearer abcdefghijklmnopqrstuvwxyz', 'bearer [masked]'],
    ['{"api_key": "open sesame", "n": 1}', '{"api_key": "[masked]", "n": 1}'],
    ['{\\"access_token\\":\\"abc\\"}', '{\\"access_token\\":\\"[masked]\\"}'],
    ['export OPENAI_API_KEY=abcdef99 && x', 'export OPENAI_API_KEY=[masked] && x'],
    ["DB_PASSWORD='hunter2'", "DB_PASSWORD='[masked]'"],
    ['DB_PASS=hunter2 DEEPSEEK_KEY=abcdef99 x', 'DB_PASS=[masked] DEEPSEEK_KEY=[masked] x'],
    ["curl -H 'X-Api-Key: abcdef99' x", "curl -H 'X-Api-Key: [masked]' x"],
    ['curl --header="Cookie: a=abcdef99; b=1" x', 'curl --header="Cookie: [masked]" x'],
    ['curl -H "Authorization: Digest abcdef99"', 'curl -H "Authorization: [masked]"'],
    ['login --token abcdef99 --verbose', 'login --token [masked] --verbose'],
    ['login --api-key=abcdef99', 'login --api-key=[masked]'],
    ['https://host/cb?code=abcdef99&state=1', 'https://host/cb?code=[masked]&state=1'],
    ['https://host/?X-Amz-Signature=abcdef99', 'https://host/?X-Amz-Signature=[masked]'],
  ])('%j becomes %j', (text, masked) => {
    expect(maskText(text)).toBe(masked);
    expect(maskText(masked)).toBe(masked);
  });

  test.each([
    ['The access token has expired; the password was wrong: try again.'],
    ['Use bearer authentication, or a basic understanding of secrets.'],
    ['export TOKEN=$GITHUB_TOKEN; login --token "$TOKEN" --password --force'],
    ['curl -H "X-Api-Key: $API_KEY" -H "Accept: text/html" -H "X-Token-Count: 12"; df -h token: 1'],
    ['12 tokens, "totalTokens": 12, "token": null'],
    ['me@example.com'],
  ])('%j stays', (text) => {
    expect(maskText(text)).toBe(text);
  });

  test('addresses of e-mail are masked where they are asked for', () => {
    expect(maskEmails('to me.too+1@mail.example.com, @scope/x')).toBe('to [masked], @scope/x');
  });

  test.each([
    ['-', '-'],
    ['a letter', 'a'],
    ['--', '--a'],
    ['sk', 'sk_'],
    ['a quote', '\\"token'],
    ['a scheme', 'a-'],
    ['eyJ', 'eyJ-'],
    ['headers', '-H to'],
  ])('a megabyte of %s takes no longer than it has to', (_what, part) => {
    const text = part.repeat((1024 * 1024) / part.length);
    expect(maskEmails(maskText(text))).toHaveLength(text.length);
  });
});
