/**
 * A turn that no server ran, as data: what a test wants to be said of it, and the messages that say so. The messages have
 * the shape of the real ones, so that what a result is made of comes out of them as it does for a real turn.
 */
import type { ServerNotifications, ThreadItem, ThreadTokenUsage, Turn } from '../../protocol/generated.js';
import { BudgetExceededError, OutputMismatchError, TurnFailedError } from '../../runs/turn/result-errors.js';
import type { NotificationMethod, ServerMessage } from '../../session/messages/server-message.js';
import { checkKnownKeys, checkText, isPlainObject, rejectArgument } from '../../support/argument-checks.js';

/** What a fake turn came to. */
export interface FakeTurn<Output = unknown> {
  /** What the agent answered. @defaultValue `output` as JSON where there are no `messages`; else none is added */
  readonly finalMessage?: string | undefined;
  /** The `output` of the result, as a schema would have made it. @defaultValue `undefined` */
  readonly output?: Output | undefined;
  /** Items that were completed before the answer, in order. @defaultValue none */
  readonly items?: readonly ThreadItem[] | undefined;
  /**
   * Messages that came after the items and before the answer, in order; `turn/started` and `turn/completed` are made where
   * they are not among them. @defaultValue none
   */
  readonly messages?: readonly ServerMessage[] | undefined;
  /** The token usage of the turn. @defaultValue the server reported none */
  readonly usage?: ThreadTokenUsage | undefined;
  /** How the turn ended, unless it failed. @defaultValue `'completed'` */
  readonly status?: 'completed' | 'interrupted' | undefined;
  /**
   * Why there is no result. A text is the reason of a turn that failed: `result()` and `text()` reject with a `TurnFailedError`,
   * of a thread run with a `ThreadRunError` whose `cause` that is. An error is what `result()`, `text()` and a loop end with, for
   * example a `ServerClosedError` or a `BudgetExceededError`; but a loop over a turn that failed just ends, and an
   * `OutputMismatchError` is for `result()` alone.
   * @defaultValue none: the turn did not fail
   */
  readonly failure?: string | Error | undefined;
  /** The id of the thread. @defaultValue `'fake-thread'` */
  readonly threadId?: string | undefined;
  /** The id of the turn. @defaultValue `'fake-turn'` */
  readonly turnId?: string | undefined;
}

/** What a fake turn has to say so that its result is of a type: its output, or why it has none. */
export type FakeEnd<Output> =
  | { readonly output: Output }
  | { readonly status: 'interrupted' }
  | { readonly failure: string | Error };

const NAMES = [
  'finalMessage',
  'output',
  'items',
  'messages',
  'usage',
  'status',
  'failure',
  'threadId',
  'turnId',
] as const satisfies readonly (keyof FakeTurn)[];

/** The ids of a fake turn. */
export interface FakeIds {
  readonly threadId: string;
  readonly turnId: string;
}

/**
 * The ids of a fake turn.
 * @param more - names that are taken beside those of a turn
 * @throws InvalidArgumentError when a member is unknown or has a value that cannot be
 */
export function checkedFakeTurn(turn: FakeTurn, more: readonly string[] = []): FakeIds {
  checkKnownKeys('turn', turn, [...NAMES, ...more]);
  const { threadId = 'fake-thread', turnId = 'fake-turn', status, failure, finalMessage } = turn;
  checkText('turn.threadId', threadId);
  checkText('turn.turnId', turnId);
  if (finalMessage !== undefined && typeof finalMessage !== 'string')
    rejectArgument('turn.finalMessage', finalMessage, 'a string');
  if (status !== undefined && status !== 'completed' && status !== 'interrupted')
    rejectArgument('turn.status', status, '"completed" or "interrupted"; a turn that failed has a failure');
  if (failure !== undefined && typeof failure !== 'string' && !(failure instanceof Error))
    rejectArgument('turn.failure', failure, 'a text or an error');
  for (const name of ['items', 'messages'] as const) {
    const list: unknown = turn[name] ?? [];
    if (!Array.isArray(list) || !list.every(isPlainObject))
      rejectArgument(`turn.${name}`, list, 'an array of objects');
  }
  return { threadId, turnId };
}

/** The turn as the server describes it. */
export function describedTurn({ turnId }: FakeIds, status: Turn['status'], failure?: string): Turn {
  const error =
    failure === undefined
      ? null
      : { message: failure, codexErrorInfo: null, additionalDetails: null, misalignment: null };
  return {
    id: turnId,
    rootTurnId: turnId,
    items: [],
    itemsView: 'notLoaded',
    status,
    error,
    startedAt: null,
    completedAt: null,
    durationMs: null,
  };
}

/** Every message of the turn, in order. */
export function messagesOf(turn: FakeTurn, ids: FakeIds): ServerMessage[] {
  const { items = [], messages = [], usage: tokenUsage } = turn;
  const isEdge = ({ method }: ServerMessage) => method === 'turn/started' || method === 'turn/completed';
  return [
    messages.find(({ method }) => method === 'turn/started') ?? beginOf(ids),
    ...items.map((item) => completed(item, ids)),
    ...messages.filter((message) => !isEdge(message)),
    ...answerOf(turn, ids),
    ...(tokenUsage === undefined ? [] : [notification('thread/tokenUsage/updated', { ...ids, tokenUsage })]),
    ...endOf(turn, ids),
  ];
}

function beginOf(ids: FakeIds): ServerMessage {
  return notification('turn/started', { threadId: ids.threadId, turn: describedTurn(ids, 'inProgress') });
}

/** A turn that an error cut off has no end of its own. */
function endOf({ messages = [], failure, status = 'completed' }: FakeTurn, ids: FakeIds): ServerMessage[] {
  const ended = failure instanceof Error ? endStatusOf(failure) : status;
  if (ended === undefined) return [];
  const reason = failure instanceof TurnFailedError ? failure.message : failure;
  const turn = typeof reason === 'string' ? describedTurn(ids, 'failed', reason) : describedTurn(ids, ended);
  const made = notification('turn/completed', { threadId: ids.threadId, turn });
  return [messages.find(({ method }) => method === 'turn/completed') ?? made];
}

/** How the turn ended of a run that failed; undefined where it went on, or nobody knows. */
function endStatusOf(failure: Error): Turn['status'] | undefined {
  if (failure instanceof TurnFailedError) return 'failed';
  if (failure instanceof OutputMismatchError) return 'completed';
  const status = failure instanceof BudgetExceededError ? failure.result.status : undefined;
  return status === 'inProgress' ? undefined : status;
}

/** What the agent says in the end, in one delta and as a whole. */
function answerOf({ finalMessage, output, messages = [] }: FakeTurn, ids: FakeIds): ServerMessage[] {
  const json = output === undefined || messages.length > 0 ? undefined : JSON.stringify(output);
  const text = finalMessage ?? json;
  if (text === undefined) return [];
  const id = 'fake-answer';
  const rest = { moderation: null, memoryCitation: null, delivery: null, questions: null };
  return [
    notification('item/agentMessage/delta', { ...ids, itemId: id, delta: text }),
    completed({ type: 'agentMessage', id, text, phase: 'final_answer', ...rest }, ids),
  ];
}

function completed(item: ThreadItem, ids: FakeIds): ServerMessage {
  return notification('item/completed', { ...ids, item, completedAtMs: 0 });
}

function notification<M extends NotificationMethod>(
  method: M,
  params: ServerNotifications[M],
): ServerMessage {
  // The compiler does not follow a generic method into the union.
  return { kind: 'notification', method, params } as ServerMessage;
}
