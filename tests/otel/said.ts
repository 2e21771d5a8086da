/** Messages of one conversation with their times, as the server would tell them. */
import type { ServerMessage } from 'codex-async-client';
import type {
  ServerNotifications,
  ServerRequests,
  ThreadItem,
  TokenUsageBreakdown,
  Turn,
} from '../../src/protocol/generated.js';
import { agentMessage, asked, THREAD, TURN, told, turn } from '../view/told.js';
import { T0 } from './recorded-spans.js';

/** A notification that was sent so many milliseconds after {@link T0}. */
export function at<M extends keyof ServerNotifications>(
  ms: number,
  method: M,
  params: Partial<ServerNotifications[M]> = {},
): ServerMessage {
  // Messages of the tests have the members that they are about.
  return { ...told(method, params), emittedAtMs: T0 + ms } as ServerMessage;
}

/** A server request; it has no time. */
export function ask<M extends keyof ServerRequests>(
  id: number,
  method: M,
  params: Partial<ServerRequests[M]['params']> = {},
): ServerMessage {
  return asked(id, method, params) as ServerMessage;
}

/** A turn's beginning. */
export function begun(ms: number, id = TURN, facts: Partial<Turn> = {}, threadId = THREAD): ServerMessage {
  return at(ms, 'turn/started', { threadId, turn: turn({ id, rootTurnId: id, ...facts }) });
}

/** A turn's end. */
export function over(
  ms: number,
  status: Turn['status'] = 'completed',
  id = TURN,
  facts: Partial<Turn> = {},
): ServerMessage {
  return at(ms, 'turn/completed', { turn: turn({ id, rootTurnId: id, status, ...facts }) });
}

/** An item's beginning, or its end. */
export function item(
  ms: number,
  phase: 'started' | 'completed',
  of: ThreadItem,
  where: { threadId?: string; turnId?: string } = {},
): ServerMessage {
  return at(ms, `item/${phase}`, { item: of, ...where });
}

/** What the model says, from its first word to its last. */
export function says(from: number, to: number, text: string, id = `message ${from}`): ServerMessage[] {
  return [item(from, 'started', agentMessage(id, '')), item(to, 'completed', agentMessage(id, text))];
}

/** A command of the agent. */
export function command(status: 'inProgress' | 'completed' | 'failed' | 'declined', id = 'call'): ThreadItem {
  return {
    type: 'commandExecution',
    id,
    pluginId: null,
    scriptPath: null,
    command: 'cat secrets.txt',
    cwd: '/home/me',
    processId: null,
    source: 'agent',
    status,
    commandActions: [],
    aggregatedOutput: status === 'inProgress' || status === 'declined' ? null : 'the secret',
    exitCode: status === 'completed' ? 0 : status === 'failed' ? 3 : null,
    durationMs: null,
  };
}

/** Tokens of the thread so far, and of the last call. */
export function usage(
  ms: number,
  total: number,
  last = 110,
  where: { threadId?: string; turnId?: string } = {},
): ServerMessage {
  return at(ms, 'thread/tokenUsage/updated', {
    tokenUsage: { total: tokens(total), last: tokens(last), modelContextWindow: null },
    ...where,
  });
}

/** So many tokens, a tenth of them said by the model. */
function tokens(totalTokens: number): TokenUsageBreakdown {
  const outputTokens = Math.floor(totalTokens / 11);
  const inputTokens = totalTokens - outputTokens;
  return {
    totalTokens,
    inputTokens,
    outputTokens,
    cachedInputTokens: 40,
    cacheWriteInputTokens: 0,
    reasoningOutputTokens: 5,
  };
}

/** The thread, with its model. */
export function threadStarted(ms: number, facts: object = {}): ServerMessage {
  const thread = { id: THREAD, model: 'gpt-5.5', modelProvider: 'local', parentThreadId: null, ...facts };
  return {
    kind: 'notification',
    method: 'thread/started',
    params: { thread },
    emittedAtMs: T0 + ms,
  } as ServerMessage;
}

/** A turn with a tool, an approval and a failure. */
export function eventfulTurn(): ServerMessage[] {
  return [
    threadStarted(0),
    begun(100),
    ...says(300, 400, 'Let me look.'),
    item(450, 'started', command('inProgress')),
    ask(0, 'item/commandExecution/requestApproval', { itemId: 'call', startedAtMs: T0 + 450 }),
    at(2_450, 'serverRequest/resolved', { requestId: 0 }),
    item(2_500, 'completed', command('completed')),
    usage(2_510, 110),
    at(3_000, 'error', { error: failure('serverOverloaded', 'try again'), willRetry: true }),
    at(4_000, 'error', { error: failure('rateLimitExceeded', 'the prompt was: hunter2'), willRetry: false }),
    over(4_010, 'failed', TURN, { error: failure('rateLimitExceeded', 'the prompt was: hunter2') }),
  ];
}

/** The spans of that turn, with their times. */
export const EVENTFUL_TREE = [
  'invoke_agent codex 100-4010 (failed, ERROR rateLimitExceeded)',
  '  chat gpt-5.5 100-450',
  '  execute_tool shell 450-2500',
  '    * approval.requested 450',
  '    * approval.resolved 2450',
  '  chat gpt-5.5 2510-4010 (ERROR rateLimitExceeded)',
  '    * codex.retry 3000',
];

function failure(codexErrorInfo: string, message: string) {
  return { message, codexErrorInfo, additionalDetails: null, misalignment: null };
}
