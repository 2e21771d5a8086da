// What the type system knows of followed threads: an entry is told by what it has, and headers are taken as they are.
import type { IncomingHttpHeaders } from 'node:http';
import { Readable } from 'node:stream';
import {
  type AsyncClient,
  type ServerMessage,
  serverSentEvents,
  type ThreadEntries,
  type ThreadEntry,
  type ThreadLog,
} from 'codex-async-client';
import type { ThreadView } from 'codex-async-client/view';
import { describe, expectTypeOf, test } from 'vitest';

/** For the type system only: the functions that use them are never run. */
declare const client: AsyncClient;
declare const log: ThreadLog;
declare const headers: IncomingHttpHeaders;

function check(_calls: () => unknown): void {}

describe('a followed thread', () => {
  test('is followed by its handle, and ends with await using', () => {
    check(async () => {
      await using followed = client.thread('t').follow({ keepBytes: 1, answers: true });
      expectTypeOf(followed).toEqualTypeOf<ThreadLog>();
      // @ts-expect-error: there is no such option
      client.thread('t').follow({ maxHeldBytes: 1 });
    });
  });

  test('is read from the id of a header, of Node.js or of the web', () => {
    check(() => {
      expectTypeOf(log.read()).toEqualTypeOf<ThreadEntries>();
      log.read({ after: headers['last-event-id'], signal: AbortSignal.abort() });
      log.read({ after: new Headers().get('last-event-id') });
      // @ts-expect-error: an id is a text
      log.read({ after: 7 });
    });
  });

  test('has entries that are told by what they have', () => {
    check(async () => {
      for await (const entry of log.read()) {
        expectTypeOf(entry).toEqualTypeOf<ThreadEntry>();
        expectTypeOf(entry.id).toEqualTypeOf<string>();
        if (entry.message !== undefined) expectTypeOf(entry.message).toEqualTypeOf<ServerMessage>();
        else if (entry.snapshot !== undefined) expectTypeOf(entry.snapshot).toEqualTypeOf<ThreadView>();
        else expectTypeOf(entry.gap.missed).toEqualTypeOf<number | null>();
      }
    });
  });

  test('is text for whatever takes text piece by piece', () => {
    check(async () => {
      for await (const text of serverSentEvents(log.read(), { keepAliveMs: 1 }))
        expectTypeOf(text).toEqualTypeOf<string>();
      Readable.from(serverSentEvents(log.read()));
      // @ts-expect-error: messages are no entries
      serverSentEvents(client.events());
    });
  });
});
