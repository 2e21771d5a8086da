/**
 * Which methods have pages: those that take a `cursor` and answer with `data` and `nextCursor`. The types follow from
 * the protocol; the list is for run time, where there are no types, and a type test keeps the two equal.
 */
import type { ClientRequests } from '../protocol/generated.js';

/** A method that hands a list out page by page. */
export type PaginatedMethod = {
  [M in keyof ClientRequests]: HasPages<ClientRequests[M]> extends true ? M : never;
}[keyof ClientRequests];

/** What the list of a method consists of. */
export type PageItem<M extends PaginatedMethod> = ClientRequests[M]['response']['data'][number];

type HasPages<R extends { params: unknown; response: unknown }> = R['response'] extends {
  data: readonly unknown[];
  nextCursor: string | null;
}
  ? 'cursor' extends keyof NonNullable<R['params']>
    ? true
    : false
  : false;

/** Every method that has pages. */
export const PAGINATED_METHODS = [
  'thread/queue/list',
  'thread/attachment/list',
  'thread/attachmentOwner/list',
  'thread/backgroundTerminals/list',
  'thread/list',
  'project/list',
  'threadSection/list',
  'thread/search',
  'thread/searchOccurrences',
  'thread/loaded/list',
  'thread/turns/list',
  'thread/items/list',
  'plugin/search',
  'app/list',
  'thread/timeline/list',
  'model/list',
  'experimentalFeature/list',
  'permissionProfile/list',
  'remoteControl/client/list',
  'mcpServerStatus/list',
] as const satisfies readonly PaginatedMethod[];

/** The items of a list, page after page. It may be looped over any number of times; each loop asks for the pages anew. */
export interface Pages<T> {
  [Symbol.asyncIterator](): AsyncIterator<T, undefined, undefined>;
}
