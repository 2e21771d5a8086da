/** Loops over messages: over the main stream, filtered ones, runs and taps, and what a loop does with a message. */
import type { EventFilter, EventOptions, PulledStream, ServerMessage, WireFrame } from 'codex-async-client';
import { answer } from './answering.js';
import type { Program } from './program.js';
import { type Pace, type ReaderKind, Reading } from './reading.js';

/** A loop and who it is. */
export interface Loop {
  readonly kind: ReaderKind;
  readonly name: string;
  readonly filter?: EventFilter;
  readonly coalesces?: boolean;
  /** The loop is about to leave by itself. */
  readonly onLeave?: () => void;
}

/** What the loops are of, for the laws. */
export const loopsOf = new WeakMap<object, Loop>();

export function paceOf(program: Program): Pace {
  const { random } = program;
  return {
    microtasks: random.chance(0.5) ? 0 : random.between(1, 6),
    leaveAfter: random.chance(0.12) ? random.between(1, 6) : undefined,
  };
}

/** Bounds of a stream that its limits allow. */
export function heldOptions({ random, limits }: Program): {
  readonly maxHeldBytes?: number;
  readonly coalesce?: boolean;
} {
  const { maxBytes } = limits.options.buffer;
  const maxHeldBytes = random.pick([undefined, undefined, 250, 1_200, Number.POSITIVE_INFINITY] as const);
  const coalesce = random.chance(0.25);
  return {
    ...(maxHeldBytes === undefined
      ? {}
      : { maxHeldBytes: Number.isFinite(maxHeldBytes) ? Math.min(maxHeldBytes, maxBytes) : maxHeldBytes }),
    ...(coalesce ? { coalesce } : {}),
  };
}

/** Reads messages in a loop that answers, and makes requests of its own. */
export function loopOver(
  program: Program,
  stream: PulledStream<ServerMessage>,
  loop: Loop,
  pace: Pace,
): Reading<ServerMessage> {
  const random = program.random.fork();
  const got = (message: ServerMessage) => {
    if (loop.kind === 'tap') return undefined;
    program.noteHanded(message, loop.name);
    const isAsked = message.kind === 'request';
    if (isAsked && random.chance(0.6)) answer(program, { request: message, by: loop.name });
    return random.chance(0.04) ? requestInside(program, loop.name) : undefined;
  };
  const reading = new Reading(loop.kind, loop.name, stream, pace, got, loop.onLeave);
  loopsOf.set(reading, loop);
  program.read(reading);
  return reading;
}

/** A loop that waits for an answer before it reads on (L6). */
async function requestInside(program: Program, name: string): Promise<void> {
  program.note(`a request inside ${name}`);
  program.tally.count('step', 'request inside a loop');
  const watched = program.client.request('thread/loaded/list', { cursor: 'inside' });
  program.watch('call', `a request inside ${name}`, watched);
  await watched.catch(() => {});
}

/** As narrow as a run of its turn. */
export const NARROW_FILTER = { threadId: 't0', turnId: 'turn-0' };

const FILTERS: readonly [EventFilter, ...EventFilter[]] = [
  { threadId: 't0' },
  { threadId: 't1' },
  NARROW_FILTER,
  { turnId: 'turn-1' },
  { kind: 'request' },
  { kind: 'notification' },
  { methods: ['item/agentMessage/delta'] },
  { methods: ['item/tool/call', 'item/later/ask'] },
  { kind: 'notification', threadId: 't2' },
  { methods: ['turn/completed', 'serverRequest/resolved'], threadId: 't0' },
];

/** Opens a stream, with a filter or the main one. */
export function openStream(program: Program, kind: 'main' | 'filter', pace = paceOf(program)): void {
  const { client, random } = program;
  const filter = kind === 'main' ? undefined : random.pick(FILTERS);
  const held = heldOptions(program);
  const name = `${kind} ${program.readings.length}`;
  const controller = random.chance(0.2) ? program.controller() : undefined;
  const options: EventOptions = { ...held, signal: controller?.signal };
  program.note(`opens ${name}`, { filter, ...held });
  if (kind === 'filter') program.handsOn = true;
  const stream = filter === undefined ? client.events(undefined, options) : client.events(filter, options);
  const loop: Loop = {
    kind,
    name,
    ...(filter === undefined ? {} : { filter }),
    coalesces: held.coalesce ?? false,
  };
  const reading = loopOver(program, stream as PulledStream<ServerMessage>, loop, pace);
  if (controller !== undefined) program.aborting.push({ name, controller, reading: reading as never });
}

/** Looks on: at messages, or at lines. */
export function openTap(program: Program): void {
  const { client, random, server } = program;
  const name = `tap ${program.readings.length}`;
  const maxHeldBytes = random.pick([1, 300, 1_000_000, Number.POSITIVE_INFINITY] as const);
  const isOfLines = random.chance(0.3);
  program.note(`opens ${name}`, { maxHeldBytes, isOfLines });
  program.tapsOpenedAt.set(name, server.book.deliveredMessages);
  const pace = { ...paceOf(program), leaveAfter: undefined };
  if (isOfLines) {
    const reading = new Reading<WireFrame>(
      'wire',
      name,
      client.wire({ maxHeldBytes }) as never,
      pace,
      () => undefined,
    );
    program.read(reading);
    return;
  }
  const tap = client.tap(undefined, { maxHeldBytes }) as unknown as PulledStream<ServerMessage>;
  loopOver(program, tap, { kind: 'tap', name }, pace);
}

/** Reads one message, off the main stream or with a filter, for some time or until it is aborted. */
export function readOnce(program: Program): void {
  const { client, random } = program;
  const filter = random.chance(0.4) ? random.pick(FILTERS) : {};
  const timeoutMs = random.pick([0, 20, 3_000] as const);
  const controller = program.controller();
  const name = `nextMessage ${program.promises.all.length}`;
  program.note(name, { filter, timeoutMs });
  program.tally.count('reader', 'nextMessage');
  const promise = client.nextMessage({ ...filter, timeoutMs, signal: controller.signal });
  if ('kind' in filter || 'threadId' in filter || 'methods' in filter || 'turnId' in filter)
    program.handsOn = true;
  program.aborting.push({ name, controller });
  const noted = promise.then(
    (message) => {
      if (message === undefined) return;
      program.readOnce.push(message);
      program.noteHanded(message, name);
    },
    (error: unknown) => {
      program.noteMissedOnce(error);
      throw error;
    },
  );
  program.watch('endless', name, noted);
}
