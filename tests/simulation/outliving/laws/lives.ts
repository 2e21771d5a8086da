/** Laws of lives: everything settles, answers go where they were meant to, pages have no holes, and what was lost is told (L10, L12, L24, L25). */
import { CodexClientError, ServerClosedError, TurnOutcomeUnknownError } from 'codex-async-client';
import type { LostWork } from '../../../../src/supervisor/lost-work.js';
import { ABORTED } from '../../program/run-steps.js';
import type { Page } from '../program/page.js';
import type { HomeTurn } from '../server/home.js';
import type { LifeLaw } from './outliving-law.js';
import { isGivenUp } from './turns.js';

/** L10: with healthy servers nothing waits but what waits for messages to come. */
export const settlesInLife: LifeLaw = function* ({ users }) {
  for (const { kind, what } of users.promises.pending)
    if (kind !== 'endless' && kind !== 'lifetime') yield `L10: "${what}" is pending although all is at rest`;
};

/** L10: the supervisor is over, and nothing is pending; no timer is left. */
export const settlesAfterLives: LifeLaw = function* ({ users, clock }) {
  for (const { what } of users.promises.pending)
    yield `L10: "${what}" is pending although the supervisor is over`;
  for (const { name, end, isLeft } of users.pages)
    if (end === undefined && !isLeft) yield `L10: ${name} reads on although the supervisor is over`;
  if (clock.timers > 0) yield `L10: ${clock.timers} timers are left`;
  for (const client of users.clients)
    if (client.state !== 'closed') yield `L13: a client is ${client.state} and not closed`;
};

/** L10: errors are the package's own. */
export const failsWithClasses: LifeLaw = function* ({ users }) {
  for (const { state, value, what } of users.promises.all)
    if (state === 'rejected' && !isOurs(value))
      yield `L10: "${what}" failed with ${String(value)}, which is no error of the package`;
};

/** L12: every request is answered once, and no answer reaches another request than it was meant for. */
export const answersWhatWasAsked: LifeLaw = function* ({ users }) {
  const times = new Map<string, number>();
  for (const { process, id, token, result } of users.world.ledger.answers) {
    if (token === undefined)
      yield `L12: process ${process} got an answer to ${String(id)}, which it did not ask`;
    else times.set(token, (times.get(token) ?? 0) + 1);
    const meant = (result as { readonly for?: unknown } | undefined)?.for;
    if (meant !== undefined && meant !== token)
      yield `L12: the answer to ${String(meant)} was given to ${token}`;
  }
  for (const [token, count] of times) if (count > 1) yield `L12: ${token} was answered ${count} times`;
};

/** L12: an answer that was let pass while its server lived has come. Looked at when all is at rest. */
export const answersCome: LifeLaw = function* ({ users }) {
  const came = new Set(users.world.ledger.answers.map(({ token }) => token));
  for (const { token, watched, atLife } of users.answers)
    if (watched.state === 'fulfilled' && !came.has(token) && atLife === users.clients.length)
      yield `L12: the answer to ${token} was written, and never came`;
};

/** L25: pages were shown everything once, in order, or were told of a gap. */
export const pagesHaveNoHoles: LifeLaw = function* ({ users }) {
  for (const { wrong } of users.pages) for (const what of wrong) yield `L25: ${what}`;
};

/** L25: at rest every page shows what the server has. */
export const pagesShowTheThread: LifeLaw = function* ({ users }) {
  for (const page of users.pages) {
    const thread = users.world.home.threads.get(page.threadId);
    if (thread === undefined || page.isLeft || page.end !== undefined || page.isPlain) continue;
    if (users.closed.has(page.log)) continue;
    yield* differences(page, thread.turns);
  }
};

/**
 * L24: `restarts()` tells every turn that ran, and every request that was read and not answered, when a server was killed. Looked
 * at when all is at rest.
 */
export const tellsWhatWasLost: LifeLaw = function* ({ users }) {
  const lost = users.restarts.map((restart) => (restart as { readonly lost: LostWork }).lost);
  const givenUp = new Set(users.promises.all.map(({ value }) => unknownTurn(value)));
  // Whoever answered just then was told that the answer did not get there.
  const toldOtherwise = new Set(
    users.promises.all.filter(({ value }) => value instanceof ServerClosedError).map(({ what }) => what),
  );
  for (const { connection, turns, asks, inTurn } of users.world.ends) {
    const { number } = connection;
    if (!users.lives.includes(number) || !users.lives.some((later) => later > number)) continue;
    for (const { line, threadId, turnId } of turns)
      if (
        connection.hasRead(line) &&
        !givenUp.has(turnId) &&
        !lost.some((work) => work.turns.some((turn) => turn.turnId === turnId))
      )
        yield `L24: ${turnId} on ${threadId} was lost, and no restart says so`;
    for (const { id, lines, token, turn } of asks)
      if (
        !toldOtherwise.has(`the answer to ${token}`) &&
        // One that came with the end may have been answered when the pipe was gone.
        lines.some((line) => connection.hasRead(line) && (line.line.readInTurn ?? inTurn) < inTurn) &&
        !lost.some((work) => work.approvals.some((ask) => ask.id === id && ask.turnId === turn.kept.id))
      )
        yield `L24: ${token} was lost, and no restart says so`;
  }
};

/** The turn of which a run was told that nobody can say how it ended: from then on it counts as over. */
function unknownTurn(error: unknown): string | undefined {
  return error instanceof TurnOutcomeUnknownError ? error.result.raw.turn.id : undefined;
}

/** L24: restarts are counted from 1 on, each once. */
export const restartsCount: LifeLaw = function* ({ users }) {
  const numbers = users.restarts.map((restart) => (restart as { readonly number: number }).number);
  if (numbers.some((number, index) => number !== index + 1)) yield `L24: the restarts are ${numbers.join()}`;
};

/** L10: readers of restarts end after `shutdown()`, and fail when the supervisor has given up. */
export const restartsEnd: LifeLaw = function* ({ users }) {
  const { restartsEnded } = users;
  if (restartsEnded?.error !== undefined && !(restartsEnded.error instanceof ServerClosedError))
    yield `L10: restarts() failed with ${String(restartsEnded.error)}`;
  if (restartsEnded?.error === undefined && isGivenUp(users) && !users.isShutDown)
    yield 'L10: restarts() ended as if the supervisor had been shut down';
};

function isOurs(error: unknown): boolean {
  // What was never sent was aborted.
  const isAborted = error === ABORTED || (error instanceof Error && error.name === 'AbortError');
  return isAborted || error instanceof CodexClientError;
}

/** What a page shows otherwise than the server. */
function* differences({ name, view, threadId }: Page, turns: readonly HomeTurn[]): Iterable<string> {
  const shown = view?.turns.map(({ id, status }) => `${id} ${status}`).join();
  const kept = turns.map(({ id, status }) => `${id} ${status}`).join();
  if (shown !== kept) {
    yield `L25: ${name} shows ${shown} of ${threadId}, and the server has ${kept}`;
    return;
  }
  // Before somebody resumes the thread, what was kept in the last moment is not read.
  for (const [index, turn] of turns.entries())
    for (const item of turn.isRepaired ? turn.items : []) {
      const seen = view?.turns[index]?.items.find(({ id }) => id === item.id);
      const text = seen?.type === 'agentMessage' ? seen.text : item.text;
      if (seen === undefined || text !== item.text)
        yield `L25: ${name} shows ${seen === undefined ? 'nothing' : text} of ${item.id}, and the server has ${item.text}`;
    }
}
