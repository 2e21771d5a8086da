/** Stderr in an error message: no terminal control, and no secret of a known shape. */
import { describe, expect, it } from 'vitest';
import { cleanStderrText } from '../../../src/app-server/stderr/stderr-text.js';

describe('cleaning', () => {
  it.each([
    ['\u001b[1;31mred\u001b[0m\u001b]0;title\u0007 \u009b1mtext', 'red text'],
    ['bell\u0007 null\0 tab\t stays', 'bell null tab\t stays'],
    ['Authorization: Bearer abc.def', 'Authorization: [masked]'],
    ['authorization: Basic dXNlcjpwYXNz, next', 'authorization: [masked], next'],
    ['{"authorization":"Bearer abc","model":"x"}', '{"authorization":"[masked]","model":"x"}'],
    ['sent Bearer abcdef123 to host', 'sent Bearer [masked] to host'],
    ['key sk-proj-AbC_d-0123456789 is bad', 'key [masked] is bad'],
    ['OPENAI_API_KEY=abcdef99', 'OPENAI_API_KEY=[masked]'],
    ['api-key: "abcdef99"', 'api-key: "[masked]"'],
    ['{\\"access_token\\":\\"abcdef99\\"}', '{\\"access_token\\":\\"[masked]\\"}'],
    ['"refresh_token": "v1.abc"', '"refresh_token": "[masked]"'],
    ['client_secret=abcdef99&x=1', 'client_secret=[masked]&x=1'],
    ['GET https://host/cb?code=abcdef99&state=1', 'GET https://host/cb?code=[masked]&state=1'],
    ['GET https://user:pa55@host/path', 'GET https://[masked]@host/path'],
    ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl.', '[masked].'],
    ['ghp_0123456789abcdefghij AKIA0123456789ABCDEF', '[masked] [masked]'],
    ['thread 019a-skip started in 5 ms, 12 tokens', 'thread 019a-skip started in 5 ms, 12 tokens'],
    ['token_count=123 task-runner desk-lamp-holder', 'token_count=123 task-runner desk-lamp-holder'],
  ])('%j becomes %j', (text, clean) => {
    expect(cleanStderrText(text)).toBe(clean);
  });
});
