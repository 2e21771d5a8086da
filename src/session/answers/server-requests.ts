/**
 * The server's requests to us: which wait for an answer, were answered, or went stale. A request is answered
 * at most once, and not after the server called it resolved or its turn was over. Ids are keys as they are: `0` is an id.
 */
import { describeValue, memberOf } from '../../support/argument-checks.js';
import { AlreadyRespondedError, InvalidArgumentError, StaleRequestError } from '../../support/errors.js';
import type { RequestId } from '../../wire/wire-message.js';
import {
  type AnyServerRequest,
  type ServerMessage,
  type ServerRequest,
  scopeOf,
} from '../messages/server-message.js';

/** What became of a request; only ever moves right. */
type RequestState = 'open' | 'answered' | 'stale';

/** What names a request: the same again from the same server is the same request. */
export interface OpenRequest {
  readonly id: RequestId;
  readonly method: string;
  readonly threadId: string | undefined;
  readonly turnId: string | undefined;
  /** The item, or the tool's call, that it is about. */
  readonly itemId: unknown;
}

interface Entry extends OpenRequest {
  state: RequestState;
  /** What was asked; kept while it is open. */
  request: ServerRequest | undefined;
  /** Made when somebody asks for it. */
  withdrawal: AbortController | undefined;
}

/** Names a turn. */
export interface TurnReference {
  readonly threadId: string;
  readonly turnId: string;
}

/** How many settled requests are remembered by id, to tell "answered" from "unknown". */
const REMEMBERED_SETTLED = 1_024;

/** The ledger of server requests. */
export class ServerRequests {
  readonly #open = new Map<RequestId, Entry>();
  readonly #settled = new Map<RequestId, Entry>();
  readonly #byMessage = new WeakMap<object, Entry>();

  /** How many wait for an answer. */
  get openCount(): number {
    return this.#open.size;
  }

  /** What waits for an answer, by name, in the order in which it came. */
  get open(): OpenRequest[] {
    return [...this.#open.values()].map(({ id, method, threadId, turnId, itemId }) => ({
      id,
      method,
      threadId,
      turnId,
      itemId,
    }));
  }

  /** What is asked on a thread and waits for an answer, in the order in which it came. */
  openOn(threadId: string): ServerRequest[] {
    return [...this.#open.values()].flatMap(({ request, threadId: askedOn }) =>
      request !== undefined && askedOn === threadId ? [request] : [],
    );
  }

  /**
   * Notes a request that was read, and gives back what its reader gets. The same id, method, thread, turn and item again,
   * as after `thread/resume`, is the same request: it is marked as replayed, is answered once, and has one signal. Undefined
   * when it was answered here: the server asked again while the answer was on its way to it. One that it settled itself before
   * is a new one.
   */
  received(request: ServerRequest): ServerRequest | undefined {
    const entry = entryOf(request);
    const settled = this.#settled.get(entry.id);
    if (settled?.state === 'answered' && isSame(settled, entry) && isNamed(entry)) return undefined;
    const known = this.#open.get(entry.id);
    if (known !== undefined && isSame(known, entry)) {
      const copy = { ...request, replayed: true as const };
      this.#byMessage.set(copy, known);
      return copy;
    }
    // A server that gives an id twice waits for the answer to one of the two: the later one.
    if (known !== undefined) this.#settle(known, 'stale');
    this.#open.set(entry.id, entry);
    this.#byMessage.set(request, entry);
    return request;
  }

  /** The server said `serverRequest/resolved`: an answer is not wanted any more. */
  resolved(id: RequestId): void {
    const entry = this.#open.get(id);
    if (entry === undefined) return;
    this.#settle(entry, 'stale');
  }

  /**
   * A turn is over, or without one its whole thread: what it asked needs no answer any more. The server says so itself
   * for approvals, and not for tool calls.
   */
  ended(threadId: string | undefined, turnId: string | undefined): void {
    for (const entry of [...this.#open.values()]) {
      const isOfTurn = turnId === undefined ? entry.threadId === threadId : entry.turnId === turnId;
      if (threadId !== undefined && isOfTurn) this.#settle(entry, 'stale');
    }
  }

  /** The server is gone, and with it every request. */
  close(): void {
    for (const entry of [...this.#open.values()]) this.#settle(entry, 'stale');
  }

  /**
   * Takes the right to answer.
   * @throws AlreadyRespondedError when it was answered before
   * @throws StaleRequestError when the server does not wait for it
   * @throws InvalidArgumentError when the argument is neither a server request nor an id
   */
  claimAnswer(requestOrId: AnyServerRequest | RequestId): RequestId {
    const entry = this.#answerable(requestOrId);
    this.#settle(entry, 'answered');
    return entry.id;
  }

  /** The id that an answer needs, which claims nothing yet. Throws as {@link ServerRequests.claimAnswer} does. */
  answerableId(requestOrId: AnyServerRequest | RequestId): RequestId {
    return this.#answerable(requestOrId).id;
  }

  #answerable(requestOrId: AnyServerRequest | RequestId): Entry {
    const entry = this.#entryOf(requestOrId);
    if (entry.state === 'answered') {
      throw new AlreadyRespondedError(
        `${entry.method} (id ${JSON.stringify(entry.id)}) was answered already; a server request is answered once`,
      );
    }
    if (entry.state === 'stale') {
      throw new StaleRequestError(
        `${entry.method} (id ${JSON.stringify(entry.id)}) needs no answer any more: the server settled it, its turn is over, or the server is gone`,
      );
    }
    return entry;
  }

  /** Fires when the server withdraws the request; has fired when it did already. */
  withdrawalOf(request: AnyServerRequest): AbortSignal {
    const entry = this.#entryOf(request);
    entry.withdrawal ??= new AbortController();
    if (entry.state === 'stale') entry.withdrawal.abort(staleReason(entry));
    return entry.withdrawal.signal;
  }

  /** The turn that asks, where the request names it. @throws as {@link ServerRequests.claimAnswer} does */
  turnOf(requestOrId: AnyServerRequest | RequestId): TurnReference | undefined {
    const { threadId, turnId } = this.#entryOf(requestOrId);
    return threadId === undefined || turnId === undefined ? undefined : { threadId, turnId };
  }

  /** Whether a message is a server request that still waits for an answer. */
  isOpen(message: ServerMessage): boolean {
    return this.#byMessage.get(message)?.state === 'open';
  }

  /** Whether the server waits for an answer to what it asked on another connection as well: the same request, sent again. */
  asks(asked: OpenRequest): boolean {
    const known = this.#open.get(asked.id);
    return known !== undefined && isSame(known, asked) && isNamed(asked);
  }

  #settle(entry: Entry, state: RequestState): void {
    entry.state = state;
    entry.request = undefined;
    this.#open.delete(entry.id);
    if (state === 'stale') entry.withdrawal?.abort(staleReason(entry));
    this.#settled.delete(entry.id);
    this.#settled.set(entry.id, entry);
    for (const id of this.#settled.keys()) {
      if (this.#settled.size <= REMEMBERED_SETTLED) break;
      this.#settled.delete(id);
    }
  }

  #entryOf(requestOrId: AnyServerRequest | RequestId): Entry {
    const id = idOf(requestOrId);
    // Every server counts its ids from 0, so another client's request must not be taken for ours by its id.
    const isObject = typeof requestOrId === 'object';
    const entry = isObject ? this.#byMessage.get(requestOrId) : (this.#open.get(id) ?? this.#settled.get(id));
    if (entry !== undefined) return entry;
    const asked = `no server request with id ${JSON.stringify(id)} waits for an answer`;
    throw new StaleRequestError(
      isObject
        ? 'this is no request of this client; to answer a copy of one, give its id to respondById() or respondError()'
        : asked,
    );
  }
}

function entryOf(request: ServerRequest): Entry {
  const { id, method, params } = request;
  const itemId = memberOf(params, 'itemId') ?? memberOf(params, 'callId');
  return { id, method, ...scopeOf(request), itemId, state: 'open', request, withdrawal: undefined };
}

/** Of two with one id: whether they are one request. */
function isSame(known: OpenRequest, other: OpenRequest): boolean {
  const isAbout = known.threadId === other.threadId && known.turnId === other.turnId;
  return isAbout && known.method === other.method && known.itemId === other.itemId;
}

/** It says what it is about, so that another one like it would say something else. */
function isNamed({ turnId, itemId }: OpenRequest): boolean {
  return turnId !== undefined || itemId !== undefined;
}

function idOf(requestOrId: AnyServerRequest | RequestId): RequestId {
  const id: unknown = typeof requestOrId === 'object' ? requestOrId?.id : requestOrId;
  if (typeof id === 'string' || typeof id === 'number') return id;
  throw new InvalidArgumentError(
    'request',
    `request: expected a server request from this client or its id (a string or a number), got ${describeValue(requestOrId)}`,
  );
}

function staleReason(entry: Entry): StaleRequestError {
  return new StaleRequestError(
    `${entry.method} (id ${JSON.stringify(entry.id)}) was settled without this client's answer`,
  );
}
