/** Laws of the server's queue: each turn once, in its place, its messages to its run alone, and nothing left behind (L1, L14, L24). */
import { TurnRemovedError } from 'codex-async-client';
import type { ProgramRun } from '../program/program.js';
import { SHORT_REQUEST_TIMEOUT_MS } from '../world/limits.js';
import type { Law } from './law.js';
import { handedToOthers, notHanded } from './turn-messages.js';

/** L24: no run begins two turns, and one that has begun was not taken out. */
export const beginsOnce: Law = function* ({ program }) {
  for (const { label, result } of program.runs) {
    const turns = program.server.play.turns.filter((turn) => turn.label === label);
    if (turns.length > 1) yield `L24: ${label} began ${turns.map(({ id }) => id).join(' and ')}`;
    if (turns.length > 0 && result?.value instanceof TurnRemovedError)
      yield `L24: ${label} says that it was taken out of the queue, and began ${turns[0]?.id}`;
  }
};

/** L14: runs that are left to the queue begin in the order in which they were asked for. */
export const keepsTheLine: Law = function* ({ program }) {
  // One that was not answered in time may be in the queue all the same, and is taken out again.
  if (program.limits.requestTimeoutMs === SHORT_REQUEST_TIMEOUT_MS) return;
  const last = new Map<string, number>();
  for (const { label, threadId, key } of program.server.play.turns) {
    const index = program.runs.findIndex((run) => run.label === label);
    const run = program.runs[index];
    if (key === undefined || run === undefined || isGivenUp(run)) continue;
    const before = last.get(threadId) ?? -1;
    if (index < before) yield `L14: ${label} began after run ${before}`;
    last.set(threadId, index);
  }
};

/** L24: what nobody wants is not left in the queue. Looked at when all is at rest. */
export const leavesNoItem: Law = function* ({ program }) {
  const { server } = program;
  const isFailed = server.requests.some(
    ({ method, fate }) => method.startsWith('thread/queue/') && (fate === 'dropped' || fate === 'refused'),
  );
  if (isFailed) return;
  for (const { queue, id } of server.play.threads.values())
    for (const { label } of queue) {
      const run = program.runs.find((one) => one.label === label);
      if (run !== undefined && !run.options.detach) yield `L24: ${label} is left in the queue of ${id}`;
    }
};

/** L1: all that a turn of the queue says comes to its run, and to nobody else. */
export const reachesItsRun: Law = function* ({ program }) {
  for (const run of program.runs) {
    const turn = program.server.play.turns.find(({ id }) => id === run.run.turnId);
    if (turn?.label !== run.label || turn.key === undefined) continue;
    // Who gave up a run takes no more of it.
    const isWanted = !wasLeft(run) && !hasFailed(run);
    for (const { name, serial } of isWanted ? handedToOthers(program, run.reading, turn) : [])
      yield `L1: ${name} was handed message ${serial}, which is of ${run.label}`;
    const { reading, mode, options } = run;
    const isWhole = reading?.end?.is === 'end' && reading.cutsAfter.length === 0 && !options.coalesce;
    if (mode !== 'loop' || !isWhole || turn.endTold !== 'turn/completed') continue;
    for (const serial of notHanded(program, reading, turn))
      yield `L1: ${run.label} was not handed message ${serial}`;
  }
};

function isGivenUp(run: ProgramRun): boolean {
  return wasLeft(run) || run.options.isLimited;
}

function hasFailed({ reading, result }: ProgramRun): boolean {
  return reading?.end?.is === 'error' || result?.state === 'rejected';
}

function wasLeft({ leftInTurn }: ProgramRun): boolean {
  return leftInTurn !== undefined;
}
