// What the type system knows of messages whose methods it does not know: they are part of every union, are left over when
// the known ones are ruled out, and are named by filters. `tsc -p tests/tsconfig.json` is what fails here.
import type {
  AnyServerMessage,
  AnyServerRequest,
  AsyncClient,
  EventFilter,
  EventStream,
  protocol,
  ServerMessage,
  ServerNotification,
  ServerRequest,
  ThreadHandle,
  UnknownMessage,
  UnknownNotification,
  UnknownRequest,
} from 'codex-async-client';
import { describe, expectTypeOf, test } from 'vitest';

/** For the type system only: the functions that use them are never run. */
declare const client: AsyncClient;
declare const thread: ThreadHandle;
declare const message: ServerMessage;

function check(_calls: () => unknown): void {}

describe('a message of the whole union', () => {
  test('is a known one after a comparison with its name, however it is made', () => {
    check(() => {
      if (message.method === 'turn/completed') {
        expectTypeOf(message).toEqualTypeOf<ServerNotification<'turn/completed'>>();
      } else {
        expectTypeOf<Extract<typeof message, { method: 'turn/completed' }>>().toBeNever();
        expectTypeOf<UnknownMessage>().toExtend<typeof message>();
      }
      if (message.method !== 'item/tool/call') return;
      expectTypeOf(message).toEqualTypeOf<ServerRequest<'item/tool/call'>>();
    });
    check(() => {
      switch (message.method) {
        case 'turn/started':
        case 'turn/completed':
          expectTypeOf(message).toEqualTypeOf<ServerNotification<'turn/started' | 'turn/completed'>>();
          break;
        case 'item/tool/call':
          expectTypeOf(message.params).toEqualTypeOf<protocol.DynamicToolCallParams>();
          break;
        default:
          expectTypeOf(message.params).toBeUnknown();
      }
    });
  });

  test('is a known one when it was taken apart before', () => {
    check(() => {
      const { method, params } = message;
      if (method === 'turn/completed')
        expectTypeOf(params).toEqualTypeOf<protocol.TurnCompletedNotification>();
      switch (method) {
        case 'item/agentMessage/delta':
          expectTypeOf(params).toEqualTypeOf<protocol.AgentMessageDeltaNotification>();
          break;
        default:
          expectTypeOf(params).toBeUnknown();
      }
    });
  });

  test('has unknown ones of both kinds', () => {
    check(() => {
      if (message.kind === 'request') {
        expectTypeOf(message).toEqualTypeOf<ServerRequest>();
        expectTypeOf<UnknownRequest>().toExtend<typeof message>();
        expectTypeOf<UnknownNotification>().not.toExtend<typeof message>();
        if (message.method === 'item/tool/call') expectTypeOf(message.params.tool).toBeString();
      } else {
        expectTypeOf(message).toEqualTypeOf<ServerNotification>();
        expectTypeOf<UnknownNotification>().toExtend<typeof message>();
        expectTypeOf<UnknownRequest>().not.toExtend<typeof message>();
      }
    });
    expectTypeOf<UnknownMessage>().toExtend<ServerMessage>();
    expectTypeOf<UnknownMessage>().toEqualTypeOf<UnknownNotification | UnknownRequest>();
  });

  test('has a method that is a string', () => {
    check(() => {
      const name: string = message.method;
      const names: string[] = [message.method, `${message.method}!`, message.method.split('/')[0] ?? name];
      if (name === 'new/method' || message.method.startsWith('new/')) return message.params;
      return new Set(names).has(message.method);
    });
  });

  test('cannot be compared with a name that the types do not know', () => {
    check(() => {
      // @ts-expect-error no such method: a misspelling is found
      if (message.method === 'turn/complete') return;
      // @ts-expect-error nor one that is new: take it for a string, or give the name to a filter
      if (message.method === 'new/method') return;
      switch (message.method) {
        // @ts-expect-error as above
        case 'turn/complete':
      }
    });
  });
});

describe('what is left when all known methods are handled', () => {
  /** Compiles only while a message of no known method is unknown. */
  function kindOfUnknown(left: Exclude<ServerMessage, { readonly method: ServerMethod }>): string {
    expectTypeOf(left).toEqualTypeOf<UnknownMessage>();
    if (left.kind === 'request') {
      expectTypeOf(left).toEqualTypeOf<UnknownRequest>();
      return String(left.id);
    }
    expectTypeOf(left).toEqualTypeOf<UnknownNotification>();
    return left.method;
  }
  type ServerMethod = keyof protocol.ServerNotifications | keyof protocol.ServerRequests;

  test('is unknown, of either kind', () => {
    expectTypeOf(kindOfUnknown).returns.toBeString();
  });

  test('is unknown in the default of a switch', () => {
    check(() => {
      const few = message as ServerNotification<'turn/started' | 'turn/completed'> | UnknownMessage;
      switch (few.method) {
        case 'turn/started':
        case 'turn/completed':
          break;
        default:
          expectTypeOf(few).toEqualTypeOf<UnknownMessage>();
          if (few.kind === 'request') expectTypeOf(few).toEqualTypeOf<UnknownRequest>();
      }
    });
  });
});

describe('a filter that names methods which the types do not know', () => {
  test('gives unknown messages of those names', () => {
    check(async () => {
      const stream = client.events({ methods: ['new/method'] });
      expectTypeOf(stream).toEqualTypeOf<EventStream<UnknownMessage<'new/method'>>>();
      for await (const msg of stream) {
        expectTypeOf(msg.method).toEqualTypeOf<'new/method'>();
        expectTypeOf(msg.params).toBeUnknown();
      }
      expectTypeOf(client.nextMessage({ methods: ['new/method'], timeoutMs: 5 })).resolves.toEqualTypeOf<
        UnknownMessage<'new/method'> | undefined
      >();
      expectTypeOf(thread.events({ methods: ['new/method'] })).toEqualTypeOf<
        EventStream<UnknownMessage<'new/method'>>
      >();
      expectTypeOf(client.events({ methods: ['a/b', 'c/d'] })).toEqualTypeOf<
        EventStream<UnknownMessage<'a/b'> | UnknownMessage<'c/d'>>
      >();
    });
  });

  test('gives one kind where it names one', () => {
    check(() => {
      expectTypeOf(client.events({ kind: 'request', methods: ['new/method'] })).toEqualTypeOf<
        EventStream<UnknownRequest<'new/method'>>
      >();
      expectTypeOf(
        client.nextMessage({ kind: 'notification', methods: ['new/method'] }),
      ).resolves.toEqualTypeOf<UnknownNotification<'new/method'> | undefined>();
    });
  });

  test('gives the union beside known names, which narrows by name', () => {
    check(async () => {
      const stream = client.events({ methods: ['turn/completed', 'new/method'], threadId: 't' });
      for await (const msg of stream) {
        expectTypeOf(msg).toEqualTypeOf<
          ServerNotification<'turn/completed'> | UnknownMessage<'new/method'>
        >();
        if (msg.method === 'new/method') expectTypeOf(msg).toEqualTypeOf<UnknownMessage<'new/method'>>();
        else expectTypeOf(msg.params).toEqualTypeOf<protocol.TurnCompletedNotification>();
        switch (msg.method) {
          case 'turn/completed':
            expectTypeOf(msg.params.turn).toEqualTypeOf<protocol.Turn>();
            break;
          case 'new/method':
            expectTypeOf(msg.params).toBeUnknown();
            break;
          default:
            expectTypeOf(msg).toBeNever();
        }
        // @ts-expect-error the filter has no such name
        if (msg.method === 'turn/started') return;
      }
    });
  });

  test('gives every message where the names are known at run time alone', () => {
    check(() => {
      const methods: string[] = ['new/method'];
      expectTypeOf(client.events({ methods })).toEqualTypeOf<EventStream<ServerMessage>>();
      const ofThread = (name: string) => `thread/${name}` as const;
      expectTypeOf(client.events({ methods: [ofThread('closed')] })).toEqualTypeOf<
        EventStream<ServerMessage>
      >();
      expectTypeOf(client.events({ kind: 'request', methods })).toEqualTypeOf<EventStream<ServerRequest>>();
      const filter: EventFilter = { methods };
      expectTypeOf(client.events(filter)).toEqualTypeOf<EventStream<ServerMessage>>();
    });
  });
});

test('a function can take any message, and any request', () => {
  expectTypeOf<ServerMessage>().toExtend<AnyServerMessage>();
  expectTypeOf<UnknownMessage<'new/method'>>().toExtend<AnyServerMessage>();
  expectTypeOf<ServerRequest>().toExtend<AnyServerRequest>();
  expectTypeOf<UnknownRequest<'new/method'>>().toExtend<AnyServerRequest>();
  expectTypeOf<ServerNotification>().not.toExtend<AnyServerRequest>();
});
