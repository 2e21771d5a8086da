/** When a turn is asked about and what is told of it, without the run around it. */
import {
  BackpressureError,
  type protocol,
  RequestTimeoutError,
  type ServerMessage,
} from 'codex-async-client';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { TurnEnquiry } from '../../../src/runs/turn/turn-enquiry.js';
import { TurnRecord } from '../../../src/runs/turn/turn-record.js';
import { scopeOf } from '../../../src/session/messages/server-message.js';
import { turnOf } from '../played-server.js';
import { askedPeer, threadOf } from './asked-peer.js';

const IDLE_MS = 60_000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** An enquiry about a turn, with what it tells; the server has named the turn unless said otherwise. */
function enquiryOf(answers: readonly unknown[], isNamed = true) {
  const { peer, asked, state } = askedPeer(answers);
  const record = new TurnRecord({ collectEvents: false });
  // With the members that are looked at.
  if (isNamed) record.noteStart({ turn: turnOf('ours') } as unknown as protocol.TurnStartResponse, false);
  const told: unknown[] = [];
  const enquiry = new TurnEnquiry({ peer, threadId: 't', record, told: (standing) => told.push(standing) });
  return { enquiry, asked, told, state };
}

const messageOf = (method: string, params: object = {}) =>
  ({ kind: 'notification', method, params: { threadId: 't', ...params } }) as ServerMessage;
const statusOf = (type: string, threadId = 't') =>
  messageOf('thread/status/changed', { threadId, status: { type } });
/** A message with its scope, as a follower is shown it. */
const scoped = (message: ServerMessage) => [message, scopeOf(message)] as const;
const ENDED = [threadOf('idle'), threadOf('idle', [turnOf('ours', 'completed')])];
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe('after a silence', () => {
  test('is asked, and an end is told', async () => {
    const { enquiry, asked, told } = enquiryOf(ENDED);
    enquiry.begin(IDLE_MS);
    await pass(IDLE_MS - 1);
    expect(asked).toHaveLength(0);
    await pass(1);
    expect(told).toMatchObject([{ is: 'over', turn: { id: 'ours' } }]);
    enquiry.stop();
  });

  test('nothing is asked with 0, or after it was stopped, also when it begins then', async () => {
    for (const enquire of [
      (enquiry: TurnEnquiry) => enquiry.begin(0),
      (enquiry: TurnEnquiry) => {
        enquiry.begin(IDLE_MS);
        enquiry.stop();
      },
      (enquiry: TurnEnquiry) => {
        enquiry.stop();
        enquiry.begin(IDLE_MS);
      },
    ]) {
      const { enquiry, asked } = enquiryOf([]);
      enquire(enquiry);
      await pass(10 * IDLE_MS);
      expect([asked.length, vi.getTimerCount()]).toEqual([0, 0]);
    }
  });

  test('one that begins twice asks once', async () => {
    const { enquiry, asked } = enquiryOf([threadOf('active')]);
    enquiry.begin(IDLE_MS);
    enquiry.begin(IDLE_MS / 2);
    await pass(IDLE_MS - 1);
    expect(asked).toHaveLength(0);
    await pass(1);
    expect(asked).toHaveLength(1);
    enquiry.stop();
  });

  test('nothing is asked while the pipe is left to fill', async () => {
    const { enquiry, asked, state } = enquiryOf([threadOf('active')]);
    state.isPaused = true;
    enquiry.begin(IDLE_MS);
    await pass(5 * IDLE_MS);
    expect(asked).toHaveLength(0);
    state.isPaused = false;
    await pass(IDLE_MS);
    expect(asked).toHaveLength(1);
    enquiry.stop();
  });

  test('nothing is told of a turn that goes on, or of an answer that comes after it was stopped', async () => {
    const { enquiry, told } = enquiryOf([threadOf('active'), ...ENDED]);
    enquiry.begin(IDLE_MS);
    await pass(IDLE_MS);
    vi.advanceTimersByTime(IDLE_MS);
    enquiry.stop();
    await pass(0);
    expect(told).toEqual([]);
  });

  test('a message puts the question off', async () => {
    const { enquiry, asked } = enquiryOf([]);
    enquiry.begin(IDLE_MS);
    await pass(IDLE_MS - 1);
    enquiry.noteMessage(...scoped(messageOf('item/started')));
    await pass(IDLE_MS - 1);
    expect(asked).toHaveLength(0);
    enquiry.stop();
  });
});

describe('the status of the thread', () => {
  test.each([
    ['idle', true],
    ['systemError', true],
    ['active', false],
  ])('%s brings the question forward: %s', async (type, isSoon) => {
    const { enquiry, asked } = enquiryOf([]);
    enquiry.begin(IDLE_MS);
    enquiry.noteMessage(...scoped(statusOf(type)));
    await pass(1_000);
    expect(asked).toHaveLength(isSoon ? 1 : 0);
    enquiry.stop();
  });

  test.each([
    ['a status without its type', messageOf('thread/status/changed')],
    ['the expected end', undefined],
  ])('so does %s', async (_, message) => {
    const { enquiry, asked } = enquiryOf([]);
    enquiry.begin(IDLE_MS);
    if (message === undefined) enquiry.expectEnd();
    else enquiry.noteMessage(message, scopeOf(message));
    await pass(1_000);
    expect(asked).toHaveLength(1);
    enquiry.stop();
  });

  test.each([
    ['is at rest', statusOf('idle', 'child')],
    ['is unloaded', statusOf('notLoaded', 'child')],
    ['is closed', messageOf('thread/closed', { threadId: 'child' })],
    ['says something else', messageOf('thread/name/updated', { threadId: 'child' })],
  ])('says nothing of the turn when it is that of a sub-agent, which %s', async (_, message) => {
    const { enquiry, asked } = enquiryOf([]);
    enquiry.begin(IDLE_MS);
    enquiry.noteMessage(message, scopeOf(message));
    await pass(1_000);
    expect(asked).toHaveLength(0);
    enquiry.stop();
  });

  test('expecting an end before the start of the clock asks nothing', async () => {
    const { enquiry, asked } = enquiryOf([]);
    enquiry.expectEnd();
    enquiry.noteMessage(...scoped(statusOf('idle')));
    await pass(IDLE_MS);
    expect(asked).toHaveLength(0);
  });
});

describe.each([
  ['closed', messageOf('thread/closed')],
  ['unloaded', statusOf('notLoaded')],
])('when the thread was %s', (_, message) => {
  const SILENCE = new RequestTimeoutError('no answer', { method: 'thread/read', timeoutMs: 1 });

  test.each([
    ['an end', ENDED, [{ is: 'over' }]],
    [
      'a turn that runs',
      [threadOf('active')],
      [{ is: 'lost', why: 'the thread was closed', cause: undefined }],
    ],
    ['no answer', [SILENCE], [{ is: 'unanswered', cause: SILENCE }]],
    ['no room for an answer', [new BackpressureError('no room', { missed: 0 })], []],
  ])('is asked at once, and %s is told as it is known', async (_name, answers, standings) => {
    const { enquiry, asked, told } = enquiryOf(answers);
    enquiry.noteMessage(message, scopeOf(message));
    await pass(0);
    expect(asked).toHaveLength(answers.length);
    expect(told).toHaveLength(standings.length);
    expect(told).toMatchObject(standings);
  });

  test('a turn without a name is not asked about', async () => {
    const { enquiry, asked } = enquiryOf([], false);
    enquiry.noteMessage(message, scopeOf(message));
    await pass(0);
    expect(asked).toHaveLength(0);
  });
});
