/**
 * A watch in the user's hands: an async iterable of changes. Owns its id, the stream that takes its changes, and its
 * state (unsent, sent, over; only ever moving right). The stream is open before `fs/watch` is
 * sent, so that no change falls in the gap, and after leaving it drops what comes until the server has stopped watching.
 */

import type { FsChangedNotification, FsWatchParams } from '../protocol/generated.js';
import type { ServerMessage } from '../session/messages/server-message.js';
import type { Peer } from '../session/peer.js';
import { checkRequestOptions } from '../session/requests/request-checks.js';
import type { TraceContext } from '../session/requests/request-options.js';
import type { Follower } from '../session/streams/followers.js';
import type { OpenStream } from '../session/streams/open-stream.js';
import { PRECEDENCE } from '../session/streams/precedence.js';
import { watchAbort } from '../support/abort-watch.js';
import { checkKnownKeys, checkText, isPlainObject, rejectArgument } from '../support/argument-checks.js';
import { deferred, markHandled } from '../support/deferred.js';
import { type PulledStream, PullStream } from '../support/pull-stream.js';

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

/** Nothing was sent. */
const Unsent = 0;
/** `fs/watch` was called: the server watches, or may begin to. */
const Sent = 1;
/** Nobody reads any more, or the session is over; the server may not have stopped yet. */
const Over = 2;

/**
 * Changes of one file or folder, in order, each handed out once. Ends after {@link FileWatch.close}; throws
 * `RpcError` when the server refused to watch and `ServerClosedError` when the session ended before the
 * watch did. Leaving the loop, or `await using`, ends the watch at the server and does not wait for it.
 */
export interface FileWatch extends PulledStream<FsChangedNotification> {
  /** The name of the watch on this connection. */
  readonly watchId: string;

  /** Settles when the server watches: changes made from then on are seen. Rejects as the loop does. */
  readonly ready: Promise<void>;

  /**
   * Ends the watch: unread changes are dropped, a waiting loop ends. Settles when the server has stopped, or has not
   * answered within the client's `requestTimeoutMs`. Idempotent; never rejects.
   */
  close(): Promise<void>;
}

/** A watch at a server. */
class LiveFileWatch extends PullStream<FsChangedNotification> implements FileWatch {
  readonly watchId: string;
  readonly ready: Promise<void>;
  readonly #peer: Peer;
  readonly #stream: OpenStream;
  readonly #ready = deferred<void>();
  readonly #unwatchAbort: (() => void) | undefined;
  /** Hears the end of the session, after which nobody may read the watch any more. */
  readonly #follower: Follower = { learn: () => {}, observe: () => {}, ended: () => this.#over() };
  #state = Unsent;
  /** Settles when the server has stopped watching. */
  #stopped: Promise<void> | undefined;

  /** @internal */
  constructor(peer: Peer, params: FsWatchParams, options: FileWatchOptions) {
    super();
    this.#peer = peer;
    this.watchId = params.watchId;
    this.ready = this.#ready.promise;
    markHandled(this.ready);
    this.#stream = peer.open({
      keys: { resourceId: params.watchId },
      precedence: PRECEDENCE.fileWatch,
      cutOffFails: true,
      takes: (message) => message.method === 'fs/changed',
    });
    const { signal } = options;
    if (signal?.aborted === true) {
      this.#end(signal.reason);
      return;
    }
    if (signal !== undefined) this.#unwatchAbort = watchAbort(signal, () => this.#end(signal.reason));
    this.#state = Sent;
    peer.follow(this.#follower, this.watchId);
    markHandled(this.#start(params, options));
  }

  async close(): Promise<void> {
    this.#end(undefined);
    await this.#stopped;
  }

  /** @internal */
  protected override async take(): Promise<FsChangedNotification | undefined> {
    const message = await this.#stream.take(undefined, this);
    // The stream takes nothing else.
    return (message as Extract<ServerMessage, { method: 'fs/changed' }> | undefined)?.params;
  }

  /** @internal */
  protected override leave(): void {
    this.#end(undefined);
  }

  async #start(params: FsWatchParams, { timeoutMs, trace }: FileWatchOptions): Promise<void> {
    try {
      await this.#peer.call('fs/watch', params, { timeoutMs, trace });
      this.#ready.resolve();
    } catch (error) {
      this.#end(error);
    }
  }

  /** @param failure - what the loop throws; `undefined` when the user is done */
  #end(failure: unknown): void {
    if (this.#state === Over) return;
    const wasSent = this.#state === Sent;
    this.#state = Over;
    this.#letGo();
    this.#ready.reject(failure ?? new DOMException('the watch was closed before it began', 'AbortError'));
    this.#stream.stop(failure);
    this.#stream.leave();
    this.#stopped = this.#stopAtServer(wasSent);
  }

  /** The session is over, and with it the watch; the stream says why. */
  #over(): void {
    this.#state = Over;
    this.#ready.reject(this.#peer.closingError);
    this.#letGo();
  }

  #letGo(): void {
    this.#unwatchAbort?.();
    this.#peer.unfollow(this.#follower);
  }

  /** One that was refused is unknown to the server, which does not mind; one whose answer came too late is not. */
  async #stopAtServer(wasSent: boolean): Promise<void> {
    if (wasSent) await this.#peer.part('fs/unwatch', { watchId: this.watchId });
    this.#stream.finish();
  }
}

/**
 * Starts a watch.
 * @throws InvalidArgumentError when params or options are bad; nothing was sent
 * @internal
 */
export function fileWatch(peer: Peer, params: FileWatchParams, options: FileWatchOptions = {}): FileWatch {
  if (!isPlainObject(params)) rejectArgument('params', params, 'an object with path');
  checkKnownKeys('params', params, ['path']);
  if (params.path === undefined) rejectArgument('params.path', params.path, 'an absolute path');
  checkText('params.path', params.path);
  checkRequestOptions(options);
  return new LiveFileWatch(peer, { path: params.path, watchId: crypto.randomUUID() }, options);
}
