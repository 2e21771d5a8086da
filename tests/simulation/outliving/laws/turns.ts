/** Laws of turns over lives: none is sent twice, results are those of what was kept, nothing is spent unasked (L24). */
import { ServerClosedError, TurnFailedError, type TurnResult } from 'codex-async-client';
import type { Users } from '../program/users.js';
import type { HomeTurn } from '../server/home.js';
import type { LifeLaw } from './outliving-law.js';

/** L24: what the server kept is never sent again; what has no key is never sent twice. */
export const sendsOnce: LifeLaw = function* ({ users }) {
  const { ledger, home } = users.world;
  const unkeyed = new Map<string, number>();
  for (const { label, clientId, wasKept } of ledger.starts) {
    if (clientId === null) unkeyed.set(label, (unkeyed.get(label) ?? 0) + 1);
    else if (wasKept) yield `L24: "${label}" was sent with ${clientId}, which the server had kept`;
  }
  for (const [label, times] of unkeyed)
    if (times > 1) yield `L24: "${label}" has no key and was sent ${times} times`;
  const kept = new Map<string, number>();
  for (const { turns } of home.threads.values())
    for (const { items } of turns)
      for (const { clientId } of items)
        if (clientId !== null) kept.set(clientId, (kept.get(clientId) ?? 0) + 1);
  for (const [clientId, times] of kept)
    if (times > 1) yield `L24: the message of ${clientId} was kept ${times} times`;
};

/** L24: a thread that would start turns by itself is not resumed without consent. */
export const spendsNothing: LifeLaw = function* ({ users }) {
  for (const { threadId, by } of users.world.ledger.spent)
    yield `L24: ${threadId} was resumed without consent, and its ${by} started a turn`;
};

/** L15 L24: what a run comes to is what the server has of its turn. */
export const resultsAreKept: LifeLaw = function* ({ users }) {
  for (const run of users.runs) {
    const { result } = run;
    if (result === undefined || result.state === 'pending') continue;
    const told = result.state === 'fulfilled' ? (result.value as TurnResult) : resultIn(result.value);
    if (told === undefined) continue;
    const turn = turnOf(users, told.raw.turn.id);
    const status = result.state === 'fulfilled' ? told.status : 'failed';
    if (turn === undefined) {
      if (result.state === 'fulfilled' && status !== 'interrupted')
        yield `L15: ${run.label} says ${status} of ${told.raw.turn.id}, which the server does not have`;
      continue;
    }
    if (turn.status !== status) yield `L15: ${run.label} says ${status}, and ${turn.id} is ${turn.status}`;
    const hasKey = turn.items.some(({ clientId }) => clientId === run.key);
    if (run.key !== undefined && turn.status === 'completed' && !hasKey)
      yield `L24: ${run.label} settled with ${turn.id}, which has no message of ${run.key}`;
  }
};

/** L24: who has a key is not told that a server went, while there is a next one. */
export const keysOutlive: LifeLaw = function* ({ users }) {
  if (isGivenUp(users)) return;
  for (const run of users.runs) {
    const { result, key, label } = run;
    if (key === undefined || result?.state !== 'rejected' || users.isShutDown) continue;
    if (result.value instanceof ServerClosedError)
      yield `L24: ${label} with ${key} was told that its server went: ${result.value.message}`;
  }
};

/** L24: a run that was never written goes on in the next life. */
export const unsentRunsGoOn: LifeLaw = function* ({ users }) {
  if (isGivenUp(users) || users.isShutDown || users.limits.healthCheck !== undefined) return;
  for (const { result, label, threadId } of users.runs) {
    if (threadId === undefined || result?.state !== 'rejected') continue;
    if (!(result.value instanceof ServerClosedError)) continue;
    if (!users.world.wasWritten(label))
      yield `L24: ${label} was never written, and was told that its server went`;
  }
};

/** L20: a key with another input is refused while the first is on its way, and nothing else is. */
export const refusesOtherInput: LifeLaw = function* ({ users }) {
  for (const label of users.refused)
    if (!users.runs.some((run) => run.label !== label && isSameJob(run.label, label)))
      yield `L20: ${label} was refused, and nothing else had its key`;
};

/** Nobody starts a server any more. */
export function isGivenUp({ supervisor }: Users): boolean {
  return supervisor.stats().state === 'givenUp';
}

/** A job, and the same with another input. */
function isSameJob(label: string, other: string): boolean {
  return label.replace(' changed', '') === other.replace(' changed', '');
}

function turnOf({ world }: Users, turnId: string): HomeTurn | undefined {
  for (const { turns } of world.home.threads.values()) {
    const turn = turns.find(({ id }) => id === turnId);
    if (turn !== undefined) return turn;
  }
  return undefined;
}

function resultIn(error: unknown): TurnFailedError['result'] | undefined {
  return error instanceof TurnFailedError ? error.result : undefined;
}
