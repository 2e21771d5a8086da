/** Letting the executable write its types, and what is left of it on the disk. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findCodexExecutable } from '../../src/generator/codex-binary.js';
import { readProtocol } from '../../src/generator/protocol-reader.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'protocol-reader-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('reading the protocol leaves no temporary folder, whether it succeeds or not', () => {
  expect(readProtocol(findCodexExecutable(), folder).version).toMatch(/^\d+\.\d+\.\d+$/);
  expect(readdirSync(folder)).toEqual([]);
  expect(() => readProtocol(process.execPath, folder)).toThrow();
  expect(readdirSync(folder)).toEqual([]);
});
