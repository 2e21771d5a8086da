/** How a session lets turns end: what it waits for, what ends the wait, and that it is read meanwhile. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Session } from '../../src/session/session.js';
import { delta, wire } from '../helpers/messages.js';
import { outcomeOf, turn } from '../helpers/piped-server.js';
import { startSession } from './fake-process.js';

const started = (threadId: string) => ({
  method: 'turn/started',
  params: { threadId, turn: { id: `of ${threadId}` } },
});
const completed = (threadId: string) => ({
  method: 'turn/completed',
  params: { threadId, turn: { id: `of ${threadId}` } },
});

/** A turn of ours that nobody has to tell anything. */
const ours = { threadId: 'ours', turnId: undefined, turnedBack: () => {} };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const DRAIN_MS = 60_000;
const drained = (session: Session) => session.drain(DRAIN_MS);

describe('a drain', () => {
  test('settles at once where nothing runs, and leaves no timer', async () => {
    const { session } = startSession();
    expect(await outcomeOf(drained(session))).toBeUndefined();
    expect(vi.getTimerCount()).toBe(0);
    expect(session.closingError).toBeUndefined();
  });

  test('waits for every thread that has a turn, whosever it is, and for turns of ours', async () => {
    const { session, send } = startSession();
    session.turnGate.enter(ours);
    send(started('a'), started('b'));
    await turn();
    const drain = drained(session);
    send(completed('a'));
    await turn();
    session.turnGate.leave(ours);
    expect(await outcomeOf(drain)).toBe('pending');
    send(completed('b'));
    expect(await outcomeOf(drain)).toBeUndefined();
    expect(vi.getTimerCount()).toBe(0);
  });

  test('is over when its time is', async () => {
    const { session, send } = startSession();
    send(started('a'));
    await turn();
    const drain = drained(session);
    vi.advanceTimersByTime(DRAIN_MS - 1);
    expect(await outcomeOf(drain)).toBe('pending');
    vi.advanceTimersByTime(1);
    expect(await outcomeOf(drain)).toBeUndefined();
  });

  test('is over when the session is, and is none afterwards', async () => {
    const { session, process, send } = startSession();
    send(started('a'));
    await turn();
    const drain = drained(session);
    process.exit();
    await drain;
    await drained(session);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('is read, although nobody reads, and no longer than it lasts', async () => {
    const { session, send } = startSession({ flow: { highWaterMark: 1, maxBytes: 1_000_000 } });
    send(started('a'), wire(delta(1)));
    await turn();
    expect(session.stats().paused.now).toBe(true);
    const drain = drained(session);
    await turn();
    expect(session.stats().paused.now).toBe(false);
    send(completed('a'));
    await drain;
    await turn();
    expect(session.stats().paused.now).toBe(true);
  });

  test('lets no turn start from its beginning on, with an error that says so', async () => {
    const { session, peer, send } = startSession();
    send(started('a'));
    await turn();
    const drain = drained(session);
    await expect(peer.call('turn/start', { threadId: 't', input: [] })).rejects.toMatchObject({
      code: 'CODEX_SERVER_CLOSED',
      message: expect.stringContaining('lets running turns end (drainMs) and starts no more'),
      result: undefined,
    });
    send(completed('a'));
    await drain;
  });
});
