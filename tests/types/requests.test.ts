// What the type system knows of requests. `tsc -p tests/tsconfig.json` is what fails here; nothing is called at run time,
// save for the check that every typed method exists.
import {
  AsyncClient,
  type ClientMethod,
  type Conversation,
  type protocol,
  type RequestArguments,
  type RequestOptions,
  type ResponseOf,
} from 'codex-async-client';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { CLIENT_METHODS, type TypedMethods } from '../../src/protocol/generated.js';
import { methodName } from '../../src/protocol/methods.js';

/** A client for the type system only: the functions that use it are never run. */
declare const client: AsyncClient;
declare const isFirst: boolean;
declare const readOrStart: 'thread/read' | 'turn/start';

/** Type-checks calls without making them. */
function check(_calls: () => unknown): void {}

describe('request', () => {
  test('infers the result from the method', () => {
    check(() => {
      expectTypeOf(client.request('thread/start', {})).resolves.toEqualTypeOf<protocol.ThreadStartResponse>();
      expectTypeOf(client.request('model/list')).resolves.toEqualTypeOf<protocol.ModelListResponse>();
      const params = { threadId: 't', input: [] };
      expectTypeOf(client.request('turn/start', params)).resolves.toEqualTypeOf<protocol.TurnStartResponse>();
    });
  });

  test('demands params that the method needs, and takes only those', () => {
    check(() => [
      // @ts-expect-error turn/start needs params
      client.request('turn/start'),
      // @ts-expect-error turn/start needs input as well
      client.request('turn/start', { threadId: 't' }),
      // @ts-expect-error threadId is a string
      client.request('turn/start', { threadId: 5, input: [] }),
      // @ts-expect-error no such param
      client.request('turn/start', { threadId: 't', input: [], thread: 'x' }),
      // @ts-expect-error thread/start takes an object
      client.request('thread/start', 'text'),
      // @ts-expect-error memory/reset takes no params
      client.request('memory/reset', { all: true }),
      client.request('memory/reset', undefined, { timeoutMs: 5 }),
      client.request('thread/start'),
    ]);
  });

  test('takes unknown methods: unknown in, unknown out', () => {
    check(() => {
      expectTypeOf(client.request('future/thing')).resolves.toBeUnknown();
      expectTypeOf(client.request('future/thing', { any: ['thing'] })).resolves.toBeUnknown();
      const method: string = 'thread/start';
      expectTypeOf(client.request(method)).resolves.toBeUnknown();
    });
    expectTypeOf<ResponseOf<'future/thing'>>().toBeUnknown();
  });

  test('takes for one of several methods what each of them takes', () => {
    check(() => [
      client.request(isFirst ? 'thread/archive' : 'thread/unarchive', { threadId: 't' }),
      client.request(isFirst ? 'thread/start' : 'model/list'),
      client.paginate(isFirst ? 'thread/list' : 'model/list', { limit: 5 }),
      client.request(readOrStart, { threadId: 't', input: [] }),
      // @ts-expect-error one of them needs input
      client.request(readOrStart, { threadId: 't' }),
      // @ts-expect-error one of them needs params
      client.request(isFirst ? 'turn/start' : 'thread/start'),
      // @ts-expect-error one of them needs params
      client.request(isFirst ? 'turn/start' : 'future/thing'),
    ]);
  });

  test('can be handed on by a function', () => {
    function logged<M extends ClientMethod>(method: M, ...rest: RequestArguments<M>): Promise<ResponseOf<M>> {
      return client.request(method, ...rest);
    }
    check(() => {
      expectTypeOf(logged('thread/start')).resolves.toEqualTypeOf<protocol.ThreadStartResponse>();
      // @ts-expect-error turn/start needs params
      logged('turn/start');
    });
    expectTypeOf<RequestArguments<'turn/interrupt'>>().toEqualTypeOf<
      [params: protocol.TurnInterruptParams, options?: RequestOptions]
    >();
  });

  test('takes options by name, and no others', () => {
    check(() => [
      client.request(
        'model/list',
        {},
        { timeoutMs: 5, signal: AbortSignal.abort(), trace: { traceparent: 't' } },
      ),
      // @ts-expect-error no such option
      client.request('model/list', {}, { timeout: 5 }),
      // @ts-expect-error a trace has a traceparent
      client.request('model/list', {}, { trace: {} }),
    ]);
  });
});

describe('typed methods', () => {
  /** Methods of the map that the client lacks, by the name rule written down again in types. */
  type Name<M extends string> = M extends `${infer Head}/${infer Tail}`
    ? `${Head}${Capitalize<Name<Tail>>}`
    : M extends `${infer Head}_${infer Tail}`
      ? `${Head}${Capitalize<Name<Tail>>}`
      : M;
  /** Methods for the server's own tests have none. */
  type Typed = Exclude<(typeof CLIENT_METHODS)[number], `mock/${string}`>;
  type Missing = Exclude<Name<Typed>, keyof AsyncClient>;

  test('exist for every method, in types and at run time', () => {
    expectTypeOf<Missing>().toEqualTypeOf<never>();
    const prototype: object = AsyncClient.prototype;
    const missing = CLIENT_METHODS.filter(
      (method) => typeof Reflect.get(prototype, methodName(method)) !== 'function',
    );
    expect(missing).toEqual(['mock/experimentalMethod']);
    expect(CLIENT_METHODS.length).toBeGreaterThanOrEqual(187);
  });

  test('are none of the members that the client has by itself, and no two have one name', () => {
    expectTypeOf<keyof TypedMethods & keyof Conversation>().toEqualTypeOf<never>();
    const names = CLIENT_METHODS.map(methodName);
    expect(new Set(names).size).toBe(names.length);
  });

  test('are not offered for the server’s own tests; request() takes those by name', () => {
    expectTypeOf<Extract<ClientMethod, `mock/${string}`>>().toEqualTypeOf<never>();
    check(() => {
      expectTypeOf(client.request('mock/experimentalMethod', { value: 'x' })).resolves.toBeUnknown();
    });
  });

  test('infer params and result', () => {
    expectTypeOf<AsyncClient['threadStart']>().toEqualTypeOf<
      (params?: protocol.ThreadStartParams, options?: RequestOptions) => Promise<protocol.ThreadStartResponse>
    >();
    check(() => [
      // @ts-expect-error turnStart needs params
      client.turnStart(),
      // @ts-expect-error path is a string
      client.fsReadFile({ path: 5 }),
    ]);
  });
});
