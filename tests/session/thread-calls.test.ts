/** What our own calls tell of threads, at the moment at which their answers are read. */
import { ServerClosedError } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { turn } from '../helpers/piped-server.js';
import { startSession } from './fake-process.js';

const REVIEW = { threadId: 't', target: { type: 'uncommittedChanges' } } as const;
const answer = (threadId: string) => ({ thread: { id: threadId, ephemeral: false } });

describe('the threads of a connection', () => {
  test('are those of every call, and are known before what follows the answer is handed out', async () => {
    const { peer, send } = startSession();
    const heard: unknown[] = [];
    peer.call('thread/start', {}, {}, { onResult: () => heard.push(peer.subscriptions.has('started')) });
    const resumed = peer.call('thread/resume', { threadId: 'resumed' });
    send(
      { id: 1, result: answer('started') },
      { method: 'item/completed', params: { threadId: 'started', item: { type: 'userMessage' } } },
      { id: 2, result: answer('resumed') },
    );
    await resumed;
    const { subscriptions } = peer;
    expect(heard).toEqual([true]);
    expect([subscriptions.has('resumed'), subscriptions.unkept]).toEqual([true, []]);
    const unsubscribed = peer.call('thread/unsubscribe', { threadId: 'resumed' });
    expect(subscriptions.has('resumed')).toBe(true);
    send({ id: 3, result: { status: 'unsubscribed' } });
    await unsubscribed;
    expect(subscriptions.has('resumed')).toBe(false);
  });

  test('are not those of a call that was refused', async () => {
    const { peer, send } = startSession();
    const call = peer.call('thread/resume', { threadId: 't' }).catch(() => 'refused');
    send({ id: 1, error: { code: -32600, message: 'no rollout found' } });
    expect(await call).toBe('refused');
    expect(peer.subscriptions.has('t')).toBe(false);
  });
});

describe('a thread that is resumed', () => {
  test.each([
    ['active', true],
    ['idle', false],
  ])('is busy from the answer on when it is %s: %s', async (type, isBusy) => {
    const { peer, send } = startSession();
    const resumed = peer.call('thread/resume', { threadId: 't' });
    send({ id: 1, result: { thread: { id: 't', status: { type } } } });
    await resumed;
    expect(peer.activity.isBusy('t')).toBe(isBusy);
    const params = { threadId: 't', turn: { id: 'u', status: 'completed' } };
    send({ method: 'turn/completed', params });
    await turn();
    expect(peer.activity.isBusy('t')).toBe(false);
  });
});

describe('a thread that is given back while it has a turn', () => {
  const started = (turnId: string) => ({
    method: 'turn/started',
    params: { threadId: 't', turn: { id: turnId, status: 'inProgress' } },
  });
  const status = (type: string) => ({
    method: 'thread/status/changed',
    params: { threadId: 't', status: { type } },
  });

  /** The end of the turn is told to nobody who has unsubscribed; the status of a thread is told to all. */
  async function unsubscribed(...before: readonly object[]) {
    const session = startSession();
    const { peer, send } = session;
    send(started('u'), ...before);
    const answered = peer.call('thread/unsubscribe', { threadId: 't' });
    send({ id: 1, result: { status: 'unsubscribed' } });
    await answered;
    return session;
  }

  test('L14 is busy until it is at rest', async () => {
    const { peer, send } = await unsubscribed();
    expect(peer.activity.isBusy('t')).toBe(true);
    send(status('idle'));
    await turn();
    expect(peer.activity.isBusy('t')).toBe(false);
  });

  test('L14 is busy no more where it came to rest before the answer', async () => {
    const { peer } = await unsubscribed(status('idle'));
    expect(peer.activity.isBusy('t')).toBe(false);
  });

  test('L14 has the turn that runs when it is resumed, or none', async () => {
    const { peer, send } = await unsubscribed();
    const resume = async (id: number, type: string) => {
      const resumed = peer.call('thread/resume', { threadId: 't' });
      send({ id, result: { thread: { id: 't', status: { type } } } });
      await resumed;
    };
    await resume(2, 'active');
    send({ method: 'turn/completed', params: { threadId: 't', turn: { id: 'v', status: 'completed' } } });
    await turn();
    expect(peer.activity.isBusy('t')).toBe(false);
    send(status('active'));
    await turn();
    await resume(3, 'idle');
    expect(peer.activity.isBusy('t')).toBe(false);
  });
});

describe('a turn that is started by hand', () => {
  test.each(['turn/start', 'review/start'])('makes its thread busy from the call on: %s', async (method) => {
    const { peer, send } = startSession();
    const call = peer.call(method, { threadId: 't' });
    expect(peer.activity.isBusy('t')).toBe(true);
    send({ id: 1, result: { turn: { id: 'u' } } });
    await call;
    await turn();
    expect(peer.activity.turnOf('t')).toBe('u');
  });

  test('is refused where no turn may start, and nothing else is', async () => {
    const { peer, send, received } = startSession();
    const error = new ServerClosedError('no more', { exitCode: null, signal: null, stderrTail: '' });
    peer.turnGate.close(error);
    await expect(peer.call('turn/start', { threadId: 't', input: [] })).rejects.toBe(error);
    await expect(peer.call('review/start', REVIEW)).rejects.toBe(error);
    const read = peer.call('thread/read', { threadId: 't' });
    send({ id: 1, result: {} });
    await read;
    expect(received().map(({ method }) => method)).toEqual(['thread/read']);
    expect(peer.activity.isBusy('t')).toBe(false);
  });
});
