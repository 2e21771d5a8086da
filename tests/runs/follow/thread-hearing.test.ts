/** What messages say of whether this connection is told of a thread, as a real server sends them. */
import type { ServerMessage } from 'codex-async-client';
import { expect, test } from 'vitest';
import { type Hearing, hearingOf } from '../../../src/runs/follow/thread-hearing.js';
import { ask, delta } from '../../helpers/messages.js';

const told = (method: string, params: object = {}) =>
  ({ kind: 'notification', method, params: { threadId: 'thread', ...params } }) as ServerMessage;

test.each<[Hearing, ServerMessage]>([
  ['lost', told('thread/closed')],
  ['lost', told('thread/status/changed', { status: { type: 'notLoaded' } })],
  ['elsewhere', told('thread/status/changed', { status: { type: 'idle' } })],
  ['elsewhere', told('thread/status/changed', { status: { type: 'active', activeFlags: [] } })],
  ['elsewhere', { kind: 'notification', method: 'thread/status/changed', params: null } as never],
  ['elsewhere', told('thread/started', { thread: {} })],
  ['heard', told('thread/tokenUsage/updated')],
  ['heard', told('thread/reverted')],
  ['heard', told('turn/started')],
  ['heard', told('error')],
  ['heard', delta(1)],
  ['heard', ask(1)],
  ['unknown', told('thread/archived')],
  ['unknown', told('thread/name/updated')],
  ['unknown', told('thread/goal/cleared')],
  ['unknown', told('errors/of/tomorrow')],
])('%s: %o', (hearing, message) => {
  expect(hearingOf(message)).toBe(hearing);
});
