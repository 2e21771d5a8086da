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

/**
 * The type of every name that these types do not know, as a server that is newer may send it: some text, which is none of
 * the known names. It is a string and never equal to a literal, so comparing `method` with a known name rules it out. It
 * exists in the types alone; to compare it with a name, take it for a string: `const name: string = msg.method`.
 */
export declare enum UnknownMethod {
  /** Stands for all of them; no message has this text. */
  Any = '(a method that these types do not know)',
}

/** Something the server tells; it expects no answer. */
export type ServerNotification<
  M extends NotificationMethod | UnknownMethod = NotificationMethod | UnknownMethod,
> = M extends NotificationMethod
  ? {
      readonly kind: 'notification';
      /** What happened. */
      readonly method: M;
      /** The facts, as received. */
      readonly params: ServerNotifications[M];
      /** When the server emitted it, in milliseconds since the Unix epoch; older servers do not say. */
      readonly emittedAtMs?: number;
    }
  : UnknownNotification;

/** Something the server asks; answer it once with `respond` or `respondError`. */
export type ServerRequest<
  M extends ServerRequestMethod | UnknownMethod = ServerRequestMethod | UnknownMethod,
> = M extends ServerRequestMethod
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
  : UnknownRequest;

/** A notification whose method these types do not know. `M` is its name, where a filter gives it. */
export interface UnknownNotification<M extends string = UnknownMethod> {
  readonly kind: 'notification';
  /** What happened, as received. */
  readonly method: M;
  /** The facts, as received. */
  readonly params: unknown;
  /** When the server emitted it, in milliseconds since the Unix epoch, if it said so. */
  readonly emittedAtMs?: number;
}

/**
 * A server request whose method these types do not know; it takes any JSON value for an answer. `M` is its name, where a
 * filter gives it.
 */
export interface UnknownRequest<M extends string = UnknownMethod> {
  readonly kind: 'request';
  /** The server's id of the request; `0` is an id like any other. */
  readonly id: RequestId;
  /** What is asked, as received. */
  readonly method: M;
  /** The facts, as received. */
  readonly params: unknown;
  /** The server has sent it before; see {@link ServerRequest}. */
  readonly replayed?: true;
}

/**
 * A message whose method these types do not know: what is left of a {@link ServerMessage} in the `default` of a `switch`
 * over all known methods. With a name, as in `UnknownMessage<'new/method'>`, it is what a filter that names it lets through;
 * a function that takes that, too, takes an {@link AnyServerMessage}.
 */
export type UnknownMessage<M extends string = UnknownMethod> = UnknownNotification<M> | UnknownRequest<M>;

/**
 * A message from the server, discriminated by `kind` and `method`. A server that is newer than these types may send methods
 * that they do not know: {@link UnknownMessage}.
 */
export type ServerMessage = ServerNotification | ServerRequest;

/** Any message, by its shape alone: every {@link ServerMessage}, and what a filter with an unknown name lets through. */
export type AnyServerMessage = UnknownMessage<string>;
/** Any server request, by its shape alone, as {@link AnyServerMessage} is any message. */
export type AnyServerRequest = UnknownRequest<string>;

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
