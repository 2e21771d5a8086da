/** Laws of requests and answers: windows, orders, outcomes, and one answer for each thing asked (L7, L8, L10, L12, L16, L17). */
import {
  AlreadyRespondedError,
  BackpressureError,
  OverloadedError,
  ProtocolError,
  RequestTimeoutError,
  RpcError,
  ServerClosedError,
  StaleRequestError,
} from 'codex-async-client';
import type { Program, ProgramCall } from '../program/program.js';
import { ABORTED } from '../program/run-steps.js';
import type { Ask } from '../server/model-state.js';
import { SHORT_REQUEST_TIMEOUT_MS, STANDING, STANDING_METHOD } from '../world/limits.js';
import type { Law } from './law.js';

/** How long the client waits for the answer to a question of its own. */
const QUESTION_TIMEOUT_MS = 60_000;

/** L7: no more requests are unanswered at the server than there are places; one that is given up may free its place. */
export const keepsTheWindow: Law = function* ({ program }) {
  const { maxInFlightRequests, requestTimeoutMs } = program.limits;
  const { mostUnanswered, mostUnansweredAtMs, requests } = program.server;
  const isGivenUp =
    program.promises.all.some(({ value }) => isGivingUp(value)) ||
    program.readings.some(({ end }) => end?.is === 'error' && isGivingUp(end.error));
  // Where no room was left, the client's own questions were given up.
  const { held } = program.client.stats();
  if (
    isGivenUp ||
    held.peakBytes >= program.limits.options.buffer.maxBytes ||
    requestTimeoutMs === SHORT_REQUEST_TIMEOUT_MS ||
    requests.some(({ fate }) => fate === 'dropped')
  )
    return;
  // Later the client's own questions, which always have a limit, may have been given up, too.
  if (mostUnansweredAtMs < QUESTION_TIMEOUT_MS && mostUnanswered > maxInFlightRequests)
    yield `L7: ${mostUnanswered} requests were unanswered at a time; ${maxInFlightRequests} may be`;
};

/** L7: first come, first served. */
export const servesInOrder: Law = function* ({ program }) {
  let last = -1;
  const seen = new Set<number>();
  for (const { params } of program.server.requests) {
    const n = callNumber(params['cursor']);
    if (n === undefined || seen.has(n)) continue;
    seen.add(n);
    if (n < last) yield `L7: call ${n} was sent after call ${last}`;
    last = n;
  }
};

/** L8: notifications and answers are written in the order of the calls, each once. */
export const writesInOrder: Law = function* ({ program }) {
  let last = -1;
  for (const place of placesOf(program)) {
    if (place <= last) yield `L8: what was written as number ${place} came after number ${last}`;
    last = place;
  }
};

/** L8: what was written was read by a server that reads. Looked at when all is at rest. */
export const writesArrive: Law = function* ({ program }) {
  const places = new Set(placesOf(program));
  for (const { place, watched } of [...program.notified, ...program.answers])
    if (watched.state === 'fulfilled' && !places.has(place))
      yield `L8: "${watched.what}" was written, and never came`;
};

/** L10: a request ends as the server, its limits or its caller ended it, and in no other way. */
export const callsEndFairly: Law = function* ({ program }) {
  for (const call of program.calls) {
    const { state, value } = call.watched;
    if (state === 'pending' || isFair(program, call)) continue;
    yield `L10: call ${call.n} was ${state} with ${value instanceof Error ? value.name : JSON.stringify(value)}`;
  }
};

/** L12: the client answers a server request at most once, and not after it read that nobody waits for it. */
export const answersOnce: Law = function* ({ program }) {
  const { asks } = program.server.play;
  // One that names nothing may be another with its id.
  const mayBeNew = ({ threadId, lines }: Ask) => threadId === undefined && lines.length > 1;
  for (const ask of asks)
    if (ask.answers.length > 1 && !mayBeNew(ask))
      yield `L12: request ${ask.id} was answered ${ask.answers.length} times`;
  const answered = new Set<number>();
  for (const { askId, watched, wasWithdrawn } of program.answers) {
    const { state, value, what } = watched;
    if (state === 'fulfilled' && wasWithdrawn)
      yield `L12: "${what}" was let pass although the request had been withdrawn`;
    const ask = asks[askId];
    if (state === 'fulfilled' && answered.has(askId) && (ask === undefined || !mayBeNew(ask)))
      yield `L12: "${what}" was let pass although it had been answered`;
    if (state === 'fulfilled') answered.add(askId);
    if (state === 'rejected' && !WRITE_ERRORS.some((Class) => value instanceof Class))
      yield `L12: "${what}" failed with ${String(value)}`;
  }
};

/** L16: what is asked of a run that nobody iterates is answered or refused. Looked at when all is at rest. */
export const refusesForRuns: Law = function* ({ program }) {
  // A loop that waits for an answer which never comes, without a time limit, reads nothing.
  if (program.promises.pending.some(({ kind }) => kind === 'call')) return;
  const handed = new Set(program.handed.map(({ request }) => Number(request.id)));
  for (const ask of program.server.play.asks) {
    if (ask.state !== 'open' || handed.has(ask.id) || ask.turn.joins > 0) continue;
    yield `L16: request ${ask.id} (${ask.method}) waits for ever, and nobody was handed it`;
  }
};

/** L16: and at once, where nobody but the result of the run could be handed it. Looked at in every quiet moment. */
export const refusesAtOnce: Law = function* ({ program }) {
  const { server, readings, promises, runs, goals } = program;
  if (program.ending !== undefined || !server.child.isReading) return;
  const isWaiting = promises.pending.some(({ what }) => what.startsWith('nextMessage'));
  const isRead = readings.some(
    ({ kind, end }) => (kind === 'main' || kind === 'filter' || kind === 'tools') && end === undefined,
  );
  // Who reads a text alone refuses what it reads, when it reads.
  if (isWaiting || isRead || [...runs, ...goals].some(({ mode }) => mode === 'text')) return;
  for (const ask of server.play.asks) {
    const { state, turn, lines } = ask;
    const run = ownRunOf(program, ask);
    if (state !== 'open' || turn.joins > 0 || run?.mode !== 'result' || run.run.turnId !== turn.id) continue;
    // Who was handed it by another read has it to answer.
    if (program.handed.some(({ request }) => request.id === ask.id)) continue;
    // Without a result to come nobody reads.
    if (run.leftInTurn !== undefined || run.options.isLimited || run.result?.state !== 'pending') continue;
    if (lines.every((line) => server.book.hasDelivered(line)))
      yield `L16: request ${ask.id} (${ask.method}) is left open by a run that nobody reads`;
  }
};

/** L17: a standing answer is given as it is, the narrowest first. */
export const standingAnswersAreGiven: Law = function* ({ program }) {
  for (const ask of program.server.play.asks) {
    if (ask.method !== STANDING_METHOD) continue;
    for (const { result } of ask.answers) {
      const standing = standingOf(result);
      if (standing !== undefined && !mayHave(program, ask, standing))
        yield `L17: request ${ask.id} had the standing answer of the ${standing}, which has none`;
      if (
        standing === 'client' &&
        ownRunOf(program, ask)?.options.hasStandingAnswer === true &&
        !mayBeOver(program, ask)
      )
        yield `L17: request ${ask.id} had the client's standing answer although its run has one`;
    }
  }
};

/** What ends a call whose request the server may yet answer. */
function isGivingUp(value: unknown): boolean {
  return value instanceof RequestTimeoutError || value instanceof BackpressureError || value === ABORTED;
}

const WRITE_ERRORS = [
  AlreadyRespondedError,
  StaleRequestError,
  ServerClosedError,
  ProtocolError,
  BackpressureError,
];

function isFair({ server, limits }: Program, call: ProgramCall): boolean {
  const { state, value } = call.watched;
  const sent = server.requests.filter(({ params }) => callNumber(params['cursor']) === call.n);
  const has = (fate: string) => sent.some((request) => request.fate === fate);
  if (state === 'fulfilled') {
    const data: unknown =
      typeof value === 'object' && value !== null ? Reflect.get(value, 'data') : undefined;
    return has('answered') && Array.isArray(data) && data[0] === `call-${call.n}`;
  }
  if (value === ABORTED) return call.isAborted;
  if (value instanceof OverloadedError) return has('overloaded');
  if (value instanceof RpcError) return has('refused');
  if (value instanceof RequestTimeoutError) return (call.timeoutMs ?? limits.requestTimeoutMs) > 0;
  if (value instanceof BackpressureError) {
    const { maxBytes, maxOutgoingBytes } = limits.options.buffer;
    return maxBytes < 1_000_000 || maxOutgoingBytes !== undefined;
  }
  return value instanceof ServerClosedError || value instanceof ProtocolError;
}

function callNumber(cursor: unknown): number | undefined {
  return typeof cursor === 'string' && cursor.startsWith('call-') ? Number(cursor.slice(5)) : undefined;
}

/** The places of what the server read, in the order in which it did. */
function placesOf({ server }: Program): number[] {
  return server.received.flatMap(({ method, params, result, error }) => {
    const place =
      method === 'later/told'
        ? params?.['place']
        : (placeIn(result) ?? placeTold(result) ?? placeIn(dataOf(error)));
    return typeof place === 'number' ? [place] : [];
  });
}

function placeIn(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, 'place') : undefined;
}

/** The place in what a tool call was answered with. */
function placeTold(result: unknown): number | undefined {
  const [, place] =
    /^\{"contentItems":\[\{"type":"inputText","text":"place (\d+)"/.exec(JSON.stringify(result) ?? '') ?? [];
  return place === undefined ? undefined : Number(place);
}

function dataOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null ? Reflect.get(error, 'data') : undefined;
}

/** Whose standing answer it is. */
export function standingOf(result: unknown): keyof typeof STANDING | undefined {
  const text = JSON.stringify(result);
  return (['client', 'thread', 'run'] as const).find((who) => text === JSON.stringify(STANDING[who]));
}

function mayHave(program: Program, ask: Ask, standing: keyof typeof STANDING): boolean {
  if (standing === 'client') return program.limits.hasStandingAnswer;
  if (standing === 'thread') return program.standingThreads.has(ask.threadId ?? '');
  // Until its start is answered a run cannot tell whose a turn is.
  const isShared = program.server.play.turns.some(
    ({ owner, threadId }) => owner === 'other' && threadId === ask.turn.threadId,
  );
  return ownRunOf(program, ask)?.options.hasStandingAnswer === true || isShared;
}

function ownRunOf(program: Program, ask: Ask) {
  return program.runs.find(({ label }) => label === ask.turn.label);
}

/** Its run may have ended before the request came. */
function mayBeOver(program: Program, ask: Ask): boolean {
  const run = ownRunOf(program, ask);
  return (
    run === undefined ||
    run.leftInTurn !== undefined ||
    run.options.isLimited ||
    program.ending !== undefined ||
    run.run.turnId !== ask.turn.id ||
    ask.turn.endTold !== 'turn/completed'
  );
}
