/** A server that is newer than the types: what it sends that nobody here knows passes through unharmed. */
import { describe, expect, test } from 'vitest';
import { PipedServer } from '../helpers/piped-server.js';
import { startScripted } from '../helpers/scripted.js';

describe('a newer server', () => {
  test('the types are out of date and validation breaks: unknown notifications are delivered, in order, whatever their params', async () => {
    const server = new PipedServer();
    const params: unknown[] = [{ a: 1 }, null, [1, 2], 'text', 0, { thread: null, turn: 5, threadId: {} }];
    server.send(...params.map((value) => ({ method: 'future/thing', params: value, added: 'later' })), {
      method: 'future/thing',
    });
    const stream = server.client.events();
    for (const expected of [...params, undefined]) {
      const { value } = await stream.next();
      expect(value).toEqual({ kind: 'notification', method: 'future/thing', params: expected });
    }
  });

  test('its unknown requests are delivered and can be answered and refused', async () => {
    await using client = await startScripted('asks-the-client');
    await client.notify('ask', { id: 0, method: 'future/question', params: { size: 3 } });
    await client.notify('ask', { id: 'q', method: 'item/hologram/requestApproval', params: null });
    const first = await client.nextMessage({ methods: ['future/question'] });
    const second = await client.nextMessage();
    expect(first).toEqual({ kind: 'request', id: 0, method: 'future/question', params: { size: 3 } });
    if (first?.kind !== 'request' || second?.kind !== 'request') throw new Error('they are requests');
    await client.respond(first, { big: true });
    await client.respondError(second, -32601, 'not here', { since: 'v1' });
    expect(await client.request('answers')).toEqual([
      { id: 0, result: { big: true } },
      { id: 'q', error: { code: -32601, message: 'not here', data: { since: 'v1' } } },
    ]);
  });

  test('a known notification with other params than the types say harms nobody', async () => {
    const server = new PipedServer();
    const strange: object[] = [
      { method: 'serverRequest/resolved' },
      { method: 'serverRequest/resolved', params: null },
      { method: 'serverRequest/resolved', params: { requestId: {} } },
      { method: 'turn/completed', params: null },
      { method: 'turn/completed', params: { threadId: 't', turn: { id: 'u', status: 'transcended' } } },
      { method: 'thread/status/changed', params: [] },
    ];
    server.send(...strange, { method: 'future/thing', params: {} });
    const filtered = server.client.events({ threadId: 'x' });
    for (const message of strange) expect(await server.client.nextMessage()).toMatchObject(message);
    expect(await server.client.nextMessage()).toMatchObject({ method: 'future/thing' });
    await filtered.return();
    expect(server.client.isAlive).toBe(true);
  });

  test('a filter can name methods that the types do not know', async () => {
    const server = new PipedServer();
    const stream = server.client.events({ methods: ['future/thing'] });
    server.send({ method: 'other/thing', params: {} }, { method: 'future/thing', params: {} });
    expect(await stream.next()).toMatchObject({ value: { method: 'future/thing' } });
    expect(await server.client.nextMessage()).toMatchObject({ method: 'other/thing' });
  });
});

describe('a server of another version than the types', () => {
  /** Answers, as a server of 0.170.0, every request with what it was asked. */
  async function newerServer(): Promise<PipedServer> {
    const server = new PipedServer();
    const answered = server.client.initialize();
    const { id } = await server.receivedWhere(({ method }) => method === 'initialize');
    const answer = { codexHome: '/x', platformFamily: 'unix', platformOs: 'linux' };
    server.send({ id, result: { ...answer, userAgent: 'piped/0.170.0 (test)' } });
    await answered;
    return server;
  }

  test('L20 takes params, answers and methods that the types do not have', async () => {
    const server = await newerServer();
    const { client } = server;
    const method = 'item/commandExecution/requestApproval';
    client.setStandingAnswer(method, { decision: 'later' } as never);
    client.setStandingAnswer('item/tool/cal' as never, {} as never);
    await client.events({ methods: ['turn/complete'] }).return();
    server.send({ id: 0, method, params: {} }, { id: 1, method: 'item/tool/call', params: {} });
    const asked = await client.nextMessage();
    if (asked?.kind !== 'request') throw new Error('it is a request');
    await client.respond(asked, { output: 'text' } as never);
    const sent: Promise<unknown> = client.threadStart({ approvalPolcy: 'never' } as object);
    const run = client.turnRun({ threadId: 't', input: 'x', outputSchem: {} } as never);
    expect((await server.receivedRequests(3)).at(1)?.params).toEqual({ approvalPolcy: 'never' });
    expect((await server.receivedRequests(3)).at(2)?.params).toMatchObject({ outputSchem: {} });
    const answers = server.received.filter((message) => message.method === undefined);
    expect(answers.map(({ result }) => result)).toEqual([{ decision: 'later' }, { output: 'text' }]);
    server.end();
    await Promise.allSettled([sent, run.result()]);
  });
});
