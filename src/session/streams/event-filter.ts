/** A filter is data: which messages a stream takes. Owns its check, its meaning and how it ranks. */
import {
  SERVER_MESSAGE_METHODS,
  type ServerVersion,
  speaksOurVersion,
} from '../../protocol/checks/known-names.js';
import { checkNearMiss } from '../../protocol/checks/method-check.js';
import { checkKnownKeys, checkText, checkTextList, rejectArgument } from '../../support/argument-checks.js';
import type {
  NotificationMethod,
  ServerMessage,
  ServerNotification,
  ServerRequest,
  ServerRequestMethod,
  UnknownMessage,
  UnknownNotification,
  UnknownRequest,
} from '../messages/server-message.js';
import type { StreamClaim } from './open-stream.js';
import { FILTER_WEIGHT, REQUEST_GROUP } from './precedence.js';

/** Which messages a filtered stream takes; a message has to satisfy every member that is given. */
export interface EventFilter {
  /** Only notifications, or only server requests. @defaultValue both */
  readonly kind?: ServerMessage['kind'] | undefined;
  /**
   * Only these methods; narrows the type of the messages. A name that the types do not know, of a newer server, narrows it
   * to {@link UnknownMessage} of that name. @defaultValue every method
   */
  readonly methods?: readonly (KnownMethod | (string & {}))[] | undefined;
  /** Only messages of this thread. Sub-agents are threads of their own. @defaultValue every thread, and none */
  readonly threadId?: string | undefined;
  /** Only messages of this turn. @defaultValue every turn, and none */
  readonly turnId?: string | undefined;
}

/** The messages that a filter lets through, as a type. */
export type Filtered<F extends EventFilter> = F extends {
  readonly methods: readonly (infer M extends string)[];
}
  ? MessageOf<M, KindOf<F>>
  : ByKind<KindOf<F>, ServerNotification, ServerRequest, ServerMessage>;

type KnownMethod = NotificationMethod | ServerRequestMethod;

type KindOf<F> = F extends { readonly kind: infer K extends ServerMessage['kind'] }
  ? K
  : ServerMessage['kind'];

type ByKind<K, Notification, Request, Both> = [K] extends ['notification']
  ? Notification
  : [K] extends ['request']
    ? Request
    : Both;

/** Not one name but many: `string`, or a pattern such as `thread/${string}`. */
type IsOpen<M extends string> = Record<never, never> extends Record<M, unknown> ? true : false;

/** The message of a name; of a name that is only known at run time, every message. */
type MessageOf<M extends string, K> = M extends NotificationMethod
  ? ByKind<K, ServerNotification<M>, never, ServerNotification<M>>
  : M extends ServerRequestMethod
    ? ByKind<K, never, ServerRequest<M>, ServerRequest<M>>
    : IsOpen<M> extends true
      ? ByKind<K, ServerNotification, ServerRequest, ServerMessage>
      : ByKind<K, UnknownNotification<M>, UnknownRequest<M>, UnknownMessage<M>>;

/** The members of a filter. */
export const FILTER_NAMES = ['kind', 'methods', 'threadId', 'turnId'] as const;

/**
 * @throws InvalidArgumentError when the filter has an unknown member or a value of the wrong kind, or names a method that
 * a server of our version does not have and that is nearly one it has
 */
export function checkEventFilter(filter: EventFilter, server?: ServerVersion): void {
  checkKnownKeys('filter', filter, FILTER_NAMES);
  checkFilterMembers('filter', filter, server);
}

/** @throws InvalidArgumentError as {@link checkEventFilter} does, for the members of a filter in whatever holds them */
export function checkFilterMembers(argument: string, filter: EventFilter, server?: ServerVersion): void {
  const { kind, methods, threadId, turnId } = filter;
  if (kind !== undefined && kind !== 'notification' && kind !== 'request') {
    rejectArgument(`${argument}.kind`, kind, '"notification" or "request"');
  }
  checkTextList(`${argument}.methods`, methods);
  if (methods?.length === 0) rejectArgument(`${argument}.methods`, methods, 'at least one method');
  if (speaksOurVersion(server)) checkMethods(`${argument}.methods`, methods, server);
  checkText(`${argument}.threadId`, threadId);
  checkText(`${argument}.turnId`, turnId);
}

function checkMethods(argument: string, methods: readonly string[] = [], server: ServerVersion): void {
  methods.forEach((method, index) => {
    checkNearMiss(`${argument}[${index}]`, method, SERVER_MESSAGE_METHODS, server);
  });
}

/** No member is given: the filter of the main stream. */
export function isEmptyFilter(filter: EventFilter): boolean {
  return Object.values(filter).every((value) => value === undefined);
}

/** What a stream of the filter takes, and how it ranks: turn before thread before methods before kind. @internal */
export function claimOf(filter: EventFilter): StreamClaim {
  const { kind, threadId, turnId } = filter;
  // Whoever made the list may change it, and the stream is filed under what it is now.
  const methods = filter.methods && [...filter.methods];
  return {
    name: `events(${JSON.stringify({ kind, methods, threadId, turnId })})`,
    keys: { kind, methods, threadId, turnId },
    precedence:
      (turnId === undefined ? 0 : FILTER_WEIGHT.turnId) +
      (threadId === undefined ? 0 : FILTER_WEIGHT.threadId) +
      (methods === undefined ? 0 : FILTER_WEIGHT.methods) +
      (kind === undefined ? 0 : FILTER_WEIGHT.kind),
    requestGroup: methods !== undefined || kind === 'request' ? REQUEST_GROUP.asked : REQUEST_GROUP.reads,
  };
}
