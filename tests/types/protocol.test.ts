// The types of the generated maps. `tsc -p tests/tsconfig.json` is what fails here; vitest only runs the file.

import { describe, expectTypeOf, test } from 'vitest';
import type {
  CLIENT_METHODS,
  ClientRequests,
  MethodsWithoutResponse,
  ModelListParams,
  ModelListResponse,
  OptionalParamsMethod,
  SERVER_NOTIFICATION_METHODS,
  SERVER_REQUEST_METHODS,
  ServerNotifications,
  ServerRequests,
  ThreadStartParams,
  ThreadStartResponse,
  TurnStartedNotification,
  TypedMethods,
} from '../../src/protocol/generated.js';
import type { RequestOptions } from '../../src/session/requests/request-options.js';

type IsAny<T> = 0 extends 1 & T ? true : false;
/** The keys of `Map` in whose `Part` there is `any`, one level down included. */
type AnyIn<T> =
  IsAny<T> extends true ? true : true extends { [K in keyof T]: IsAny<T[K]> }[keyof T] ? true : false;
type RequestsWithAny<M extends object> = {
  [K in keyof M]: M[K] extends { params: infer P; response: infer R }
    ? true extends AnyIn<P> | AnyIn<R>
      ? K
      : never
    : K;
}[keyof M];
type NotificationsWithAny<M extends object> = {
  [K in keyof M]: AnyIn<M[K]> extends true ? K : never;
}[keyof M];

/** Methods whose params may be left out, found by the type system instead of by the generator. */
type LeftOut = {
  [K in keyof ClientRequests]: Record<never, never> extends ClientRequests[K]['params']
    ? K
    : null extends ClientRequests[K]['params']
      ? K
      : undefined extends ClientRequests[K]['params']
        ? K
        : never;
}[keyof ClientRequests];

/** Methods of the interface that may be called without arguments. */
type CalledBare = {
  [K in keyof TypedMethods]: [] extends Parameters<TypedMethods[K]> ? K : never;
}[keyof TypedMethods];

/** Methods whose answer may be something else than an object. */
type AnsweredBare = {
  [M in keyof ClientRequests]: ClientRequests[M]['response'] extends object ? never : M;
}[keyof ClientRequests];

/** Methods that serve the server's own tests alone; `request()` reaches them by name. */
type Mock = `mock/${string}`;

describe('the method map', () => {
  test('promises an object for every method, which the client checks at run time', () => {
    expectTypeOf<AnsweredBare>().toEqualTypeOf<never>();
  });

  test('has a response type for every method', () => {
    expectTypeOf<MethodsWithoutResponse>().toEqualTypeOf<never>();
  });

  test('has no any in params or responses', () => {
    expectTypeOf<RequestsWithAny<ClientRequests>>().toEqualTypeOf<never>();
    expectTypeOf<RequestsWithAny<ServerRequests>>().toEqualTypeOf<never>();
    expectTypeOf<NotificationsWithAny<ServerNotifications>>().toEqualTypeOf<never>();
  });

  test('would find an any', () => {
    type Any = ReturnType<typeof JSON.parse>;
    type WithAny = {
      bad: { params: { a: Any }; response: string };
      good: { params: undefined; response: string };
    };
    expectTypeOf<RequestsWithAny<WithAny>>().toEqualTypeOf<'bad'>();
  });

  test('has the methods that the lists for run time name', () => {
    expectTypeOf<keyof ClientRequests>().toEqualTypeOf<Exclude<(typeof CLIENT_METHODS)[number], Mock>>();
    expectTypeOf<keyof ServerRequests>().toEqualTypeOf<(typeof SERVER_REQUEST_METHODS)[number]>();
    expectTypeOf<keyof ServerNotifications>().toEqualTypeOf<(typeof SERVER_NOTIFICATION_METHODS)[number]>();
  });

  test('gives a method its own params and response', () => {
    expectTypeOf<ClientRequests['thread/start']['params']>().toEqualTypeOf<ThreadStartParams>();
    expectTypeOf<ClientRequests['thread/start']['response']>().toEqualTypeOf<ThreadStartResponse>();
    expectTypeOf<ClientRequests['memory/reset']['params']>().toEqualTypeOf<undefined>();
    expectTypeOf<ServerNotifications['turn/started']>().toEqualTypeOf<TurnStartedNotification>();
  });

  test('says of the right methods that their params may be left out', () => {
    expectTypeOf<LeftOut>().toEqualTypeOf<OptionalParamsMethod>();
  });
});

describe('the typed methods', () => {
  test('take params and options and give the response', () => {
    expectTypeOf<TypedMethods['threadStart']>().toEqualTypeOf<
      (params?: ThreadStartParams, options?: RequestOptions) => Promise<ThreadStartResponse>
    >();
    expectTypeOf<TypedMethods['modelList']>().toEqualTypeOf<
      (params?: ModelListParams, options?: RequestOptions) => Promise<ModelListResponse>
    >();
    expectTypeOf<TypedMethods['turnInterrupt']>().parameter(0).not.toEqualTypeOf<undefined>();
    expectTypeOf<TypedMethods>().not.toHaveProperty('initialize');
  });

  test('may be called without arguments exactly when their params may be left out', () => {
    type Name<M extends string> = M extends `${infer Head}/${infer Tail}`
      ? `${Head}${Capitalize<Name<Tail>>}`
      : M extends `${infer Head}_${infer Tail}`
        ? `${Head}${Capitalize<Name<Tail>>}`
        : M;
    expectTypeOf<CalledBare>().toEqualTypeOf<Name<OptionalParamsMethod>>();
    type Own = 'initialize' | 'turn/start' | 'turn/steer';
    expectTypeOf<keyof TypedMethods>().toEqualTypeOf<Name<Exclude<keyof ClientRequests, Own>>>();
  });
});
