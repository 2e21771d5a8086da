/**
 * A Node.js warning in the user's program is a failure: of a leak of listeners, of a promise handled late, of anything
 * deprecated. One process does here what makes such clients warn: much of everything at once.
 */
import { AsyncClient } from 'codex-async-client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { PipedServer, turn } from '../helpers/piped-server.js';
import { startScripted } from '../helpers/scripted.js';

/** More than the ten listeners of one event that Node.js takes for a leak. */
const MANY = 12;
const each = <T>(make: (n: number) => T): T[] => Array.from({ length: MANY }, (_, n) => make(n));

let warnings: Error[];
const note = (warning: Error) => warnings.push(warning);
beforeEach(() => {
  warnings = [];
  process.on('warning', note);
});
afterEach(() => void process.off('warning', note));

/** The warnings so far; Node.js emits them a little later. */
async function warned(): Promise<string[]> {
  await turn();
  return warnings.map(({ name, message }) => `${name}: ${message}`);
}

test('a Node.js warning is noticed by these tests', async () => {
  process.emitWarning('this one is meant', 'TestWarning');
  expect(await warned()).toEqual(['TestWarning: this one is meant']);
});

test('a Node.js warning about listeners appears with many clients in one process: none does', async () => {
  const clients = await Promise.all(each(() => startScripted('echo-params')));
  await Promise.all(clients.map((client) => client.request('ping')));
  await Promise.all(clients.map((client) => client.shutdown()));
  expect(await warned()).toEqual([]);
});

test('a Node.js warning about listeners appears with many uses of one client and one signal: none does', async () => {
  const server = new PipedServer();
  const { client } = server;
  const controller = new AbortController();
  const { signal } = controller;
  const streams = each((n) => client.events({ threadId: `thread ${n}` }));
  const pending = Promise.allSettled([
    ...each((n) => client.request('x/never', { n }, { signal })),
    ...each((n) => client.turnRun({ threadId: `thread ${n}`, input: 'go' }, { signal }).result()),
    ...each(() => client.commandRun({ command: ['cat'] }, { signal }).result()),
    ...each(() => client.fileWatch({ path: '/x' }, { signal }).ready),
    ...streams.map((stream) => stream.next()),
    ...each(() => client.closed),
  ]);
  await server.receivedRequests(4 * MANY);
  controller.abort(new Error('the user left'));
  server.end();
  await client.shutdown();
  expect(await pending).toHaveLength(6 * MANY);
  expect(await warned()).toEqual([]);
});

test('a Node.js warning about rejections appears when the server goes and nobody listens: none does', async () => {
  const client = await startScripted('dies-when-told');
  client.events({ threadId: 'thread' });
  client.turnRun({ threadId: 'thread', input: 'go' });
  await client.notify('kill');
  expect(await client.closed).toMatchObject({ expected: false, signal: 'SIGKILL' });
  await client.shutdown();
  await AsyncClient.start({ codexPath: '/no/such/codex' }).catch(() => {});
  expect(await warned()).toEqual([]);
});
