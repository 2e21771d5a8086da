/** A newer codex that calls its methods as the client calls its own: types and client keep the client's. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AsyncClient } from 'codex-async-client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { defineTypedMethods } from '../../src/client/typed-methods.js';
import { PipedServer } from '../helpers/piped-server.js';
import { flat, protocol } from './small-protocol.js';

const TAKEN = [
  'thread/run',
  'turn/run',
  'command/run',
  'file/watch',
  'request',
  'events',
  'closed',
  'constructor',
  'then',
  'to/string',
];
const FREE = 'thing/do';

const requests = [...TAKEN, FREE].map(
  (method) => `{ "method": "${method}", id: number, params: undefined, }`,
);
const text = flat(protocol([], requests.join(' | ')));
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'taken-names-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('the generator writes no typed method of a taken name, and the method itself is known', () => {
  const members = [...text.matchAll(/^ {2}(\w+)\(.*options\?: RequestOptions\)/gm)].map(([, name]) => name);
  expect(members).toEqual(['thingDo']);
  for (const method of TAKEN) expect(text).toContain(`  '${method}': { params: undefined; response:`);
});

test('a client of that protocol keeps its own members, and gets the methods that are free', async () => {
  const path = join(folder, 'generated.ts');
  writeFileSync(path, text.replace(/^import type .*$/m, ''));
  const { CLIENT_METHODS }: { CLIENT_METHODS: readonly string[] } = await import(path);
  expect(CLIENT_METHODS).toEqual(expect.arrayContaining([...TAKEN, FREE]));
  const newer = Object.create(AsyncClient.prototype) as AsyncClient;
  defineTypedMethods(newer, () => {}, CLIENT_METHODS);
  expect(Object.getOwnPropertyNames(newer)).toEqual(['thingDo']);
  expect(newer.threadRun).toBe(AsyncClient.prototype.threadRun);
  expect(newer).not.toHaveProperty('then');
});

test.each(TAKEN)('request(%j) reaches the method by its name', async (method) => {
  const server = new PipedServer();
  const answer = server.client.request(method, { a: 1 });
  const { id, params } = await server.receivedWhere((message) => message.method === method);
  expect(params).toEqual({ a: 1 });
  server.send({ id, result: { b: 2 } });
  expect(await answer).toEqual({ b: 2 });
});
