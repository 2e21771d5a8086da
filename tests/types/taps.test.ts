// What the type system knows of taps: filters narrow, and a gap is told from what it stands for.
import type {
  AsyncClient,
  EventTap,
  Gap,
  ServerMessage,
  ServerRequest,
  UnknownMessage,
  WireFrame,
} from 'codex-async-client';
import { describe, expectTypeOf, test } from 'vitest';

/** A client for the type system only: the functions that use it are never run. */
declare const client: AsyncClient;

function check(_calls: () => unknown): void {}

describe('a tap', () => {
  test('has messages and gaps', () => {
    check(async () => {
      expectTypeOf(client.tap()).toEqualTypeOf<EventTap>();
      expectTypeOf(client.tap(undefined, { maxHeldBytes: 1 })).toEqualTypeOf<EventTap>();
      for await (const next of client.tap()) {
        expectTypeOf(next).toEqualTypeOf<ServerMessage | Gap>();
        if (next.kind === 'gap') expectTypeOf(next.missed).toEqualTypeOf<number>();
        else if (next.kind === 'request') await client.respondError(next, 1, 'no');
      }
    });
  });

  test('narrows by its filter as a stream does', () => {
    check(() => {
      expectTypeOf(client.tap({ kind: 'request' })).toEqualTypeOf<EventTap<ServerRequest>>();
      expectTypeOf(client.tap({ methods: ['x/new'] })).toEqualTypeOf<EventTap<UnknownMessage<'x/new'>>>();
      const tap = client.tap({ methods: ['item/tool/call', 'turn/completed'] });
      type Message = Exclude<
        Awaited<ReturnType<typeof tap.next>> extends { value: infer V } ? V : never,
        undefined
      >;
      expectTypeOf<Exclude<Message, Gap>['method']>().toEqualTypeOf<'item/tool/call' | 'turn/completed'>();
    });
  });

  test('of lines has frames and gaps', () => {
    check(async () => {
      for await (const next of client.wire()) {
        expectTypeOf(next).toEqualTypeOf<WireFrame | Gap>();
        if (next.kind === 'frame') expectTypeOf(next.direction).toEqualTypeOf<'received' | 'sent'>();
      }
    });
  });
});
