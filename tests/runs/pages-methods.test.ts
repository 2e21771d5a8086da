/** The list of methods with pages, held against the protocol's types. */
import type { protocol } from 'codex-async-client';
import { expect, expectTypeOf, test } from 'vitest';
import { CLIENT_METHODS } from '../../src/protocol/generated.js';
import { PAGINATED_METHODS, type PageItem, type PaginatedMethod } from '../../src/runs/pages-methods.js';

/** Whether a type names a member; neither `never` nor a record of anything does. */
type Has<T, K extends string> = string extends keyof T ? false : K extends keyof T ? true : false;

test('every method with a cursor is listed, and its item is known', () => {
  type Listed = (typeof PAGINATED_METHODS)[number];
  expectTypeOf<Listed>().toEqualTypeOf<PaginatedMethod>();
  type Requests = protocol.ClientRequests;
  type WithCursor = {
    [M in keyof Requests]: true extends
      | Has<NonNullable<Requests[M]['params']>, 'cursor'>
      | Has<Requests[M]['response'], 'nextCursor'>
      ? M
      : never;
  }[keyof Requests];
  expectTypeOf<WithCursor>().toEqualTypeOf<PaginatedMethod>();
  expectTypeOf<PageItem<'thread/list'>>().toEqualTypeOf<protocol.Thread>();
  expectTypeOf<PageItem<'thread/loaded/list'>>().toEqualTypeOf<string>();
  expect(new Set(PAGINATED_METHODS).size).toBe(20);
  expect(CLIENT_METHODS).toEqual(expect.arrayContaining([...PAGINATED_METHODS]));
});
