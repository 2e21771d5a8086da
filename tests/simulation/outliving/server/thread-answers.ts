/** How the small codex answers what is asked of a thread: what it says of one, and what of one that is not there. */
import type { Params } from '../../server/wire-book.js';
import type { CodexProcess } from './codex-process.js';
import type { Connection } from './connection.js';
import { type HomeThread, turnOf } from './home.js';

/** A request of a client, at the server. */
export interface HomeRequest {
  readonly connection: Connection;
  readonly id: number | string;
  readonly method: string;
  readonly params: Params;
  /** A resume that somebody has agreed to, whatever it starts. */
  readonly isAgreed: boolean;
}

/** How a method of a thread is answered, and what is said of one that is not there. */
export interface ThreadAnswer {
  readonly unknown: string;
  act(process: CodexProcess, request: HomeRequest, thread: HomeThread): void;
}

const ANSWERS: Readonly<Record<string, ThreadAnswer>> = {
  'thread/resume': {
    unknown: 'no rollout found for thread id',
    act: (process, request, thread) => process.resume(request, thread),
  },
  'turn/start': {
    unknown: 'thread not found',
    act: (process, request, thread) => process.startTurn(request, thread),
  },
  'turn/interrupt': {
    unknown: 'thread not found',
    act: (process, request, thread) => process.interrupt(request, thread),
  },
  'turn/steer': {
    unknown: 'thread not found',
    act: (process, request, thread) => process.steer(request, thread),
  },
  'thread/read': {
    unknown: 'thread not loaded',
    act: readThread,
  },
  'thread/turns/list': {
    unknown: 'thread not loaded',
    act: listTurns,
  },
  'thread/goal/get': {
    unknown: 'thread not found',
    act: (_, request, { id, spends }) =>
      settle(request, {
        goal: spends === 'goal' ? { threadId: id, objective: 'go on', status: 'active' } : null,
      }),
  },
  'thread/queue/list': {
    unknown: 'failed to read thread: no rollout found for thread id',
    act: (_, request, { spends }) =>
      settle(request, { data: spends === 'queue' ? [QUEUED] : [], nextCursor: null }),
  },
};

const QUEUED = { id: 'queued-1', input: [{ type: 'text', text: 'queued' }], clientUserMessageId: null };

/** How a method is answered; undefined for one that is of no thread. */
export function threadAnswerOf(method: string): ThreadAnswer | undefined {
  return Object.hasOwn(ANSWERS, method) ? ANSWERS[method] : undefined;
}

/** A thread as the protocol has it. */
export function threadObject(
  { turns: { running }, loaded }: CodexProcess,
  { id, turns }: HomeThread,
  withTurns: boolean,
): Params {
  const isActive = running.has(id);
  const type = loaded.has(id) ? (isActive ? 'active' : 'idle') : 'notLoaded';
  return {
    id,
    status: isActive ? { type, activeFlags: [] } : { type },
    turns: withTurns ? turns.map((turn) => turnOf(turn, true)) : [],
  };
}

/** Answers a request. */
export function settle({ connection, id, method }: HomeRequest, result: unknown): void {
  connection.out.answer(id, method, { result });
}

/** Refuses a request. */
export function refuse({ connection, id, method }: HomeRequest, code: number, message: string): void {
  connection.out.answer(id, method, { error: { code, message } });
}

function readThread(process: CodexProcess, request: HomeRequest, thread: HomeThread): void {
  const withTurns = request.params['includeTurns'] === true;
  if (withTurns && thread.turns.length === 0) refuse(request, -32_601, 'list_turns is not supported yet');
  else settle(request, { thread: threadObject(process, thread, withTurns) });
}

/** A page of turns, the newest first. */
function listTurns(_: CodexProcess, request: HomeRequest, { turns }: HomeThread): void {
  const { limit, cursor, sortDirection, itemsView } = request.params;
  if (turns.length === 0) {
    refuse(request, -32_601, 'list_turns is not supported yet');
    return;
  }
  const sorted = sortDirection === 'asc' ? turns : turns.toReversed();
  const from = Number(cursor ?? 0);
  const upTo = from + Number(limit ?? 2);
  const data = sorted.slice(from, upTo).map((turn) => turnOf(turn, itemsView === 'full'));
  settle(request, { data, nextCursor: upTo < turns.length ? String(upTo) : null });
}
