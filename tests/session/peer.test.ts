/** The one door to a session: its checks, its defaults, and how those behind it wait. */
import {
  BackpressureError,
  InvalidArgumentError,
  ProtocolError,
  RequestTimeoutError,
  RpcError,
  ServerClosedError,
} from 'codex-async-client';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { Peer } from '../../src/session/peer.js';
import type { Follower } from '../../src/session/streams/followers.js';
import { ask, delta, deltas, numberOf, wire } from '../helpers/messages.js';
import { outcomeOf, PipedServer, turn } from '../helpers/piped-server.js';
import { startSession } from './fake-process.js';

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

function useFakeTimers(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
}

/** Room for this many deltas, of which one may be held without demand. */
function startSmall(messages: number) {
  const lineBytes = Buffer.byteLength(JSON.stringify(wire(delta(0))));
  return startSession({ flow: { highWaterMark: 1, maxBytes: messages * lineBytes } });
}

describe('a call', () => {
  test.each<[string, (peer: Peer) => Promise<unknown>]>([
    ['method', (peer) => peer.call('')],
    ['params', (peer) => peer.call('x/y', 5)],
    ['options.timeoutMs', (peer) => peer.call('x/y', {}, { timeoutMs: -1 })],
    ['options.trace', (peer) => peer.call('x/y', {}, { trace: {} as never })],
    ['method', (peer) => peer.notify('', {})],
    ['params', (peer) => peer.notify('x/y', [])],
  ])('L20 with a bad %s rejects, and nothing is sent', async (argument, call) => {
    const { peer, session, received } = startSession();
    const error = await outcomeOf(call(peer));
    expect(error).toBeInstanceOf(InvalidArgumentError);
    expect(error).toMatchObject({ argument });
    expect(session.stats().requests).toMatchObject({ inFlight: 0, waiting: 0 });
    expect(received()).toEqual([]);
  });

  test('has the time limit of its own, otherwise the client’s, and none when it may take long', async () => {
    useFakeTimers();
    const { session } = startSession();
    const peer = new Peer(session, 500);
    const calls: Promise<unknown>[] = [
      peer.call('thread/loaded/list', {}),
      peer.call('thread/loaded/list', {}, { timeoutMs: 700 }),
      peer.call('thread/loaded/list', {}, { timeoutMs: 0 }),
      peer.call('command/exec', { command: ['sleep', '1000'] }),
    ];
    for (const call of calls) call.catch(() => {});
    vi.advanceTimersByTime(500);
    await expect(calls[0]).rejects.toBeInstanceOf(RequestTimeoutError);
    expect(await outcomeOf(calls[1] ?? Promise.reject())).toBe('pending');
    vi.advanceTimersByTime(200);
    await expect(calls[1]).rejects.toThrow('within 700 ms');
    vi.advanceTimersByTime(1_000_000);
    for (const call of calls.slice(2)) expect(await outcomeOf(call)).toBe('pending');
  });

  test('takes a slot of the window unless its answer waits for outside work', async () => {
    const { peer, session } = startSession({ maxInFlightRequests: 1 });
    for (const method of ['command/exec', 'x/one', 'x/two']) peer.call(method).catch(() => {});
    expect(session.stats().requests).toMatchObject({ inFlight: 2, waiting: 1 });
  });

  test('sends params as they are now, with its trace beside them', async () => {
    const { peer, received } = startSession();
    const params = { n: 1 };
    peer.call('x/y', params, { trace: { traceparent: '00-1-2-03' } }).catch(() => {});
    params.n = 2;
    await turn();
    expect(received()).toEqual([
      { id: 1, method: 'x/y', params: { n: 1 }, trace: { traceparent: '00-1-2-03' } },
    ]);
  });
});

describe('a turn that is started', () => {
  test('makes its thread busy until its answer names a turn, which does', async () => {
    const { peer, send } = startSession();
    const start = peer.call('turn/start', { threadId: 't', input: [] });
    expect(peer.activity.isBusy('t')).toBe(true);
    expect(peer.activity.turnOf('t')).toBeUndefined();
    send({ id: 1, result: { turn: { id: 'u' } } });
    await start;
    expect(peer.activity.turnOf('t')).toBe('u');
  });

  test.each<[string, object]>([
    ['is refused', { id: 1, error: { code: -32_600, message: 'no' } }],
    ['is answered without a turn', { id: 1, result: null }],
    ['is answered with what is no turn', { id: 1, result: { turn: { id: 5 } } }],
  ])('leaves its thread free when it %s', async (_what, answer) => {
    const { peer, send } = startSession();
    const start = peer.call('turn/start', { threadId: 't', input: [] });
    send(answer);
    await start.catch(() => {});
    await turn();
    expect(peer.activity.isBusy('t')).toBe(false);
  });

  test('is the only thing that makes a thread busy, and without a thread makes none', async () => {
    const { peer, send } = startSession();
    const calls = [
      peer.call('thread/read', { threadId: 't' } as never),
      peer.call('turn/start', {} as never),
    ];
    expect(peer.activity.isBusy('t')).toBe(false);
    expect(peer.activity.isBusy(undefined as never)).toBe(false);
    send({ id: 1, result: {} }, { id: 2, result: { turn: { id: 'u' } } });
    await Promise.all(calls);
    expect(peer.activity.isBusy('t')).toBe(false);
  });

  test('by a run is the run’s business', async () => {
    const { peer } = startSession();
    const start = peer.call('turn/start', { threadId: 't', input: [] }, {}, { isOwnTurn: true });
    start.catch(() => {});
    expect(peer.activity.isBusy('t')).toBe(false);
  });

  test('leaves its thread free when the turn is over in the chunk of the answer', async () => {
    const { peer, send } = startSession();
    const start = peer.call('turn/start', { threadId: 't', input: [] });
    const params = { threadId: 't', turn: { id: 'u' } };
    send(
      { id: 1, result: { turn: { id: 'u' } } },
      { method: 'turn/started', params },
      {
        method: 'turn/completed',
        params,
      },
    );
    await start;
    await turn();
    expect(peer.activity.isBusy('t')).toBe(false);
  });
});

describe('waiting', () => {
  test('L4 for something has a paused pipe read until it settles', async () => {
    const { peer, session, send } = startSmall(100);
    expect(peer.isPaused).toBe(false);
    for (const message of deltas(0, 1)) send(wire(message));
    await turn();
    expect(session.stats().paused.now).toBe(true);
    expect(peer.isPaused).toBe(true);
    let settle = (_value: string) => {};
    const waiting = peer.waitFor(
      new Promise<string>((resolve) => {
        settle = resolve;
      }),
    );
    await turn();
    expect(session.stats()).toMatchObject({ paused: { now: false }, held: { messages: 2 } });
    settle('settled');
    expect(await waiting).toBe('settled');
    for (const message of deltas(2, 3)) send(wire(message));
    await turn();
    expect(session.stats().paused.now).toBe(true);
  });

  test('L5 for something fails where there is no room, and nothing is lost', async () => {
    const { peer, session, send } = startSmall(2);
    session.streams.openMain();
    const waiting = peer.waitFor(new Promise<never>(() => {}));
    send(...deltas(0, 2).map(wire));
    await expect(waiting).rejects.toBeInstanceOf(BackpressureError);
    expect(session.streams.main.unread).toBe(3);
    expect(await peer.waitFor(Promise.resolve('settled before'))).toBe('settled before');
  });

  test('L4 until something settles goes on when there is room again, and ends with it', async () => {
    const { peer, session, send } = startSmall(3);
    session.streams.openMain();
    let fail = (_error: Error) => {};
    peer.readUntil(
      new Promise<never>((_resolve, reject) => {
        fail = reject;
      }),
    );
    send(...deltas(0, 2).map(wire));
    await turn();
    expect(session.stats().paused.now).toBe(true);
    await session.streams.main.take();
    expect(session.stats()).toMatchObject({ paused: { now: false }, held: { messages: 2 } });
    fail(new Error('no matter'));
    await turn();
    expect(session.stats()).toMatchObject({ paused: { now: true }, held: { messages: 2 } });
  });
});

describe('maxBytes', () => {
  test('L5 a request that makes a main stream nobody opened give notifications up goes out', async () => {
    const server = new PipedServer({ buffer: { highWaterMark: 1_000, maxBytes: 1_000 } });
    server.send(...deltas(1, 50).map(wire));
    await server.quiet();
    expect(server.client.stats()).toMatchObject({ paused: { now: true }, messages: { evicted: 0 } });
    const request = server.client.request('x/y', {});
    await server.receivedRequests(1);
    expect(server.client.stats().messages.evicted).toBeGreaterThan(0);
    expect(server.client.stats().held.bytes).toBeLessThan(1_000);
    server.send({ id: 1, result: 'answered' });
    expect(await request).toBe('answered');
  });

  test('L5 a request is not sent where nothing can be given up', async () => {
    const server = new PipedServer({ buffer: { highWaterMark: 1_000, maxBytes: 1_000 } });
    server.client.events();
    server.send(...deltas(1, 50).map(wire));
    await server.quiet();
    await expect(server.client.request('x/y', {})).rejects.toBeInstanceOf(BackpressureError);
    expect(server.received).toEqual([]);
    expect(server.client.stats()).toMatchObject({ messages: { evicted: 0 }, requests: { inFlight: 0 } });
  });

  test('L5 parting sends all the same, and never rejects', async () => {
    const { peer, session, send, received } = startSmall(1);
    session.streams.openMain();
    send(...deltas(0, 2).map(wire));
    await turn();
    const parted = peer.part('thread/unsubscribe', { threadId: 't' });
    await turn();
    expect(received()).toMatchObject([{ method: 'thread/unsubscribe', params: { threadId: 't' } }]);
    expect(await outcomeOf(parted)).toBeUndefined();
  });
});

describe('parting', () => {
  test('leaves no rejection to anybody when the session ends without its answer', async () => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    try {
      const { peer, session, send, process: server } = startSmall(1);
      session.streams.openMain();
      send(...deltas(0, 2).map(wire));
      await turn();
      // There is no room to read its answer, so it is not waited for any more.
      await peer.part('thread/unsubscribe', { threadId: 't' });
      server.exit();
      await session.closed;
      await turn();
      expect(unhandled).not.toHaveBeenCalled();
    } finally {
      process.off('unhandledRejection', unhandled);
    }
  });

  test('settles with the answer, also a refusal, and in time when there is none', async () => {
    useFakeTimers();
    const { peer, send } = startSession();
    const [answered, refused, silent] = ['a', 'b', 'c'].map((threadId) =>
      peer.part('thread/unsubscribe', { threadId }),
    );
    send({ id: 1, result: {} }, { id: 2, error: { code: -32_600, message: 'no' } });
    await Promise.all([answered, refused]);
    expect(await outcomeOf(silent ?? Promise.reject())).toBe('pending');
    vi.advanceTimersByTime(60_000);
    await silent;
  });
});

describe('what goes through', () => {
  test('messages to a follower, from when it follows to when it does not', async () => {
    const { peer, send } = startSession();
    const seen: unknown[] = [];
    const follower: Follower = {
      learn: () => {},
      observe: (message) => seen.push(numberOf(message)),
      ended: () => seen.push('ended'),
    };
    send(wire(delta(1)));
    await turn();
    peer.follow(follower, 'thread');
    send(wire(delta(2)), wire(delta(3, { threadId: 'other' })));
    await turn();
    peer.unfollow(follower);
    send(wire(delta(4)));
    await turn();
    expect(seen).toEqual([2]);
  });

  test('a refusal of a server request, and whether one is open', async () => {
    const { peer, session, send, received } = startSession();
    const request = ask(7);
    send(wire(request));
    const message = await session.streams.main.take();
    if (message?.kind !== 'request') throw new Error('a request was sent');
    expect(peer.asked.isOpen(message)).toBe(true);
    await peer.respondError(message, -32_000, 'no');
    expect(peer.asked.isOpen(message)).toBe(false);
    expect(received()).toEqual([{ id: 7, error: { code: -32_000, message: 'no' } }]);
    await expect(peer.respond(message, {})).rejects.toMatchObject({ code: 'CODEX_ALREADY_RESPONDED' });
  });

  test('a stream for a run, which takes along nothing that is unread unless it is told to', async () => {
    const { peer, session } = startSession();
    for (const message of deltas(1, 2)) session.streams.dispatch(message, 1);
    const claim = { keys: { threadId: 'thread' }, precedence: 1 };
    expect(peer.open(claim).unread).toBe(0);
    expect(peer.open(claim, { takesUnread: true }).unread).toBe(2);
  });

  test('the main stream for an empty filter, and one of its own for any other', async () => {
    const { peer, session } = startSession();
    const [main, filtered] = [peer.events({}), peer.events({ threadId: 'a' })];
    session.streams.dispatch(delta(1), 1);
    session.streams.dispatch(delta(2, { threadId: 'a' }), 1);
    expect(numberOf((await filtered.next()).value)).toBe(2);
    expect(session.streams.main.unread).toBe(1);
    expect(numberOf((await main.next()).value)).toBe(1);
  });

  test('a notification with its params, or without any, when the pipe has taken it', async () => {
    const { peer, received } = startSession();
    const sent = peer.notify('x/y', { n: 1 });
    expect(received()).toEqual([]);
    await sent;
    await peer.notify('x/y');
    expect(received()).toEqual([{ method: 'x/y', params: { n: 1 } }, { method: 'x/y' }]);
  });

  test('answers and refusals, which settle when the pipe has taken them', async () => {
    const { peer, session, send, process: server } = startSession();
    const requests = [ask(1), ask(2)];
    send(...requests.map(wire));
    const [first, second] = [await session.streams.main.take(), await session.streams.main.take()];
    if (first?.kind !== 'request' || second?.kind !== 'request') throw new Error('two were sent');
    // More than the pipe holds, so that what comes behind it waits.
    const full = peer.notify('x/y', { text: 'x'.repeat(1_000_000) });
    await turn();
    const answers = [peer.respond(first, {}), peer.respondError(second, 1, 'no')];
    for (const answer of answers) expect(await outcomeOf(answer)).toBe('pending');
    server.stdin.resume();
    await Promise.all([full, ...answers]);
  });

  test('an error of the server, with its method and code', async () => {
    const { peer, send } = startSession();
    const call = peer.call('x/y');
    send({ id: 1, error: { code: -1, message: 'no', data: [1] } });
    await expect(call).rejects.toBeInstanceOf(RpcError);
    await expect(call).rejects.toMatchObject({ method: 'x/y', rpcCode: -1, data: [1] });
  });

  test.each([null, 'text', 5, true])(
    'a ProtocolError when the answer is %j and not the object that the protocol promises; the client goes on',
    async (result) => {
      const { peer, session, send } = startSession();
      const heard: unknown[] = [];
      const call = peer.call('thread/read', { threadId: 't' }, {}, { onResult: (r) => heard.push(r) });
      send({ id: 1, result });
      await expect(call).rejects.toBeInstanceOf(ProtocolError);
      await expect(call).rejects.toThrow(/^thread\/read was answered with .* promises an object/);
      expect(heard).toEqual([]);
      expect(session.closingError).toBeUndefined();
      const unknown = peer.call('x/y');
      send({ id: 2, result });
      expect(await unknown).toBe(result);
    },
  );

  test('L20 a filter that cannot work, which opens nothing', () => {
    const { peer, session } = startSession();
    const giveUpAll = () => session.streams.main.evict(Number.POSITIVE_INFINITY);
    expect(() => peer.events({ threadId: '' })).toThrow(InvalidArgumentError);
    session.streams.dispatch(delta(1), 1);
    giveUpAll();
    expect(session.streams.main.evicted).toBe(1);
    peer.events({ threadId: undefined });
    session.streams.dispatch(delta(2), 1);
    giveUpAll();
    expect(session.streams.main.evicted).toBe(1);
  });
});

describe('through the client', () => {
  test('L10 a run after the end settles, also when the last line of the server named a turn of its thread', async () => {
    const server = new PipedServer();
    const start = server.client.turnStart({ threadId: 't', input: [] });
    await server.receivedRequests(1);
    server.sendText('{"id":1,"result":{"turn":{"id":"u"}}}');
    server.end();
    await start;
    await server.client.closed;
    const run = server.client.turnRun({ threadId: 't', input: 'go' });
    expect(await outcomeOf(run.result())).toBeInstanceOf(ServerClosedError);
  });

  test('L1 nextMessage with a time limit of 0 and nothing at hand waits for its message', async () => {
    useFakeTimers();
    const server = new PipedServer();
    const read = server.client.nextMessage({ timeoutMs: 0 });
    vi.advanceTimersByTime(1_000_000);
    expect(await outcomeOf(read)).toBe('pending');
    server.send(wire(delta(1)));
    expect(numberOf(await read)).toBe(1);
  });

  test('a run that is over follows nothing any more', async () => {
    const server = new PipedServer();
    const peer = server.client['peer'];
    const follow = vi.spyOn(peer, 'follow');
    const unfollow = vi.spyOn(peer, 'unfollow');
    const run = server.client.turnRun({ threadId: 't', input: 'go' });
    const result = run.result();
    await server.receivedRequests(1);
    const turnOf = (status: string) => ({ id: 'u', items: [], status, error: null });
    server.send({ id: 1, result: { turn: turnOf('inProgress') } });
    await server.quiet();
    expect(unfollow).not.toHaveBeenCalled();
    server.send({ method: 'turn/completed', params: { threadId: 't', turn: turnOf('completed') } });
    await result;
    await turn();
    const followers = new Set(follow.mock.calls.map(([follower]) => follower));
    expect(followers.size).toBeGreaterThan(0);
    expect(new Set(unfollow.mock.calls.map(([follower]) => follower))).toEqual(followers);
  });
});
