/**
 * A watch in the user's hands: an async iterable of changes. Owns its id, the route that takes its changes, and its
 * states (starting, watching, over; only ever moving right). The route is open before `fs/watch` is sent, so that no
 * change falls in the gap, and after leaving it drops what comes until the server has stopped watching.
 */

import type { FsChangedNotification, FsWatchParams } from '../protocol/generated.js';
import { checkRequestOptions, type Peer } from '../session/peer.js';
import type { TraceContext } from '../session/requests/request-options.js';
import type { ServerMessage } from '../session/server-message.js';
import type { Route } from '../session/streams/router.js';
import { watchAbort } from '../support/abort-watch.js';
import { checkKnownKeys, checkText, isPlainObject, rejectArgument } from '../support/argument-checks.js';
import { deferred, markHandled } from '../support/deferred.js';
import { sendParting } from './demand.js';

/** The params of `fs/watch`. */
export type FileWatchParams = Omit<FsWatchParams, 'watchId'>;

/** Options of a file watch. */
export interface FileWatchOptions {
  /** Aborting ends the watch; its loop fails with `signal.reason`. */
  readonly signal?: AbortSignal | undefined;
  /** The time limit of the `fs/watch` request, in milliseconds. @defaultValue the client's `requestTimeoutMs` */
  readonly timeoutMs?: number | undefined;
  /** W3C trace context of the `fs/watch` request. */
  readonly trace?: TraceContext | undefined;
}

/** A watch's own claim outranks every filter: who watches reads the changes. */
const WATCH_SPECIFICITY = 16;

/**
 * Changes of one file or folder, in order, each handed out once. Ends after {@link FileWatch.close}; throws
 * {@link RpcError} when the server refused to watch and {@link ServerClosedError} when the session ended before the
 * watch did. Leaving the loop, or `await using`, ends the watch at the server.
 */
export class FileWatch
  implements AsyncIterableIterator<FsChangedNotification, undefined, undefined>, AsyncDisposable
{
  /** The name of the watch on this connection. */
  readonly watchId: string;
  /** Settles when the server watches: changes made from then on are seen. Rejects as the loop does. */
  readonly ready: Promise<void>;
  readonly #peer: Peer;
  readonly #options: FileWatchOptions;
  readonly #route: Route;
  readonly #stopObserving: () => void;
  readonly #ready = deferred<void>();
  /** The server watches, or may have begun to. */
  #wasSent = false;
  #isOver = false;
  #unwatchAbort: (() => void) | undefined;

  /** @internal */
  constructor(peer: Peer, params: FsWatchParams, options: FileWatchOptions) {
    this.#peer = peer;
    this.#options = options;
    this.watchId = params.watchId;
    this.ready = this.#ready.promise;
    markHandled(this.ready);
    this.#route = peer.session.open({
      matches: (message) => this.#takes(message),
      specificity: WATCH_SPECIFICITY,
      discards: () => this.#isOver,
      takesUnread: false,
    });
    this.#stopObserving = peer.session.router.observe({
      observe: () => {},
      // A watch that was cut off fails, also when the session ends cleanly.
      ended: () => this.#route.buffer.end(this.#isOver ? undefined : peer.session.closingError),
    });
    markHandled(this.#start(params));
  }

  /**
   * The next change.
   *
   * @throws {@link RpcError} when the server refused to watch
   * @throws {@link ServerClosedError} when the session ended before the watch did
   * @throws {@link ConcurrentReadError} when a read of this watch is waiting already
   */
  async next(): Promise<IteratorResult<FsChangedNotification, undefined>> {
    const message = await this.#route.buffer.take();
    if (message === undefined) return { done: true, value: undefined };
    // The route takes nothing else.
    const { params } = message as Extract<ServerMessage, { method: 'fs/changed' }>;
    return { done: false, value: params };
  }

  /** Leaves the watch; see {@link FileWatch.close}. Never rejects. */
  async return(): Promise<IteratorResult<FsChangedNotification, undefined>> {
    await this.close();
    return { done: true, value: undefined };
  }

  /** Ends the watch: unread changes are dropped, a waiting loop ends. Settles when the server has stopped. Idempotent; never rejects. */
  async close(): Promise<void> {
    await this.#finish(undefined);
  }

  /** Ends the watch, for `await using`; never rejects. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async #start(params: FsWatchParams): Promise<void> {
    const { signal, timeoutMs, trace } = this.#options;
    if (signal?.aborted === true) return this.#finish(signal.reason);
    if (signal !== undefined)
      this.#unwatchAbort = watchAbort(signal, () => markHandled(this.#finish(signal.reason)));
    this.#wasSent = true;
    try {
      await this.#peer.request('fs/watch', params, { timeoutMs, trace });
      this.#ready.resolve();
    } catch (error) {
      await this.#finish(error);
    }
  }

  #takes(message: ServerMessage): boolean {
    return message.method === 'fs/changed' && message.params?.watchId === this.watchId;
  }

  /** @param failure - what the loop throws; `undefined` when the user is done */
  async #finish(failure: unknown): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    const { session } = this.#peer;
    this.#unwatchAbort?.();
    this.#ready.reject(failure ?? new DOMException('the watch was closed before it began', 'AbortError'));
    this.#route.buffer.end(failure);
    session.giveBack(this.#route);
    // One that was refused is unknown to the server, which does not mind; one whose answer came too late is not.
    if (this.#wasSent) await sendParting(this.#peer, 'fs/unwatch', { watchId: this.watchId });
    session.router.seal(this.#route);
    this.#stopObserving();
  }
}

/**
 * Starts a watch.
 * @throws {@link InvalidArgumentError} when params or options are bad; nothing was sent
 * @internal
 */
export function fileWatch(peer: Peer, params: FileWatchParams, options: FileWatchOptions = {}): FileWatch {
  if (!isPlainObject(params)) rejectArgument('params', params, 'an object with path');
  checkKnownKeys('params', params, ['path']);
  if (params.path === undefined) rejectArgument('params.path', params.path, 'an absolute path');
  checkText('params.path', params.path);
  checkRequestOptions(options);
  return new FileWatch(peer, { path: params.path, watchId: crypto.randomUUID() }, options);
}
