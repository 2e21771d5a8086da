/** A thread that is followed: where its log begins, what it takes from others, how it flows and how it ends. */
import {
  AlreadyRespondedError,
  type EntryReadOptions,
  type FollowOptions,
  InvalidArgumentError,
  RpcError,
  ServerClosedError,
  type ServerMessage,
} from 'codex-async-client';
import { requestKey, type ThreadView, viewOfThread } from 'codex-async-client/view';
import { describe, expect, test } from 'vitest';
import { ask, delta, deltas, numberOf, wire } from '../../helpers/messages.js';
import { outcomeOf, readyServer, turn } from '../../helpers/piped-server.js';
import { thread } from '../../view/threads.js';
import { agentMessage, turn as aTurn } from '../../view/told.js';
import { answerRead, followed, readOf } from './followed.js';
import { next, snapshotOf, textsOf } from './reading.js';

describe('the log of a thread begins', () => {
  test('with the turns that the server has, and with what comes while it is asked; what comes twice counts once', async () => {
    const server = await readyServer();
    const log = server.client.thread('thread').follow();
    const { params } = await readOf(server);
    expect(params).toEqual({ threadId: 'thread', includeTurns: true });
    const entries = log.read();
    const first = entries.next();
    const said = agentMessage('old', 'said');
    const completed = {
      method: 'item/completed',
      params: { threadId: 'thread', turnId: 'turn', item: said },
    };
    server.send(completed, wire(delta(1)));
    expect(await outcomeOf(first)).toBe('pending');
    await answerRead(server, { name: 'it', turns: [aTurn({ items: [said] })] });
    const { value } = await first;
    expect(value?.snapshot).toMatchObject({ name: 'it', threadId: 'thread' });
    expect(textsOf(value?.snapshot as ThreadView)).toEqual(['said', '1']);
  });

  test('with what was asked before and is open, by the key of the server', async () => {
    const server = await readyServer();
    server.send(wire(ask(0)), wire(ask(1)), wire(ask(2, { threadId: 'other' })));
    await server.quiet();
    await server.client.respondById(1, { contentItems: [], success: true });
    const entries = server.client.thread('thread').follow().read();
    await answerRead(server);
    const { requests, epoch } = await snapshotOf(entries);
    expect(requests.map(({ key, id }) => [key, id])).toEqual([[requestKey(0, epoch), 0]]);
    expect(epoch).toMatch(/^[0-9a-f]{8}$/);
  });

  test.each([-32600, -32601])(
    'with the facts alone where the server cannot say its turns (%s)',
    async (code) => {
      const server = await readyServer();
      const entries = server.client.thread('thread').follow().read();
      const { id } = await readOf(server);
      server.send(wire(delta(1)), { id, error: { code, message: 'list_turns is not supported yet' } });
      expect((await readOf(server, 2)).params).toMatchObject({ includeTurns: false });
      await answerRead(server, { name: 'new' }, 2);
      const view = await snapshotOf(entries);
      expect([view.name, ...textsOf(view)]).toEqual(['new', '1']);
    },
  );

  test('at the next read, when the server did not know the thread yet', async () => {
    const server = await readyServer();
    const log = server.client.thread('thread').follow();
    const entries = log.read();
    const first = entries.next();
    const refusal = { code: -32600, message: 'thread not loaded: thread' };
    for (const number of [1, 2]) server.send({ id: (await readOf(server, number)).id, error: refusal });
    await expect(first).rejects.toThrow(RpcError);
    expect((await entries.next()).done).toBe(true);

    const later = log.read();
    const second = later.next();
    await answerRead(server, { name: 'now' }, 3);
    expect((await second).value?.snapshot?.name).toBe('now');
  });

  test('not with an answer that has no thread', async () => {
    const server = await readyServer();
    const entries = server.client.thread('thread').follow().read();
    server.send({ id: (await readOf(server)).id, result: {} });
    await expect(entries.next()).rejects.toMatchObject({ code: 'CODEX_PROTOCOL' });
  });

  test('not with a failure that says nothing about its turns', async () => {
    const server = await readyServer();
    const entries = server.client.thread('thread').follow().read();
    server.send({ id: (await readOf(server)).id, error: { code: -32603, message: 'disk' } });
    await expect(entries.next()).rejects.toMatchObject({ rpcCode: -32603 });
  });

  test('anew when the server takes turns back: every reader gets what is left', async () => {
    const { server, log } = await followed();
    const entries = log.read();
    await next(entries);
    server.send({ method: 'thread/reverted', params: { threadId: 'thread' } });
    expect((await next(entries)).message?.method).toBe('thread/reverted');
    // Another one while it is read: what was read may be from before.
    await readOf(server, 2);
    server.send({ method: 'thread/reverted', params: { threadId: 'thread' } });
    await next(entries);
    await answerRead(server, {}, 2);
    expect(await snapshotOf(entries)).toMatchObject({ isStale: true });
    await answerRead(server, { turns: [aTurn({ id: 'left' })] }, 3);
    const view = await snapshotOf(entries);
    expect([view.isStale, view.turns.map(({ id }) => id)]).toEqual([false, ['left']]);
    expect(view).toEqual(viewOfThread(thread({ turns: [aTurn({ id: 'left' })] }), { epoch: view.epoch }));
  });
});

test('a log whose thread could not be read anew is asked for again by the next read', async () => {
  const { server, log } = await followed();
  const entries = log.read();
  await next(entries);
  server.send({ method: 'thread/reverted', params: { threadId: 'thread' } });
  await next(entries);
  server.send({ id: (await readOf(server, 2)).id, error: { code: -32603, message: 'disk' } });
  await server.quiet();
  const waiting = snapshotOf(entries);
  await answerRead(server, { turns: [aTurn({ id: 'left' })] }, 3);
  const { isStale, turns } = await waiting;
  expect([isStale, turns.map(({ id }) => id)]).toEqual([false, ['left']]);
  expect(await outcomeOf(entries.next())).toBe('pending');
  expect(server.received.filter(({ method }) => method === 'thread/read')).toHaveLength(3);
});

describe('L25 a follower', () => {
  test('takes nothing from runs and streams of its thread, and gets what they get', async () => {
    const { server, log } = await followed();
    const { client } = server;
    const entries = log.read();
    await next(entries);
    const stream = client.events({ threadId: 'thread' });
    server.send(...deltas(1, 3).map(wire), wire(ask(4)), wire(delta(5, { threadId: 'other' })));
    await server.quiet();
    const read: ServerMessage[] = [];
    while (read.length < 4) read.push((await stream.next()).value as ServerMessage);
    expect(read.map(numberOf)).toEqual([1, 2, 3, 4]);
    expect(await next(entries)).toMatchObject({ message: { params: { delta: '123' }, coalesced: 3 } });
    // The objects are those that the readers get.
    expect((await next(entries)).message).toBe(read[3]);
    expect(client.stats().streams.map(({ heldMessages }) => heldMessages)).toEqual([1, 0]);
  });

  test('of a thread has readers that each go at their own pace, from any place that is held', async () => {
    const { server, log } = await followed();
    const [quick, slow] = [log.read(), log.read()];
    await next(quick);
    await next(slow);
    const ids: string[] = [];
    for (let n = 1; n <= 3; n += 1) {
      server.send(wire(delta(n)));
      const { id, message } = await next(quick);
      ids.push(id);
      expect(numberOf(message)).toBe(n);
    }
    expect(await next(slow)).toMatchObject({ id: ids[2], message: { params: { delta: '123' } } });
    const back = log.read({ after: ids[0] });
    expect(await next(back)).toMatchObject({ id: ids[2], message: { params: { delta: '23' } } });
  });

  test.each<[string, EntryReadOptions['after'], readonly string[]]>([
    ['nothing', undefined, ['snapshot']],
    ['null, as a header of the web that is missing', null, ['snapshot']],
    ['an empty text', '', ['snapshot']],
    ['a list without an id', [], ['snapshot']],
    ['an id of yesterday', 'abcdef01.abcdef01.7', ['gap', 'snapshot']],
    ['a list of ids', ['abcdef01.abcdef01.7', 'x'], ['gap', 'snapshot']],
  ])('begins to read behind %s', async (_, after, kinds) => {
    const { log } = await followed();
    const entries = log.read({ after });
    for (const kind of kinds) expect(await next(entries)).toHaveProperty(kind);
  });

  test('goes on behind the last id of a list, as a header of Node.js may be', async () => {
    const { server, log } = await followed();
    const { id } = await next(log.read());
    server.send(wire(delta(1)));
    expect(numberOf((await next(log.read({ after: ['x', id] }))).message)).toBe(1);
  });

  test('keeps the server’s output being read while nobody reads it, and what nobody else wants goes to the main stream', async () => {
    const server = await readyServer({ buffer: { highWaterMark: 2 } });
    const log = server.client.thread('thread').follow();
    await answerRead(server);
    for (const message of deltas(1, 9)) {
      server.send(wire(message));
      await server.quiet();
    }
    expect(server.client.stats()).toMatchObject({ paused: { now: false }, held: { messages: 9 } });
    expect(textsOf(await snapshotOf(log.read()))).toEqual(['123456789']);
    log.close();
    server.send(wire(delta(10)));
    await server.quiet();
    expect(server.client.stats().paused.now).toBe(true);
  });

  test('goes on where nothing else is read: the main stream gives up its oldest, and the log has them', async () => {
    const server = await readyServer({ buffer: { maxBytes: 2_000 } });
    const log = server.client.thread('thread').follow();
    await answerRead(server);
    for (const message of deltas(1, 99)) {
      server.send(wire(message));
      await server.quiet();
    }
    const { paused, held, messages } = server.client.stats();
    expect([paused.now, held.bytes <= 2_000, messages.evicted > 50]).toEqual([false, true, true]);
    const text = deltas(1, 99).map(numberOf).join('');
    expect(textsOf(await snapshotOf(log.read()))).toEqual([text]);
  });

  test('is one of the taps in stats(), until it is closed', async () => {
    const { server, log } = await followed();
    expect(server.client.stats().taps.open).toBe(1);
    log.close();
    expect(server.client.stats().taps.open).toBe(0);
  });
});

describe('L9 the end of a followed thread', () => {
  test('with shutdown: what is held, and then the end', async () => {
    const { server, log } = await followed();
    const entries = log.read();
    await next(entries);
    server.send(wire(delta(1)));
    await server.quiet();
    await server.client.shutdown();
    expect(numberOf((await next(entries)).message)).toBe(1);
    expect((await entries.next()).done).toBe(true);
  });

  test('with the server: what is held, and then its error, also for those who come later', async () => {
    const { server, log } = await followed();
    const entries = log.read();
    await next(entries);
    server.send(wire(delta(1)));
    server.end();
    await server.client.closed;
    expect(numberOf((await next(entries)).message)).toBe(1);
    await expect(entries.next()).rejects.toThrow(ServerClosedError);
    const late = log.read();
    expect(textsOf(await snapshotOf(late))).toEqual(['1']);
    await expect(late.next()).rejects.toThrow(ServerClosedError);
  });

  test('before it has begun, and before it was followed', async () => {
    const server = await readyServer();
    const waiting = server.client.thread('thread').follow().read().next();
    await server.client.shutdown();
    expect((await waiting).done).toBe(true);
    const late = server.client.thread('thread').follow();
    expect((await late.read().next()).done).toBe(true);
  });

  test('by close(): readers end, and an await using does it', async () => {
    const { log } = await followed();
    const entries = log.read();
    await next(entries);
    const waiting = entries.next();
    await log[Symbol.asyncDispose]();
    log.close();
    expect((await waiting).done).toBe(true);
    expect((await log.read().next()).done).toBe(true);
  });

  test('by close() while the thread is being read', async () => {
    const server = await readyServer();
    const log = server.client.thread('thread').follow();
    const waiting = log.read().next();
    log.close();
    await answerRead(server);
    await turn();
    expect((await waiting).done).toBe(true);
    expect((await log.read().next()).done).toBe(true);
  });
});

describe('what is refused', () => {
  test.each<[unknown, string]>([
    [{ keepBytes: 0 }, 'options.keepBytes: expected a whole number of bytes, 1 or more, got 0'],
    [{ keepBytes: '8' }, 'options.keepBytes: expected a whole number of bytes, 1 or more, got "8"'],
    [{ answers: 'yes' }, 'options.answers: expected true or false, got "yes"'],
    [{ keepByte: 1 }, 'options.keepByte: unknown name; did you mean "keepBytes"?'],
  ])('follow(%o)', async (options, message) => {
    const { client } = await readyServer();
    const follow = () => client.thread('thread').follow(options as FollowOptions);
    expect(follow).toThrow(InvalidArgumentError);
    expect(follow).toThrow(message);
  });

  test.each<[unknown, string]>([
    [{ after: 7 }, 'options.after: expected the id of an entry, or none, got 7'],
    [{ after: [7] }, 'options.after: expected an array of strings, got an array of 1'],
    [{ signal: 1 }, 'options.signal: expected an AbortSignal, got 1'],
    [{ afterId: 'x' }, 'options.afterId: unknown name; did you mean "after"?'],
  ])('read(%o)', async (options, message) => {
    const { log } = await followed();
    expect(() => log.read(options as EntryReadOptions)).toThrow(message);
  });
});

test('L12 a request that a page sees is answered once, by its id', async () => {
  const { server, log } = await followed();
  const entries = log.read();
  await next(entries);
  server.send(wire(ask(0)));
  const { message } = await next(entries);
  const answer = { contentItems: [], success: true };
  await server.client.respondById(message?.kind === 'request' ? message.id : -1, answer);
  expect(await server.receivedWhere(({ result }) => result !== undefined)).toMatchObject({
    id: 0,
    result: answer,
  });
  await expect(server.client.respondById(0, answer)).rejects.toThrow(AlreadyRespondedError);
});
