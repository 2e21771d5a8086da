/** What real servers said on their threads, as tapes have it: a page that lags shows what one shows that reads everything. */
import type { ServerMessage } from 'codex-async-client';
import { readTape } from 'codex-async-client/testing';
import { applyMessage, emptyView, type ThreadView, threadIdOf } from 'codex-async-client/view';
import { describe, expect, test } from 'vitest';
import { EntryLog } from '../../../src/runs/follow/entry-log.js';
import { namesOf, pathOf, versions } from '../../tapes/tapes.js';

const tapes = versions().flatMap((version) => namesOf(version).map((name) => [version, name] as const));

/** What the server said on each thread of a tape, in order. */
function threadsOf(version: string, name: string): Map<string, ServerMessage[]> {
  const threads = new Map<string, ServerMessage[]>();
  for (const line of readTape(pathOf(version, name)).lines) {
    if (line.kind !== 'received' || typeof line.message['method'] !== 'string') continue;
    const kind = 'id' in line.message ? 'request' : 'notification';
    // The edge of the wire: what the server writes has the types that its methods promise.
    const message = { kind, ...line.message } as unknown as ServerMessage;
    const threadId = threadIdOf(message);
    if (threadId !== undefined) threads.set(threadId, [...(threads.get(threadId) ?? []), message]);
  }
  return threads;
}

/** Tells so many messages, lets the page catch up, and so on to the end. */
function checkPage(messages: readonly ServerMessage[], threadId: string, lag: number, keep: number): void {
  const empty = emptyView({ threadId, epoch: 'e' });
  const log = new EntryLog(keep);
  log.begin(empty);
  const place = log.placeAfter(undefined);
  let [whole, shown]: ThreadView[] = [empty, empty];
  for (let told = 0; told < messages.length; told += lag) {
    for (const message of messages.slice(told, told + lag)) {
      log.add(message, 100);
      whole = applyMessage(whole as ThreadView, message);
    }
    for (let entry = log.entryAfter(place); entry !== undefined; entry = log.entryAfter(place)) {
      if (entry.snapshot !== undefined) shown = entry.snapshot;
      else if (entry.message !== undefined) shown = applyMessage(shown as ThreadView, entry.message);
    }
    expect(shown).toEqual(whole);
  }
}

test('there are tapes with threads', () => {
  expect(tapes.filter((tape) => threadsOf(...tape).size > 0).length).toBeGreaterThan(30);
});

describe('a page of a real thread', () => {
  test.each(tapes)('of %s, as in %s', (version, name) => {
    for (const [threadId, messages] of threadsOf(version, name))
      for (const lag of [2, 7, 40]) for (const keep of [1, 3_000]) checkPage(messages, threadId, lag, keep);
  });
});
