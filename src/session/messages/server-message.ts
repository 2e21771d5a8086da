/**
 * The messages that a server sends and a user reads: notifications and server requests, discriminated by
 * `kind` and `method`. Owns their types and where their thread and turn are found; changes nothing in them.
 */
import type { ServerNotifications, ServerRequests } from '../../protocol/generated.js';
import type { RequestId } from '../../wire/wire-message.js';

/** The name of a notification this version of the protocol knows. */
export type NotificationMethod = keyof ServerNotifications;
/** The name of a server request this version of the protocol knows. */
export type ServerRequestMethod = keyof ServerRequests;

/** Something the server tells; it expects no answer. */
export type ServerNotification<M extends NotificationMethod = NotificationMethod> =
  M extends NotificationMethod
    ? {
        readonly kind: 'notification';
        /** What happened. */
        readonly method: M;
        /** The facts, as received. */
        readonly params: ServerNotifications[M];
        /** When the server emitted it, in milliseconds since the Unix epoch; older servers do not say. */
        readonly emittedAtMs?: number;
        /**
         * How many messages of the server this one stands for, on a stream that coalesces and whose reader lagged: its text is
         * theirs, one after the other, or it is the latest of them. Left out where it is one.
         */
        readonly coalesced?: number;
      }
    : never;

/** Something the server asks; answer it once with `respond` or `respondError`. */
export type ServerRequest<M extends ServerRequestMethod = ServerRequestMethod> = M extends ServerRequestMethod
  ? {
      readonly kind: 'request';
      /** The server's id of the request; `0` is an id like any other. */
      readonly id: RequestId;
      /** What is asked. */
      readonly method: M;
      /** The facts, as received. */
      readonly params: ServerRequests[M]['params'];
      /**
       * The server has sent it before, as it does with what is open when a thread is resumed. It is the same request: it
       * is answered once, whichever of the two is answered.
       */
      readonly replayed?: true;
    }
  : never;

/** What the server expects in answer to a server request of method `M`. */
export type ServerRequestResult<M extends ServerRequestMethod> = ServerRequests[M]['response'];

/**
 * A message from the server. A server that is newer than these types may send methods that are not in the
 * union; they are delivered all the same, so give a `switch` over `method` a `default`.
 */
export type ServerMessage = ServerNotification | ServerRequest;

/** A message whose method these types do not know, as it looks at run time. */
export interface UnknownMessage {
  /** Requests have an id and expect an answer. */
  readonly kind: 'notification' | 'request';
  /** The server's id of a request. */
  readonly id?: RequestId;
  /** The name, as received. */
  readonly method: string;
  /** The params, as received. */
  readonly params: unknown;
  /** When the server emitted it, in milliseconds since the Unix epoch, if it said so. */
  readonly emittedAtMs?: number;
}

/** Where in the conversation a message belongs. */
export interface MessageScope {
  readonly threadId: string | undefined;
  readonly turnId: string | undefined;
}

/** The members by which the protocol's messages name their thread and turn. */
interface ScopedParams {
  readonly threadId?: unknown;
  readonly turnId?: unknown;
  /** The thread, in the two approval requests of the old protocol. */
  readonly conversationId?: unknown;
  readonly thread?: { readonly id?: unknown } | null;
  readonly turn?: { readonly id?: unknown } | null;
  readonly item?: unknown;
}

/** Reads the thread and turn a message belongs to, from `threadId`/`thread.id` and `turnId`/`turn.id`. */
export function scopeOf(message: { readonly params: unknown }): MessageScope {
  const params = message.params;
  if (typeof params !== 'object' || params === null) return { threadId: undefined, turnId: undefined };
  const scoped = params as ScopedParams;
  const threadId = text(scoped.threadId) ?? text(scoped.thread?.id) ?? text(scoped.conversationId);
  return { threadId, turnId: text(scoped.turnId) ?? text(scoped.turn?.id) };
}

/** Whether a message carries a thread, a turn or an item, and not only their ids. Most do not. */
export function carriesObject({ params }: { readonly params: unknown }): boolean {
  if (typeof params !== 'object' || params === null) return false;
  const { thread, turn, item } = params as ScopedParams;
  return item !== undefined || turn !== undefined || thread !== undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
