/** What users of such clients complain about, when it comes to requests and messages. One test for each pain. */
import { RequestTimeoutError } from 'codex-async-client';
import { expect, test } from 'vitest';
import { PlayedServer } from '../runs/played-server.js';

test('readline splits JSON at U+2028 and U+2029: the message arrives whole', async () => {
  await using server = new PlayedServer();
  server.piped.sendText('{"method":"warning","params":{"message":"a\u2028b\u2029c\u0085d"}}\n');
  const message = await server.client.nextMessage();
  expect(message).toMatchObject({ params: { message: 'a\u2028b\u2029c\u0085d' } });
});

test('overload loses requests that should be retried later: they are sent again, and the caller notices nothing', async () => {
  await using server = new PlayedServer();
  const call = server.client.request('thread/list', {});
  server.refuse(await server.next('thread/list'), 'Server overloaded; retry later.', -32001);
  server.answer(await server.next('thread/list'), { data: ['at last'] });
  expect(await call).toEqual({ data: ['at last'] });
});

test('the types are out of date and validation breaks: unknown messages and members pass', async () => {
  await using server = new PlayedServer();
  server.piped.send(
    { method: 'thread/dreamed', params: { of: 'sheep' }, added: 'later' },
    { id: 0, method: 'item/hologram/requestApproval', params: null },
    { method: 'turn/completed', params: { threadId: 't', turn: { id: 'u', status: 'transcended' } } },
  );
  const messages = [];
  while (messages.length < 3) messages.push(await server.client.nextMessage());
  expect(messages.map((message) => message?.method)).toEqual([
    'thread/dreamed',
    'item/hologram/requestApproval',
    'turn/completed',
  ]);
  await server.client.respond(0, { decision: 'shine' });
  expect(await server.answerTo(0)).toEqual({ id: 0, result: { decision: 'shine' } });
});

test('a timeout of one call kills the session: it ends its own call only, and its late answer is ignored', async () => {
  await using server = new PlayedServer();
  const other = server.client.request('model/list', {});
  const slow = server.client.request('thread/list', {}, { timeoutMs: 1 });
  await expect(slow).rejects.toThrow(RequestTimeoutError);
  server.answer(await server.next('thread/list'), { data: 'late' });
  server.answer(await server.next('model/list'), { data: 'in time' });
  expect(await other).toEqual({ data: 'in time' });
  expect(server.client.isAlive).toBe(true);
});

test('an iterator stalls silently: a read can be given a time limit, and loses nothing by it', async () => {
  await using server = new PlayedServer();
  await expect(server.client.nextMessage({ timeoutMs: 1 })).rejects.toThrow(RequestTimeoutError);
  server.piped.send({ method: 'warning', params: { message: 'awake again' } });
  expect(await server.client.nextMessage()).toMatchObject({ params: { message: 'awake again' } });
});
