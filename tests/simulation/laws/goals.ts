/** Laws of goals: their turns come to their run alone, what is left is paused, and results say what the server has (L1, L11, L15). */
import type { GoalResult } from 'codex-async-client';
import type { Program, ProgramGoal } from '../program/program.js';
import { SHORT_REQUEST_TIMEOUT_MS } from '../world/limits.js';
import type { Law } from './law.js';
import { handedToOthers, notHanded } from './turn-messages.js';

/** L1: all that the turns of a goal say comes to its run, and to nobody else. */
export const reachesItsGoal: Law = function* ({ program }) {
  for (const goal of program.goals) {
    if (hasOthers(program, goal) || isGivenUp(goal)) continue;
    const turns = program.server.play.turns.filter(({ label }) => label === goal.label);
    for (const turn of turns) {
      for (const { name, serial } of handedToOthers(program, goal.reading, turn))
        yield `L1: ${name} was handed message ${serial}, which is of ${goal.label}`;
      const isWhole = goal.reading?.end?.is === 'end' && goal.reading.cutsAfter.length === 0;
      if (goal.mode !== 'loop' || !isWhole || goal.options.coalesce) continue;
      for (const serial of notHanded(program, goal.reading, turn))
        yield `L1: ${goal.label} was not handed message ${serial}`;
    }
  }
};

/** L11: a goal that was left does not go on by itself. Looked at when all is at rest. */
export const leavingPauses: Law = function* ({ program }) {
  const { server, limits } = program;
  if (limits.requestTimeoutMs === SHORT_REQUEST_TIMEOUT_MS || hasFailed(program)) return;
  for (const goal of program.goals) {
    const kept = server.play.thread(goal.threadId).goal;
    if (kept?.objective !== goal.label || goal.options.detach || hasOthers(program, goal)) continue;
    if (kept.status === 'active') yield `L11: ${goal.label} is over for its run, and active at the server`;
  }
};

/** L15: a goal's result says what the server has. */
export const goalsEndTruly: Law = function* ({ program }) {
  for (const goal of program.goals) {
    if (goal.result?.state !== 'fulfilled' || hasOthers(program, goal)) continue;
    const { status, turns } = goal.result.value as GoalResult;
    const kept = program.server.play.thread(goal.threadId).goal;
    // A pause may cross the end of a goal on its way.
    const isKept = kept?.objective === goal.label && kept.status !== 'paused';
    if (isKept && status !== 'interrupted' && status !== 'cleared' && status !== kept.status)
      yield `L15: ${goal.label} says ${status}, and the server ${kept.status}`;
    const begun = program.server.play.turns.filter(({ label }) => label === goal.label);
    if (begun.map(({ id }) => id).join() !== turns.map(({ raw }) => raw.turn.id).join())
      yield `L15: ${goal.label} had ${begun.length} turns, and its result has ${turns.length}`;
    for (const [index, { status: told }] of turns.entries())
      if (begun[index] !== undefined && told !== begun[index].status)
        yield `L15: ${goal.label} says ${told}, and ${begun[index].id} is ${begun[index].status}`;
  }
};

function isGivenUp({ leftInTurn, reading, result }: ProgramGoal): boolean {
  return leftInTurn !== undefined || reading?.end?.is === 'error' || result?.state === 'rejected';
}

/** What should have paused a goal, or told of it, did not come to the server. */
function hasFailed({ server }: Program): boolean {
  return server.requests.some(
    ({ method, fate }) =>
      (fate === 'dropped' || fate === 'refused') &&
      (method.startsWith('thread/goal/') || method === 'thread/read'),
  );
}

/** Somebody else had, or wanted, a turn on the thread: a goal cannot tell it from its own. */
function hasOthers({ server }: Program, { threadId }: ProgramGoal): boolean {
  const turns = server.play.thread(threadId).turns;
  const isByHand = ({ method, params }: Program['server']['requests'][number]) =>
    method === 'turn/start' && params['threadId'] === threadId && JSON.stringify(params).includes('by hand');
  return turns.some(({ owner }) => owner === 'other') || server.requests.some(isByHand);
}
