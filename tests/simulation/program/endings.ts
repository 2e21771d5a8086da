/** How a point ends: what brings it to rest before, and what ends the server, or the client. */

import { answer, unanswered } from './answering.js';
import { endPausedGoals } from './goal-steps.js';
import { openStream } from './loops.js';
import type { Program, ProgramRun } from './program.js';
import { askResult, askResultAgain } from './run-steps.js';
import type { Stage } from './steps.js';

/** So long may the client take to come to rest once the server is healthy: every limit of every option fits in. */
const REST_MS = 500_000;
/** More rounds than any schedule needs. */
const MOST_ROUNDS = 3_000;

/** The ends. */
type Ending = keyof typeof ENDINGS;

export const ENDINGS = {
  shutdown: ({ program }) => {
    program.isShutDown = true;
    program.watch('lifetime', 'shutdown', program.client.shutdown());
  },
  exit: ({ program, random }) => program.server.child.exit(random.pick([0, 1, 101] as const), null),
  killed: ({ program }) => program.server.child.exit(null, 'SIGKILL'),
  'torn line': ({ program, random }) => {
    program.server.out.flushTorn(random);
    program.server.child.exit(139, null);
  },
  'end of output': ({ program }) => program.server.child.endOutput(),
  'output kept open': ({ program }) => program.server.child.exit(1, null, true),
  'no message': ({ program }) => {
    program.isProtocolBroken = true;
    program.server.out.flushBroken();
  },
  'broken input': ({ program }) => {
    program.server.child.stdin.destroy(new Error('write EPIPE'));
    // It is a write that finds out.
    program.watch('write', 'a write into a broken pipe', program.client.notify('later/told'));
  },
} as const satisfies Readonly<Record<string, (stage: Stage) => void>>;

const ENDING_WEIGHTS = {
  shutdown: 4,
  exit: 2,
  killed: 2,
  'torn line': 1,
  'end of output': 1,
  'output kept open': 1,
  'no message': 1,
  'broken input': 1,
};

/** Ends the server or the client, in one of the ways. */
export function bringEnd(stage: Stage): Ending {
  const drawn = stage.random.weighted(ENDING_WEIGHTS);
  const { program } = stage;
  // Where little may wait to be sent, nothing may be written that would find a pipe broken.
  const findsOut = program.limits.options.buffer.maxOutgoingBytes === undefined;
  const how = drawn === 'broken input' && !findsOut ? 'killed' : drawn;
  program.transcript.note('fault', how);
  program.tally.count('end', how);
  program.ending = how;
  ENDINGS[how](stage);
  return how;
}

/** The server is healthy from now on and everybody reads: lets everything come to rest. False when it does not. */
export async function comeToRest(stage: Stage): Promise<boolean> {
  const { program, clock, random } = stage;
  const { server } = program;
  program.transcript.note('fault', 'the server is healthy from now on');
  server.isHealthy = true;
  server.child.readAgain();
  readEverything(program);
  const until = clock.nowMs + REST_MS;
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    await clock.quiet();
    const asksAgain =
      program.runs.filter((run) => readsOn(program, run)).length > 0 ||
      program.goals.filter((goal) => askResultAgain(program, goal)).length > 0 ||
      endPausedGoals(program);
    const [request] = server.waiting;
    const [handed] = unanswered(program);
    const hasPlayed =
      server.play.running.filter((turn) => server.play.step(turn)).length > 0 || server.goOn();
    if (request !== undefined) server.serve(request);
    if (handed !== undefined) answer(program, handed);
    if (server.out.isWaiting) server.out.flush(random, 0);
    else if (
      request === undefined &&
      handed === undefined &&
      !hasPlayed &&
      !asksAgain &&
      attendMain(program)
    ) {
      const leftMs = until - clock.nowMs;
      if (isAtRest(program) || !(await clock.advance(leftMs))) return true;
      program.transcript.note('time', `${clock.nowMs} ms`);
    }
  }
  return false;
}

/** The end has come: everybody reads to it, and time passes until nothing is planned any more. */
export async function runOut({ program, clock }: Stage): Promise<void> {
  readEverything(program);
  program.server.child.readAgain();
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    await clock.quiet();
    const wasAttended = attendMain(program);
    if (!(await clock.advance(REST_MS)) && wasAttended) return;
    program.transcript.note('time', `${clock.nowMs} ms`);
  }
}

/** Somebody reads a run on that its reader gave up for want of room; false when nobody has to. */
function readsOn(program: Program, run: ProgramRun): boolean {
  const { reading, mode } = run;
  const isCut = mode === 'snapshots' && reading?.end?.is === 'end' && reading.cutsAfter.length > 0;
  if (!isCut || run.result !== undefined) return askResultAgain(program, run);
  askResult(program, run);
  return true;
}

/** Nothing waits but what waits for messages to come. */
function isAtRest({ promises, server }: Program): boolean {
  const isWaiting = promises.pending.some(({ kind }) => kind !== 'endless' && kind !== 'lifetime');
  return !isWaiting && server.play.running.length === 0;
}

/** Every reader reads to its end, and somebody reads the main stream. */
function readEverything(program: Program): void {
  for (const reading of program.readings) reading.grant(Number.POSITIVE_INFINITY);
  for (const run of [...program.runs, ...program.goals]) if (run.mode === 'result') askResult(program, run);
  attendMain(program);
}

/** What is unread on the main stream has a reader; false when it had none. */
function attendMain(program: Program): boolean {
  const isRead = program.readings.some(({ kind, end }) => kind === 'main' && end === undefined);
  const unread = program.client.stats().streams[0]?.heldMessages ?? 0;
  if (isRead || unread === 0) return true;
  openStream(program, 'main', { microtasks: 0, leaveAfter: undefined });
  program.readings.at(-1)?.grant(Number.POSITIVE_INFINITY);
  return false;
}
