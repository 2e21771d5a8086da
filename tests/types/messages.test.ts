// What the type system knows of messages: narrowing by kind and method, filters, answers, and no `any` anywhere in
// the public surface. `tsc -p tests/tsconfig.json` is what fails here; vitest only runs the file.
import type * as api from 'codex-async-client';
import type {
  AsyncClient,
  EventStream,
  protocol,
  RequestId,
  ServerMessage,
  ServerNotification,
  ServerRequest,
} from 'codex-async-client';
import { describe, expectTypeOf, test } from 'vitest';

/** A client for the type system only: the functions that use it are never run. */
declare const client: AsyncClient;
declare const message: ServerMessage;
declare const signal: AbortSignal;

function check(_calls: () => unknown): void {}

describe('a message', () => {
  test('narrows its params by method', () => {
    check(() => {
      if (message.method === 'item/agentMessage/delta') {
        expectTypeOf(message.params).toEqualTypeOf<protocol.AgentMessageDeltaNotification>();
        expectTypeOf(message.kind).toEqualTypeOf<'notification'>();
      }
      if (message.method === 'item/commandExecution/requestApproval') {
        expectTypeOf(message.params).toEqualTypeOf<protocol.CommandExecutionRequestApprovalParams>();
        expectTypeOf(message.id).toEqualTypeOf<RequestId>();
      }
      switch (message.method) {
        case 'turn/completed':
          expectTypeOf(message.params.turn).toEqualTypeOf<protocol.Turn>();
          break;
        default:
          break;
      }
    });
  });

  test('narrows by kind', () => {
    check(() => {
      if (message.kind === 'request') {
        expectTypeOf(message).toEqualTypeOf<ServerRequest>();
        expectTypeOf(message.id).toEqualTypeOf<RequestId>();
      } else {
        expectTypeOf(message).toEqualTypeOf<ServerNotification>();
        expectTypeOf(message.emittedAtMs).toEqualTypeOf<number | undefined>();
        // @ts-expect-error a notification has no id
        message.id;
      }
      // @ts-expect-error no such method
      if (message.method === 'turn/complete') return;
    });
  });
});

describe('events', () => {
  test('without a filter gives every message', () => {
    check(() => {
      expectTypeOf(client.events()).toEqualTypeOf<EventStream<ServerMessage>>();
      expectTypeOf(client.events({})).toEqualTypeOf<EventStream<ServerMessage>>();
      expectTypeOf(client.events({ threadId: 't', turnId: 'u' })).toEqualTypeOf<EventStream<ServerMessage>>();
      expectTypeOf(client.events(undefined, { signal })).toEqualTypeOf<EventStream<ServerMessage>>();
      expectTypeOf(client.nextMessage()).resolves.toEqualTypeOf<ServerMessage | undefined>();
      expectTypeOf(client.nextMessage({ timeoutMs: 5, signal })).resolves.toEqualTypeOf<
        ServerMessage | undefined
      >();
      // @ts-expect-error no such option
      client.events({}, { timeoutMs: 5 });
    });
  });

  test('narrows by methods', () => {
    check(() => {
      const stream = client.events({ methods: ['turn/started', 'turn/completed'], threadId: 't' });
      expectTypeOf(stream).toEqualTypeOf<
        EventStream<ServerNotification<'turn/started' | 'turn/completed'>>
      >();
      expectTypeOf(stream.collect()).resolves.items.toHaveProperty('params');
      const asks = client.events({ methods: ['item/tool/call'] });
      expectTypeOf(asks).toEqualTypeOf<EventStream<ServerRequest<'item/tool/call'>>>();
      // @ts-expect-error a method is a text
      client.events({ methods: [5] });
    });
  });

  test('narrows a single one by the same members', () => {
    check(() => {
      expectTypeOf(
        client.nextMessage({ methods: ['turn/completed'], turnId: 'u', timeoutMs: 5 }),
      ).resolves.toEqualTypeOf<ServerNotification<'turn/completed'> | undefined>();
      expectTypeOf(client.nextMessage({ kind: 'request' })).resolves.toEqualTypeOf<
        ServerRequest | undefined
      >();
      // @ts-expect-error a method is a text
      client.nextMessage({ methods: [5] });
    });
  });

  test('narrows by kind', () => {
    check(() => {
      expectTypeOf(client.events({ kind: 'request' })).toEqualTypeOf<EventStream<ServerRequest>>();
      expectTypeOf(client.events({ kind: 'notification' })).toEqualTypeOf<EventStream<ServerNotification>>();
      // @ts-expect-error a kind is one of two
      client.events({ kind: 'response' });
      // @ts-expect-error a filter is data
      client.events(() => true);
    });
  });
});

type IsAny<T> = 0 extends 1 & T ? true : false;

/** `true` where a type is `any`, or a function takes or gives `any`, or a member, element or promise is `any`. */
type HasAny<T> =
  IsAny<T> extends true
    ? true
    : T extends (...args: infer Args) => infer Result
      ? true extends IsAny<Args[number]> | IsAny<Result> | IsAny<Awaited<Result>>
        ? true
        : false
      : T extends object
        ? true extends { [K in keyof T]: IsAny<T[K]> | IsAny<Awaited<T[K]>> }[keyof T]
          ? true
          : false
        : false;
/** The members of a type in which there is `any`. */
type MembersWithAny<T> = { [K in keyof T]-?: HasAny<T[K]> extends true ? K : never }[keyof T];

describe('the public surface', () => {
  test('has no any in the client', () => {
    expectTypeOf<MembersWithAny<AsyncClient>>().toEqualTypeOf<never>();
    expectTypeOf<MembersWithAny<typeof api.AsyncClient>>().toEqualTypeOf<never>();
    expectTypeOf<MembersWithAny<EventStream>>().toEqualTypeOf<never>();
  });

  test('has no any in options and results', () => {
    expectTypeOf<MembersWithAny<api.StartOptions>>().toEqualTypeOf<never>();
    expectTypeOf<MembersWithAny<api.AttachOptions>>().toEqualTypeOf<never>();
    expectTypeOf<MembersWithAny<api.RequestOptions>>().toEqualTypeOf<never>();
    expectTypeOf<MembersWithAny<api.InitializeOptions>>().toEqualTypeOf<never>();
    expectTypeOf<MembersWithAny<api.EventFilter>>().toEqualTypeOf<never>();
    expectTypeOf<MembersWithAny<api.ClientStats>>().toEqualTypeOf<never>();
    expectTypeOf<MembersWithAny<api.CloseReason>>().toEqualTypeOf<never>();
    expectTypeOf<MembersWithAny<api.ServerInfo>>().toEqualTypeOf<never>();
    expectTypeOf<MembersWithAny<api.StandingAnswers>>().toEqualTypeOf<never>();
  });

  test('has no any in errors', () => {
    type Errors = InstanceType<
      | typeof api.RpcError
      | typeof api.HandshakeError
      | typeof api.OverloadedError
      | typeof api.ServerClosedError
      | typeof api.RequestTimeoutError
      | typeof api.UnsupportedServerError
      | typeof api.TurnFailedError
      | typeof api.ThreadRunError
      | typeof api.InvalidArgumentError
    >;
    type WithAny<E> = E extends Errors ? Exclude<MembersWithAny<E>, 'cause'> : never;
    expectTypeOf<WithAny<Errors>>().toEqualTypeOf<never>();
    expectTypeOf<api.RpcError['data']>().toBeUnknown();
  });

  test('would find an any', () => {
    type Any = ReturnType<typeof JSON.parse>;
    type Bad = {
      value: Any;
      argument: (a: Any) => void;
      result: () => Promise<Any>;
      inside: { a: Any };
      good: (a: unknown) => Promise<string>;
    };
    expectTypeOf<MembersWithAny<Bad>>().toEqualTypeOf<'value' | 'argument' | 'result' | 'inside'>();
  });
});
