/** One open stream and its states: read, left, finished; and who gets what it has not read. */
import type { ServerMessage } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { OpenStream, type StreamClaim } from '../../../src/session/streams/open-stream.js';
import { PRECEDENCE, REQUEST_GROUP } from '../../../src/session/streams/precedence.js';
import { Streams } from '../../../src/session/streams/streams.js';
import { ask, delta, numberOf } from '../../helpers/messages.js';
import { outcomeOf } from '../../helpers/piped-server.js';
import { readAll, startFlow } from './fake-flow.js';

const RUN: StreamClaim = { keys: { threadId: 'a' }, precedence: PRECEDENCE.turnRun };
const inA = { threadId: 'a' };

function startStream(claim: StreamClaim = RUN) {
  const { flow } = startFlow();
  const streams = new Streams(flow);
  const stream = streams.open(claim, { takesUnread: false });
  const send = (...messages: readonly ServerMessage[]) => {
    for (const message of messages) streams.dispatch(message, 1);
  };
  const held = () => flow.stats().held.messages;
  const unreadOf = (from: OpenStream) => readAll(from, () => from.unread);
  const mainUnread = () => readAll(streams.main, () => streams.main.unread);
  return { streams, stream, send, held, unreadOf, mainUnread };
}

describe('a stream that is read', () => {
  test('takes what its claim says, and its own predicate has the last word', async () => {
    const { streams, stream, send, unreadOf, mainUnread } = startStream({
      ...RUN,
      takes: (message) => numberOf(message) !== 2,
    });
    expect(stream).toBeInstanceOf(OpenStream);
    send(delta(1, inA), delta(2, inA), delta(3, inA), delta(4, { threadId: 'b' }));
    expect(stream.isRead).toBe(true);
    expect(stream.unread).toBe(2);
    expect(await unreadOf(stream)).toEqual([1, 3]);
    expect(await mainUnread()).toEqual([2, 4]);
    expect(streams.received).toBe(4);
  });

  test('L11 passes on what its claim says once its reader has left, read or not, and drops the rest', async () => {
    const { stream, send, mainUnread, streams } = startStream({
      ...RUN,
      passesOn: (message) => numberOf(message) === 2 || numberOf(message) === 4,
    });
    send(delta(1, inA), delta(2, inA));
    stream.leave();
    send(delta(3, inA), delta(4, inA));
    expect(await mainUnread()).toEqual([2, 4]);
    expect(streams.discarded).toBe(2);
  });

  test('takes one message when its claim says so; the rest goes to others', async () => {
    const { stream, send, unreadOf, mainUnread } = startStream({ ...RUN, takesOne: true });
    send(delta(1, inA), delta(2, inA), delta(3, inA));
    expect(await unreadOf(stream)).toEqual([1]);
    expect(await mainUnread()).toEqual([2, 3]);
  });

  test('takes one more thread from then on', async () => {
    const { stream, send, unreadOf, mainUnread } = startStream();
    send(delta(1, { threadId: 'sub' }));
    stream.addThread('sub');
    send(delta(2, { threadId: 'sub' }), delta(3, inA));
    expect(await unreadOf(stream)).toEqual([2, 3]);
    expect(await mainUnread()).toEqual([1]);
  });

  test('can be put off: a waiting read rejects, and what comes is read later', async () => {
    const { stream, send } = startStream();
    const reason = new Error('enough');
    const read = stream.take();
    stream.rejectReader(reason);
    await expect(read).rejects.toBe(reason);
    send(delta(1, inA));
    expect(numberOf(await stream.take())).toBe(1);
    expect(stream.isRead).toBe(true);
  });
});

describe('a stream that is left', () => {
  test('L11 drops notifications, old and new, and counts them', async () => {
    const { streams, stream, send, held } = startStream();
    send(delta(1, inA));
    stream.leave();
    expect(stream.isRead).toBe(false);
    send(delta(2, inA), delta(3, inA));
    expect(stream.unread).toBe(0);
    expect(held()).toBe(0);
    expect(streams.discarded).toBe(3);
    expect(await stream.take()).toBeUndefined();
  });

  test('L11 leaves server requests, old and new, to others, in wire order', async () => {
    const { streams, stream, send, mainUnread } = startStream();
    send(delta(0, { threadId: 'b' }), ask(1, inA), delta(2, { threadId: 'b' }));
    stream.leave();
    send(ask(3, inA));
    expect(await mainUnread()).toEqual([0, 1, 2, 3]);
    expect(streams.discarded).toBe(0);
  });

  test('L11 gives each request to the stream that would get it now', async () => {
    const { streams, stream, send, unreadOf, mainUnread } = startStream();
    const thread = streams.open({ keys: { threadId: 'a' }, precedence: 4 });
    send(ask(1, inA), ask(2, inA));
    stream.leave();
    expect(await unreadOf(thread)).toEqual([1, 2]);
    expect(await mainUnread()).toEqual([]);
  });

  test('takes nothing along any more when it is stopped, but what is unread can be read', async () => {
    const { streams, stream, send } = startStream();
    const failure = new Error('told');
    send(delta(1, inA));
    stream.stop(failure);
    send(delta(2, inA));
    expect(streams.discarded).toBe(1);
    expect(numberOf(await stream.take())).toBe(1);
    await expect(stream.take()).rejects.toBe(failure);
  });
});

describe('a stream that is finished', () => {
  test('stops counting what it holds, hands it out, and then ends', async () => {
    const { stream, send, held, unreadOf } = startStream();
    send(delta(1, inA), ask(2, inA), delta(3, inA));
    expect(held()).toBe(3);
    stream.finish();
    expect(held()).toBe(0);
    expect(stream.unread).toBe(3);
    expect(await unreadOf(stream)).toEqual([1, 2, 3]);
    expect(await stream.take()).toBeUndefined();
    expect(held()).toBe(0);
  });

  test('L9 fails after what it holds, with the first failure', async () => {
    const { stream, send } = startStream();
    const failure = new Error('gone');
    send(delta(1, inA));
    stream.finish(failure);
    stream.finish(new Error('later'));
    expect(numberOf(await stream.take())).toBe(1);
    await expect(stream.take()).rejects.toBe(failure);
  });

  test('gets nothing any more: its keys, added ones too, are gone from the table', async () => {
    const { streams, stream, send, mainUnread } = startStream();
    // With nobody left in the table nobody would look there.
    streams.open({ keys: { threadId: 'other' }, precedence: 4 });
    stream.addThread('sub');
    stream.finish();
    stream.addThread('late');
    send(delta(1, inA), delta(2, { threadId: 'sub' }), delta(3, { threadId: 'late' }));
    expect(stream.unread).toBe(0);
    expect(streams.discarded).toBe(0);
    expect(await mainUnread()).toEqual([1, 2, 3]);
  });

  test('ends a read that waits', async () => {
    const { stream } = startStream();
    const read = stream.take();
    stream.finish();
    expect(await outcomeOf(read)).toBeUndefined();
  });

  test('L11 that is closed as well hands its requests back, which count again, and drops the rest', async () => {
    const { streams, stream, send, held, mainUnread } = startStream();
    send(delta(1, inA), ask(2, inA));
    stream.finish();
    stream.close();
    expect(stream.unread).toBe(0);
    expect(streams.discarded).toBe(1);
    expect(held()).toBe(1);
    expect(await mainUnread()).toEqual([2]);
  });

  test('L11 closing does both, once', async () => {
    const { streams, stream, send, held, mainUnread } = startStream();
    send(delta(1, inA), ask(2, inA), delta(3, inA));
    stream.close();
    stream.close();
    expect(streams.discarded).toBe(2);
    expect(held()).toBe(1);
    send(delta(4, inA));
    expect(await mainUnread()).toEqual([2, 4]);
    expect(await stream.take()).toBeUndefined();
  });
});

describe('messages that are not for a stream after all', () => {
  test('L1 go to the stream that wants them, in wire order, and the rest stay', async () => {
    const { stream, send, held, unreadOf, mainUnread } = startStream();
    send(delta(0, { threadId: 'b' }), delta(1, inA), ask(2, inA), delta(3, inA));
    stream.addThread('b');
    send(delta(4, { threadId: 'b' }), delta(5, inA));
    // They come back as long as the claim takes them, so it is finished first.
    stream.finish();
    stream.handOnOthers((message, scope) => scope.threadId === 'a' && message.kind === 'notification');
    expect(held()).toBe(3);
    expect(await unreadOf(stream)).toEqual([1, 3, 5]);
    expect(await mainUnread()).toEqual([0, 2, 4]);
  });
});

test('what is at hand is taken without waiting', async () => {
  const { stream, send } = startStream();
  send(delta(1, inA), delta(2, inA));
  expect(numberOf(await stream.take())).toBe(1);
  expect(numberOf(stream.takeNow())).toBe(2);
  expect(stream.takeNow()).toBeUndefined();
});

describe('who answers', () => {
  test('L1 a stream that yields requests hands on those that another wants, and keeps the rest', async () => {
    const { streams, stream, send, unreadOf } = startStream({ ...RUN, keys: { threadId: 'a' } });
    send(ask(1, inA), delta(2, inA), ask(3, inA));
    const thread = streams.open({
      keys: { threadId: 'a', kind: 'request' },
      precedence: 5,
      takes: (message) => numberOf(message) !== 3,
    });
    stream.yieldRequests();
    expect(stream.requestGroup).toBe(REQUEST_GROUP.unattended);
    send(ask(4, inA), delta(5, inA));
    expect(await unreadOf(thread)).toEqual([1, 4]);
    expect(await unreadOf(stream)).toEqual([2, 3, 5]);
  });

  test('L1 a stream that yields requests keeps its notifications, whoever would get them now', async () => {
    const { streams, stream, send, unreadOf } = startStream();
    send(delta(1, inA), ask(2, inA));
    const narrower = streams.open(
      { keys: { threadId: 'a' }, precedence: PRECEDENCE.turnRun + 1 },
      { takesUnread: false },
    );
    stream.yieldRequests();
    expect(await unreadOf(narrower)).toEqual([2]);
    expect(await unreadOf(stream)).toEqual([1]);
  });

  test('L1 a stream that claims requests gets them again, before wider ones that are read', async () => {
    const { streams, stream, send, unreadOf } = startStream();
    const thread = streams.open({ keys: { threadId: 'a' }, precedence: 4 });
    stream.yieldRequests();
    send(ask(1, inA));
    stream.claimRequests();
    send(ask(2, inA));
    expect(await unreadOf(thread)).toEqual([1]);
    expect(await unreadOf(stream)).toEqual([2]);
  });

  test('L16 a stream that yields requests nobody else wants keeps them', async () => {
    const { stream, send, unreadOf, mainUnread } = startStream();
    send(ask(1, inA));
    stream.yieldRequests();
    send(ask(2, inA));
    expect(await unreadOf(stream)).toEqual([1, 2]);
    expect(await mainUnread()).toEqual([]);
  });
});
