/** Laws of what readers got: each message once, in order, or told as missed (L1, L5, L9), and taps beside them. */
import { AlreadyReadError, ServerClosedError, type ServerMessage } from 'codex-async-client';
import { mergedCount } from '../../../src/session/streams/merged-messages.js';
import { takes } from '../../helpers/filter-oracle.js';
import { loopsOf } from '../program/loops.js';
import type { Program, ProgramRun } from '../program/program.js';
import { serialsOf } from '../program/program.js';
import type { Reading } from '../program/reading.js';
import type { Ask, ModelTurn } from '../server/model-state.js';
import { STANDING_METHOD } from '../world/limits.js';
import type { Law } from './law.js';
import { standingOf } from './requests.js';
import { toolLoops } from './tools.js';

type MessageReading = Reading<ServerMessage>;

/** L1: every message that was read reaches one stream, once, or is counted as given up. */
export const reachesOneStream: Law = function* ({ program }) {
  const { client, server } = program;
  const { received, evicted, discarded, missed, standingAnswers } = client.stats().messages;
  const { deliveredMessages } = server.book;
  // What is asked again while its answer is on its way goes to nobody.
  const crossed = deliveredMessages - received - standingAnswers;
  if (!program.isProtocolBroken && (crossed < 0 || crossed > repeatsOf(program).size))
    yield `L1: ${deliveredMessages} messages were read, ${received} went to streams and ${standingAnswers} had a standing answer`;
  const times = new Map<number, string>();
  for (const { name, serials } of handedOut(program))
    for (const serial of serials) {
      const before = times.get(serial);
      if (before !== undefined) yield `L1: message ${serial} was handed out by ${before} and by ${name}`;
      times.set(serial, name);
    }
  const { sure, possible } = refused(program, times);
  const lost = received - times.size - sure;
  const told = missed + evicted + discarded;
  // What is merged when its turn is over, and what is left when the client is, counts no more.
  const coalesced = Math.max(client.stats().messages.coalesced, mergedIn(program));
  const mayBeMore =
    program.readings.some(({ hasLeftAfterEnd }) => hasLeftAfterEnd) ||
    program.runs.some(isLeftWhenOver(program));
  if (!drives(program) && (lost < told || (lost > told + coalesced + possible && !mayBeMore)))
    yield `L1: ${lost} messages reached nobody, and ${told} are told as given up (${coalesced} merged)`;
};

/** L5: who missed something is told how much, by name and number. */
export const tellsWhatWasMissed: Law = function* ({ program }) {
  const { evicted, missed } = program.client.stats().messages;
  const told = program.readings
    .filter(({ kind }) => kind !== 'tap' && kind !== 'wire')
    .reduce((sum, reading) => sum + reading.missed, program.missedOnce);
  if (told > evicted + missed)
    yield `L5: readers were told of ${told} missed messages, and ${evicted + missed} were missed`;
  // A reader who leaves is told nothing, and what nobody reads is told to nobody.
  const untold = program.client.stats().streams.reduce((sum, stream) => sum + stream.missed, 0);
  if (!drives(program) && program.readings.every(readToItsEnd) && told + untold < evicted + missed)
    yield `L5: ${evicted + missed} messages were missed, and readers were told of ${told}`;
};

/** L1: within a stream the order is that of the wire, and nothing comes that its filter does not let through. */
export const keepsWireOrder: Law = function* ({ program }) {
  const isHandedOn =
    program.handsOn ||
    drives(program) ||
    program.client.stats().cuts > 0 ||
    program.runs.length + program.goals.length > 0;
  for (const reading of messageReadings(program)) {
    let last = -1;
    for (const message of reading.values) {
      const { filter } = loopsOf.get(reading) ?? {};
      if (filter !== undefined && !takes(filter, message))
        yield `L1: ${reading.name} got ${message.method}, which its filter keeps out`;
      // Whoever gets what another left may be past its place, and so may be who gets what a run took for its own.
      if (isHandedOn && (message.kind === 'request' || message.method === 'turn/completed')) continue;
      if (program.runs.length > 0 && isOfOthers(program, message)) continue;
      // What was held until it is known whose it is comes late to whoever gets it when nobody's it is.
      if (reading.kind !== 'run' && isOfQueue(program, message)) continue;
      const [serial = -1] = serialsOf(message);
      if (serial < last) yield `L1: ${reading.name} got message ${serial} after ${last}`;
      last = serial;
    }
  }
};

/** L22: what is merged was not parted by a request, nor by another message of its thread, that the reader gets after it. */
export const mergesNoFurther: Law = function* ({ program }) {
  // What is handed on comes later than its place.
  const mayBeHandedOn =
    program.handsOn ||
    drives(program) ||
    program.client.stats().cuts > 0 ||
    program.readings.some(({ isLeaving }) => isLeaving);
  for (const reading of messageReadings(program)) {
    let merged: { readonly upTo: number; readonly message: ServerMessage } | undefined;
    for (const message of reading.values) {
      const serials = serialsOf(message);
      const [first = 0] = serials;
      const isParting =
        message.kind === 'request'
          ? !mayBeHandedOn
          : threadIdOf(message) === threadIdOf(merged?.message) && !isOfOthers(program, message);
      if (merged !== undefined && first < merged.upTo && isParting)
        yield `L22: ${reading.name} got message ${first} behind ${merged.upTo}, which was merged across it`;
      if (serials.length > 1) merged = { upTo: serials.at(-1) ?? 0, message };
    }
  }
};

/** L1: taps see every message, once, in order; what they miss they say. */
export const tapsSeeAll: Law = function* ({ program }) {
  if (program.isProtocolBroken) return;
  const { deliveredMessages } = program.server.book;
  const repeats = repeatsOf(program);
  for (const reading of program.readings as unknown as Reading<ServerMessage | Gap>[]) {
    if (reading.kind !== 'tap' || reading.end?.is === 'left') continue;
    let next = program.tapsOpenedAt.get(reading.name) ?? 0;
    let missed = 0;
    for (const value of reading.values) {
      if (value.kind === 'gap') missed += value.missed;
      else {
        const [serial = -1] = serialsOf(value);
        if (!mayHavePassed(repeats, next, serial, missed))
          yield `L1: ${reading.name} saw message ${serial} where ${next + missed} was due`;
        next = serial + 1;
        missed = 0;
      }
    }
    if (!mayHavePassed(repeats, next, deliveredMessages, missed))
      yield `L1: ${reading.name} saw ${next + missed} of ${deliveredMessages} messages`;
  }
};

/**
 * Between two messages of a tap so many passed as it says it missed; besides, what was asked again while its answer was on
 * its way, which is shown to nobody, and so is in no gap.
 */
function mayHavePassed(repeats: ReadonlySet<number>, from: number, to: number, missed: number): boolean {
  const crossed = [...repeats].filter((serial) => serial >= from && serial < to).length;
  const unsaid = to - from - missed;
  return unsaid >= 0 && unsaid <= crossed;
}

/** L9: all that the server wrote before it went has been read. */
export const readsLastWords: Law = function* ({ program }) {
  const { flushedBytes, deliveredBytes } = program.server.book;
  if (!program.isProtocolBroken && deliveredBytes < flushedBytes)
    yield `L9: the server wrote ${flushedBytes} bytes, and ${deliveredBytes} were read`;
};

/** L17: what has a standing answer reaches no stream. */
export const standingAnswersReachNobody: Law = function* ({ program }) {
  if (!program.limits.hasStandingAnswer) return;
  for (const { request, by } of program.handed)
    if (request.method === STANDING_METHOD && request.replayed !== true && by !== 'a view')
      yield `L17: ${by} was handed ${request.method}, which has a standing answer`;
};

/** Requests that a stream refused by itself because it was cut: those whose refusal came, and those whose may have been lost. */
function refused(program: Program, handedOutTo: ReadonlyMap<number, string>) {
  const { server, answers, client } = program;
  const repeats = repeatsOf(program);
  const byProgram = new Set(answers.map(({ askId }) => askId));
  const linesOf = (asks: readonly Ask[]) =>
    asks
      .flatMap(({ lines }) => lines)
      .filter(
        (line) =>
          server.book.hasDelivered(line) && !handedOutTo.has(line.serial) && !repeats.has(line.serial),
      ).length;
  const others = server.play.asks.filter(({ id }) => !byProgram.has(id));
  const answered = others.filter(
    ({ answers: [given] }) => given !== undefined && standingOf(given.result) === undefined,
  );
  // One that the program tried to answer may have been refused before, when it was asked for the first time.
  const open = server.play.asks.filter(({ id, answers: given }) => byProgram.has(id) || given.length === 0);
  // A call that went stale, or was answered by others, is handed to no loop over calls.
  const calls = server.play.asks.filter(({ method }) => method === STANDING_METHOD);
  const stale = toolLoops(program).length > 0 ? linesOf(calls) : 0;
  const possible = (client.stats().cuts > 0 ? linesOf(open) : 0) + stale;
  return { sure: linesOf(answered), possible: possible + repeats.size };
}

/** The lines by which something was asked again. */
function repeatsOf({ server }: Program): ReadonlySet<number> {
  const repeats = server.play.asks.flatMap(({ lines }) => lines.slice(1));
  return new Set(repeats.map(({ serial }) => serial));
}

function readToItsEnd({ end }: Reading<never>): boolean {
  return end?.is === 'end' || (end?.is === 'error' && end.error instanceof ServerClosedError);
}

function threadIdOf(message: ServerMessage | undefined): unknown {
  return (message?.params as { readonly threadId?: unknown } | undefined)?.threadId;
}

/** Is it of a turn that somebody else began? */
function isOfOthers(program: Program, message: ServerMessage): boolean {
  return turnOf(program, message)?.owner === 'other';
}

/** Is it of a turn that came through the queue? */
function isOfQueue(program: Program, message: ServerMessage): boolean {
  return turnOf(program, message)?.key !== undefined;
}

function turnOf({ server }: Program, { params }: ServerMessage): ModelTurn | undefined {
  const { turnId, turn } = (params ?? {}) as { readonly turnId?: unknown; readonly turn?: { id?: unknown } };
  return server.play.turns.find(({ id }) => id === (turnId ?? turn?.id));
}

interface Gap {
  readonly kind: 'gap';
  readonly missed: number;
}

/** Runs whose messages nobody sees were read. */
function drives({ runs, goals, readings }: Program): boolean {
  const isTaken = readings.some(({ end }) => end?.is === 'error' && end.error instanceof AlreadyReadError);
  return isTaken || [...runs, ...goals].some(({ mode }) => mode !== 'loop');
}

function messageReadings(program: Program): MessageReading[] {
  const kinds = ['main', 'filter', 'run'];
  return program.readings.filter(({ kind }) => kinds.includes(kind)) as unknown as MessageReading[];
}

/** Its reader left what is unread of a turn that is over. */
function isLeftWhenOver({ server }: Program) {
  return ({ reading, label }: ProgramRun): boolean =>
    reading?.end?.is === 'left' &&
    server.play.turns.some((turn) => turn.label === label && turn.status !== 'inProgress');
}

/** How many messages are not handed out by themselves, by what is. */
function mergedIn(program: Program): number {
  const messages = [...messageReadings(program).flatMap(({ values }) => values), ...program.readOnce];
  return messages.reduce((sum, message) => sum + mergedCount(message) - 1, 0);
}

function handedOut(program: Program): { readonly name: string; readonly serials: readonly number[] }[] {
  const loops = messageReadings(program).map(({ name, values }) => ({
    name,
    serials: values.flatMap(serialsOf),
  }));
  const calls = toolLoops(program).map(({ name, values }) => ({
    name,
    serials: values.flatMap(({ request }) => serialsOf(request)),
  }));
  return [...loops, ...calls, { name: 'nextMessage', serials: program.readOnce.flatMap(serialsOf) }];
}
