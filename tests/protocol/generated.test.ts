/** The file that the generator made of the pinned codex: what is in it, and that it is up to date. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { findCodexExecutable } from '../../src/generator/codex-binary.js';
import { flatFile } from '../../src/generator/flat-file.js';
import { readProtocol } from '../../src/generator/protocol-reader.js';
import { tokenize } from '../../src/generator/tokens.js';
import * as generated from '../../src/protocol/generated.js';

const text = readFileSync(new URL('../../src/protocol/generated.ts', import.meta.url), 'utf8');
const protocol = readProtocol(findCodexExecutable());
const codeWords = new Set(
  tokenize(text)
    .filter(({ kind }) => kind === 'word')
    .map((token) => token.text),
);

// The surface of the pinned codex. A newer one changes these figures: look at what came and went, then set them.
test('the pinned codex has 187 client methods, 11 server requests and 88 notifications', () => {
  expect(generated.PROTOCOL_VERSION).toBe('0.169.0');
  expect(generated.CLIENT_METHODS).toHaveLength(187);
  expect(generated.SERVER_REQUEST_METHODS).toHaveLength(11);
  expect(generated.SERVER_NOTIFICATION_METHODS).toHaveLength(88);
});

test('75 client methods and one server request are experimental, and no notification is', () => {
  expect(generated.EXPERIMENTAL_METHODS).toHaveLength(187 - 112);
  expect(generated.EXPERIMENTAL_METHODS).toContain('project/list');
  expect(generated.EXPERIMENTAL_METHODS).not.toContain('thread/start');
  expect(generated.EXPERIMENTAL_SERVER_REQUEST_METHODS).toEqual(['currentTime/read']);
  expect(generated.EXPERIMENTAL_SERVER_NOTIFICATION_METHODS).toEqual([]);
});

test('the same codex gives the same bytes, and the file on disk is up to date', () => {
  expect(flatFile(readProtocol(findCodexExecutable()))).toBe(flatFile(protocol));
  expect(flatFile(protocol)).toBe(text);
});

test('the only import is that of the request options', () => {
  expect(text.match(/^import .*$/gm)).toEqual([
    "import type { RequestOptions } from '../session/requests/request-options.js';",
  ]);
});

test('no type is bigint or any', () => {
  expect(codeWords).not.toContain('bigint');
  expect(codeWords).not.toContain('any');
});

test('types that differ from their namesake in v2 have the prefix Core', () => {
  const prefixed = [...text.matchAll(/^export type (Core\w+) =/gm)].map(([, name]) => name);
  expect(prefixed).toEqual(['CoreSessionSource', 'CoreWebSearchAction']);
});

test('no line is longer than 200 columns, and none ends in a blank', () => {
  const lines = text.split('\n');
  expect(lines.filter((line) => line.length > 200)).toEqual([]);
  expect(lines.filter((line) => /\s$/.test(line))).toEqual([]);
});

test('the doc comments of every type are kept, but for what serves codex’s own tests', () => {
  const lines = (comment: string) => comment.split('\n').map((line) => line.trim());
  const kept = new Set(lines(text));
  const comments = protocol.all.flatMap(({ doc, body }) => [
    doc,
    ...tokenize(body)
      .filter(({ kind }) => kind === 'comment')
      .map((token) => token.text),
  ]);
  expect(comments.length).toBeGreaterThan(1_000);
  const left = comments.filter((comment) => !comment.includes('Test-only experimental field'));
  expect(left).toHaveLength(comments.length - 1);
  expect(left.flatMap(lines).filter((line) => !kept.has(line))).toEqual([]);
  expect(text).not.toMatch(/^ *mock\w+\??:/m);
});
