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
    ['authorization = hunter2, next', 'authorization = [masked], next'],
    ['Authorization: Bearer  abc.def', 'Authorization: [masked]'],
    ['sent basic  dXNlcjpwYXNz on', 'sent basic [masked] on'],
    ['apikey=abcdef99 accessToken: abcdef99', 'apikey=[masked] accessToken: [masked]'],
    [
      'AWS_SECRET_ACCESS_KEY=abcdef99 secretKey=abcdef99',
      'AWS_SECRET_ACCESS_KEY=[masked] secretKey=[masked]',
    ],
    ['secretaccesskey=abcdef99 passwd=abcdef99', 'secretaccesskey=[masked] passwd=[masked]'],
    ['password : abcdef99 and --client-secret abcdef99', 'password : [masked] and --client-secret [masked]'],
    ['postgres://user:pa55@host/db', 'postgres://[masked]@host/db'],
    ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0 unsigned', '[masked] unsigned'],
    ['github_pat_0123456789abcdef glpat-0123456789-abcdef', '[masked] [masked]'],
    ['xoxb-12-345678 AIza-0123456789-0123456789-0123456789', '[masked] [masked]'],
    ['npm_0123456789abcdefghij0123456789', '[masked]'],
    [
      'ghp_short github_pat_short glpat-short xoxb-short',
      'ghp_short github_pat_short glpat-short xoxb-short',
    ],
    ['AKIA123 AIza-short npm_short sk-short', 'AKIA123 AIza-short npm_short sk-short'],
    ['eyJ.a.b eyJhbGciOiJI.b the monkey=bananas', 'eyJ.a.b eyJhbGciOiJI.b the monkey=bananas'],
    ['basic idea, password: no, ?key=no', 'basic idea, password: no, ?key=no'],
    ['thread 019a-skip started in 5 ms, 12 tokens', 'thread 019a-skip started in 5 ms, 12 tokens'],
    ['token_count=123 task-runner desk-lamp-holder', 'token_count=123 task-runner desk-lamp-holder'],
  ])('%j becomes %j', (text, clean) => {
    expect(cleanStderrText(text)).toBe(clean);
  });
});
