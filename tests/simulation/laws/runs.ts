/** Laws of runs: they end, interrupt what was left, do not land in each other's turns, and say every byte (L11, L14, L15, L22). */
import {
  BudgetExceededError,
  TurnFailedError,
  TurnOutcomeUnknownError,
  type TurnResult,
} from 'codex-async-client';
import { NARROW_FILTER } from '../program/loops.js';
import type { Program, ProgramRun } from '../program/program.js';
import type { ClientRequest, ModelTurn } from '../server/model-state.js';
import { inputOf } from '../server/wire-book.js';
import { SHORT_REQUEST_TIMEOUT_MS } from '../world/limits.js';
import type { Law } from './law.js';

/** L11: a run that was left interrupts its turn, unless it is to run on. Looked at when all is at rest. */
export const leavingInterrupts: Law = function* ({ program }) {
  // An interrupt takes its place in line, and may wait there for longer than a request may take.
  if (program.limits.requestTimeoutMs === SHORT_REQUEST_TIMEOUT_MS) return;
  // And behind a request that is never answered, or that keeps the only place while it waits to be sent again.
  if (hasLostTurns(program) || program.server.requests.some(({ fate }) => fate === 'dropped')) return;
  const { maxInFlightRequests } = program.limits;
  if (maxInFlightRequests === 1 && program.server.requests.some(({ fate }) => fate === 'overloaded')) return;
  const interrupted = new Set(
    program.server.requests
      .filter(({ method }) => method === 'turn/interrupt')
      .map(({ params }) => params['turnId']),
  );
  for (const run of program.runs) {
    const turn = turnOf(program, run);
    if (turn === undefined || run.options.detach || !isLeftInTime(program, run, turn)) continue;
    if (hasOthers(program, turn.threadId)) continue;
    if (!interrupted.has(turn.id) && turn.id === run.run.turnId)
      yield `L11: ${run.label} was left, and ${turn.id} was not interrupted`;
  }
};

/** L14: no run's start lands in the turn of another run. */
export const waitsForItsThread: Law = function* ({ program }) {
  if (
    program.server.requests.some(({ method, fate }) => fate === 'dropped' && method !== 'thread/loaded/list')
  )
    return;
  // A start that is not answered in time may yet begin its turn, when the thread has been found idle meanwhile.
  if (program.limits.requestTimeoutMs === SHORT_REQUEST_TIMEOUT_MS || hasLostTurns(program)) return;
  const unasked = program.server.unasked.filter(({ threadId }) => !hasOthers(program, threadId));
  for (const turn of unasked.filter((one) => !mayBeLate(program, one)))
    yield `L14: a run landed in ${turn.id}, the turn of another run`;
};

/** L15: what the server says of a turn when it is asked is what its run says. */
export const resultsAreTrue: Law = function* ({ program }) {
  for (const run of program.runs) {
    const { result } = run;
    if (result === undefined || result.state === 'pending') continue;
    const told = result.state === 'fulfilled' ? (result.value as TurnResult) : resultIn(result.value);
    const turn = program.server.play.turns.find(({ id }) => id === told?.raw.turn.id);
    if (told === undefined || turn === undefined) continue;
    if (result.state === 'fulfilled' && told.status !== turn.status)
      yield `L15: ${run.label} says ${told.status}, and ${turn.id} is ${turn.status}`;
    if (
      result.state === 'fulfilled' &&
      told.recovered &&
      turn.endTold === 'turn/completed' &&
      turn.endLine !== undefined
    )
      continue;
    if (result.state === 'fulfilled' && !told.recovered && turn.endTold !== 'turn/completed')
      yield `L15: ${turn.id} was never told to be over, and its result is not marked as recovered`;
  }
};

/**
 * L15: a run whose turn was told to have spent more than its budget does not succeed, and one that fails for its budget was
 * told so.
 */
export const budgetsAreKept: Law = function* ({ program }) {
  for (const run of program.runs) {
    const { result, options } = run;
    const turn = turnOf(program, run);
    if (result === undefined || turn === undefined || isShared(program, run)) continue;
    if (run.run.turnId !== turn.id || turn.joins > 0) continue;
    const isOver = turn.spentTokens > (options.budgetTokens ?? Number.POSITIVE_INFINITY);
    const isTold = turn.endTold === 'turn/completed';
    if (isOver && isTold && result.state === 'fulfilled')
      yield `L15: ${run.label} succeeded, and ${turn.id} spent ${turn.spentTokens} tokens`;
    if (!isOver && result.state === 'rejected' && result.value instanceof BudgetExceededError)
      yield `L15: ${run.label} says ${result.value.spentTokens} tokens, and ${turn.id} spent ${turn.spentTokens}`;
  }
};

/** L22: the text of a run is the server's to the byte, however it was merged. */
export const textIsWhole: Law = function* ({ program }) {
  for (const run of program.runs) {
    const { reading, mode } = run;
    const turn = turnOf(program, run);
    if (mode !== 'text' || reading?.end?.is !== 'end' || reading.cutsAfter.length > 0) continue;
    if (turn === undefined || turn.endTold !== 'turn/completed' || run.run.turnId !== turn.id) continue;
    if (isShared(program, run)) continue;
    const said = reading.values.join('');
    const whole = turn.pieces.join('');
    if (said !== whole)
      yield `L22: ${run.label} said ${JSON.stringify(said)}, and the server ${JSON.stringify(whole)}`;
  }
};

/** L22: and so is the last state that its snapshots show. */
export const snapshotsAreWhole: Law = function* ({ program }) {
  for (const run of program.runs) {
    const { reading, mode } = run;
    const turn = turnOf(program, run);
    // What `result()` read before them they do not have.
    if (mode !== 'snapshots' || run.result !== undefined) continue;
    if (reading?.end?.is !== 'end' || reading.cutsAfter.length > 0) continue;
    if (turn === undefined || turn.endTold !== 'turn/completed' || run.run.turnId !== turn.id) continue;
    if (isShared(program, run)) continue;
    const shown = JSON.stringify(reading.values.at(-1) ?? null);
    for (const [id, text] of turn.texts)
      if (!shown.includes(JSON.stringify(text)))
        yield `L22: the last snapshot of ${run.label} lacks the text of ${id}`;
  }
};

/** It was left, and its turn was named to the client, before the client heard of the turn's end. */
function isLeftInTime(
  { server, limits }: Program,
  run: ProgramRun,
  { endLine, endTold, id }: ModelTurn,
): boolean {
  // One that was turned away was sent again.
  const start = server.requests.find(
    ({ method, params, fate }) =>
      method === 'turn/start' && fate === 'answered' && inputOf(params) === run.label,
  );
  const endedInTurn = endLine?.readInTurn;
  const namedInTurn = start?.answer?.readInTurn;
  if (
    endTold !== 'turn/completed' ||
    endedInTurn === undefined ||
    namedInTurn === undefined ||
    run.run.turnId !== id
  )
    return false;
  const isNamed = run.leftInTurn !== undefined && run.leftInTurn < endedInTurn && namedInTurn < endedInTurn;
  // The interrupt may have stood in line for a place until the end had come.
  const late = server.requests.filter(({ answer }) => (answer?.readInTurn ?? endedInTurn) >= endedInTurn);
  return isNamed && late.length < limits.maxInFlightRequests;
}

/**
 * Others have a part of it: a stream by thread and turn that is older, or somebody else's turn on the thread, which a run
 * cannot tell from its own until its start is answered.
 */
function isShared({ server }: Program, { threadId, run }: ProgramRun): boolean {
  if (threadId === NARROW_FILTER.threadId && run.turnId === NARROW_FILTER.turnId) return true;
  return hasOthers({ server }, threadId);
}

/** Its start was not answered when its run was left, and its thread had no turn when it was looked at. */
function mayBeLate({ server, runs }: Program, { label, threadId }: ModelTurn): boolean {
  const isLeft = runs.some((run) => run.label === label && run.leftInTurn !== undefined);
  return (
    isLeft &&
    server.requests.some(({ method, params }) => method === 'thread/read' && params['threadId'] === threadId)
  );
}

/** A server that refuses to say how a turn stands is taken for one that has lost it. */
function hasLostTurns({ server }: Program): boolean {
  return server.requests.some(({ method, fate }) => method === 'thread/read' && fate === 'refused');
}

/** Somebody else had, or wanted, a turn on the thread. */
function hasOthers({ server }: Pick<Program, 'server'>, threadId: string): boolean {
  const isByHand = ({ method, params }: ClientRequest) =>
    method === 'turn/start' && params['threadId'] === threadId && inputOf(params) === 'by hand';
  return (
    server.requests.some(isByHand) ||
    server.play.thread(threadId).turns.some(({ owner }) => owner === 'other')
  );
}

function turnOf({ server }: Program, { label }: ProgramRun): ModelTurn | undefined {
  return server.play.turns.find((turn) => turn.label === label);
}

function resultIn(error: unknown): TurnResult | undefined {
  if (
    error instanceof TurnFailedError ||
    error instanceof TurnOutcomeUnknownError ||
    error instanceof BudgetExceededError
  )
    return error.result as unknown as TurnResult;
  return undefined;
}
