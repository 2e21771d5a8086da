/**
 * The items of a list that the server hands out page by page. Owns the cursor and its guard. A page is asked for when
 * the one before it is used up, never ahead of that, and leaving the loop asks for nothing more.
 */

import type { Peer } from '../session/peer.js';
import type { ParamsOf, RequestArguments } from '../session/requests/protocol-request.js';
import { checkRequestOptions } from '../session/requests/request-checks.js';
import type { RequestOptions } from '../session/requests/request-options.js';
import { describeValue, isPlainObject, memberOf, rejectArgument } from '../support/argument-checks.js';
import { InvalidArgumentError, ProtocolError } from '../support/errors.js';
import { nearestName } from '../support/near-names.js';
import { PAGINATED_METHODS, type PageItem, type Pages, type PaginatedMethod } from './pages-methods.js';

/** One answer of a paginated method, as far as the pages need it. */
interface Page<T> {
  readonly data: readonly T[];
  readonly nextCursor: string | null;
}

/**
 * The items of every page, in order. Each loop over it starts anew, at `params.cursor` or at the first page. `limit` is
 * the size of a page, not the number of items. The loop throws as a request does, and {@link ProtocolError} when the
 * server repeats a cursor, which would never end; the client goes on then.
 *
 * @param options - of each request: `timeoutMs` is the time for one page
 * @throws InvalidArgumentError when the method has no pages or an argument is bad; nothing was sent
 */
export function paginate<M extends PaginatedMethod>(
  peer: Peer,
  method: M,
  ...rest: RequestArguments<M>
): Pages<PageItem<M>> {
  const [params, options = {}] = rest as [ParamsOf<M>?, RequestOptions?];
  checkMethod(method);
  if (params !== undefined && !isPlainObject(params)) rejectArgument('params', params, 'an object');
  checkRequestOptions(options);
  peer.checkParams(method, params);
  const pageAt = async (cursor: unknown): Promise<Page<PageItem<M>>> => {
    const pageParams = cursor === undefined ? params : { ...params, cursor };
    // The edge of the wire: the params are those of the method, and each of these methods answers with a page.
    return (await peer.call(method, pageParams as ParamsOf<M>, options)) as Page<PageItem<M>>;
  };
  return { [Symbol.asyncIterator]: () => itemsOf(method, pageAt, memberOf(params, 'cursor')) };
}

async function* itemsOf<T>(
  method: string,
  pageAt: (cursor: unknown) => Promise<Page<T>>,
  start: unknown,
): AsyncGenerator<T, undefined, undefined> {
  const seen = new Set([start]);
  let cursor: string | undefined;
  do {
    const { data, nextCursor } = await pageAt(cursor);
    if (!Array.isArray(data)) throw noPage(method, data);
    yield* data;
    cursor = nextCursor ?? undefined;
    if (cursor === undefined) return;
    if (seen.has(cursor)) throw repeated(method, cursor);
    seen.add(cursor);
  } while (true);
}

/** @throws InvalidArgumentError */
function checkMethod(method: string): void {
  const known: readonly string[] = PAGINATED_METHODS;
  if (known.includes(method)) return;
  const near = typeof method === 'string' ? nearestName(method, known) : undefined;
  const hint = near === undefined ? `these have: ${known.join(', ')}` : `did you mean "${near}"?`;
  throw new InvalidArgumentError('method', `method: ${describeValue(method)} has no pages; ${hint}`);
}

function repeated(method: string, cursor: string): ProtocolError {
  return new ProtocolError(
    `${method} gave the cursor ${describeValue(cursor)} twice, so its pages would never end; the client goes on`,
  );
}

function noPage(method: string, data: unknown): ProtocolError {
  return new ProtocolError(
    `${method} answered without a page of data: expected an array, got ${describeValue(data)}; the client goes on`,
  );
}
