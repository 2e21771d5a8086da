/** Secrets that show by their own shape what they are, and what only looks a little like one. */
import { describe, expect, test } from 'vitest';
import { maskShapes } from '../../src/support/secret-shapes.js';

const KEY = '-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----';

describe('a shape', () => {
  test.each([
    ['my key is sk-abcdefgh, ok', 'my key is [x], ok'],
    ['sk_live_0123456789 pk_test_0123456789 sess-abcdefg9', '[x] [x] [x]'],
    ['ghp_0123456789abcdef gho_0123456789abcdef github_pat_0123456789abcdef', '[x] [x] [x]'],
    ['glpat-0123456789abcdef xoxb-12345678 ASIA0123456789ABCDEF', '[x] [x] [x]'],
    ['hf_0123456789abcdefghijklmn gsk_0123456789abcdefghijklmn', '[x] [x]'],
    ['eyJhbGciOiJI.eyJzdWIiOiIx.c2ln eyJhbGciOiJI.eyJzdWIiOiIx', '[x] [x]'],
    [`a ${KEY} b`, 'a [x] b'],
    ['-----BEGIN PRIVATE KEY-----\nMII', '[x]'],
    ['https://me:pa55@host/x ssh://token@host', 'https://[x]@host/x ssh://[x]@host'],
  ])('in %j is masked', (text, masked) => {
    expect(maskShapes(text, '[x]')).toBe(masked);
  });

  test.each([
    ['pk_constraint_name sess_without_digit task-runner-number-9 sk-short'],
    ['ghp_short npm_install AKIA123 eyJ.a.b'],
    ['-----BEGIN PUBLIC KEY-----'],
    ['ssh://git@github.com/a/b me@host https://host/@scope'],
  ])('is not seen in %j', (text) => {
    expect(maskShapes(text, '[x]')).toBe(text);
  });
});
