// The generator on the real output of the pinned codex, and the file it made.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import * as generated from '../../src/protocol/generated.js';
import { findCodexExecutable, readProtocol } from '../../src/generator/codex-binary.js';
import { flatFile } from '../../src/generator/flat-file.js';
import { flatten } from '../../src/generator/flatten.js';
import { layOutType } from '../../src/generator/layout.js';
import { readMethodMap } from '../../src/generator/method-map.js';
import { RESPONSE_EXCEPTIONS } from '../../src/generator/response-exceptions.js';
import { isMark, textOf, tokenize } from '../../src/generator/tokens.js';

const text = readFileSync(new URL('../../src/protocol/generated.ts', import.meta.url), 'utf8');
const protocol = readProtocol(findCodexExecutable());
const map = readMethodMap(flatten(protocol.all), flatten(protocol.stable));
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

test('every request of both directions has a response type', () => {
  const without = [...map.clientRequests, ...map.serverRequests].filter(
    ({ response }) => response === undefined,
  );
  expect(without).toEqual([]);
});

test('every line of the table of exceptions is needed and names a type', () => {
  for (const [method, response] of Object.entries(RESPONSE_EXCEPTIONS)) {
    expect(map.clientRequests.find((entry) => entry.method === method)).toMatchObject({ response });
  }
});

test('the same codex gives the same bytes, and the file on disk is up to date', () => {
  expect(flatFile(readProtocol(findCodexExecutable()))).toBe(flatFile(protocol));
  expect(flatFile(protocol)).toBe(text);
});

test('the only import is that of the request options', () => {
  expect(text.match(/^import .*$/gm)).toEqual([
    "import type { RequestOptions } from '../session/request-options.js';",
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

describe('of every type', () => {
  test('the layout changes white space only', () => {
    const changed = protocol.all.filter(({ body }) => squeeze(layOutType(body)) !== squeeze(body));
    expect(changed.map(({ path }) => path)).toEqual([]);
  });

  test('the doc comments are kept', () => {
    const lines = (comment: string) => comment.split('\n').map((line) => line.trim());
    const kept = new Set(lines(text));
    const comments = protocol.all.flatMap(({ doc, body }) => [
      doc,
      ...tokenize(body)
        .filter(({ kind }) => kind === 'comment')
        .map((token) => token.text),
    ]);
    expect(comments.length).toBeGreaterThan(1_000);
    expect(comments.flatMap(lines).filter((line) => !kept.has(line))).toEqual([]);
  });
});

/** The text without white space, and without a `|` that only opens a union. */
function squeeze(type: string): string {
  const tokens = tokenize(type).filter(({ kind }) => kind !== 'space');
  const opens = (index: number) => index === 0 || /^[({<:,[]$/.test(tokens[index - 1]?.text ?? '');
  return textOf(tokens.filter((token, index) => !(isMark(token, '|') && opens(index)))).replaceAll(/\s/g, '');
}
