/** What a program does with runs: starts them, reads them in every way, steers, interrupts and leaves them. */
import { BackpressureError, type ServerMessage, type TurnRun, type TurnRunOptions } from 'codex-async-client';
import type { ThreadView } from 'codex-async-client/view';
import { STANDING, STANDING_METHOD } from '../world/limits.js';
import { viewed } from './answering.js';
import { heldOptions, type Loop, loopOver, paceOf } from './loops.js';
import type { Program, ProgramGoal, ProgramRun } from './program.js';
import { Reading } from './reading.js';

/** The threads that all programs have. */
export const THREADS = ['t0', 't1', 't2'] as const;

const MODES = { loop: 3, text: 2, result: 3, snapshots: 1 };
/** The first, or the second model call of a turn passes it. */
const BUDGETS = [50, 150] as const;
const CONTROLS = { steer: 3, interrupt: 1, started: 1 };

export function startRun(program: Program): void {
  const { client, random, limits } = program;
  const label = `run ${program.runs.length}`;
  const threadId = random.pick(THREADS);
  const mode = limits.drivesRuns ? random.weighted(MODES) : 'loop';
  const { options, controller, facts } = runOptions(program);
  program.note(`turnRun on ${threadId}, read by ${mode}`, { label, ...facts });
  program.tally.count('run', mode);
  // Not by chance, which would make each transcript another one.
  const named = facts.whenBusy === 'queue' ? { clientUserMessageId: `message of ${label}` } : {};
  const run = client.turnRun({ threadId, input: label, ...named }, { ...options, signal: controller.signal });
  const reading = mode === 'result' ? undefined : readingOf(program, run, mode, label);
  const started: ProgramRun = {
    run,
    label,
    threadId,
    mode,
    options: facts,
    controller,
    reading: reading as unknown as Reading<never> | undefined,
    result: undefined,
    asksAgain: 0,
    leftInTurn: undefined,
  };
  program.runs.push(started);
  if (mode === 'result') askResult(program, started);
}

/** Asks for the result, once. */
export function askResult(program: Program, run: ProgramRun | ProgramGoal): void {
  if (run.result !== undefined) return;
  // A loop that has not begun would find that the result took its messages.
  const { reading } = run;
  const isTaken =
    run.mode === 'loop' && reading !== undefined && reading.values.length > 0 && reading.missed === 0;
  if (run.mode === 'loop' && (!isTaken || reading.cutsAfter.length > 0)) return;
  run.result = program.watch('run', `the result of ${run.label}`, run.run.result());
}

const MOST_ASKED_AGAIN = 5;

/** A result that failed for want of room is asked for again: the run goes on. */
export function askResultAgain(program: Program, run: ProgramRun | ProgramGoal): boolean {
  if (run.result?.state !== 'rejected' || !(run.result.value instanceof BackpressureError)) return false;
  // A start that found no room to be sent is the end of its run.
  if (run.asksAgain === MOST_ASKED_AGAIN) return false;
  run.asksAgain += 1;
  run.result = undefined;
  askResult(program, run);
  return true;
}

/** The program is done with a run before its end. */
export function leaveRun(program: Program, run: ProgramRun, how: 'leave' | 'abort'): void {
  if (run.reading?.end !== undefined) return;
  program.note(`${how}s ${run.label}`);
  program.tally.count('step', `${how} run`);
  markLeft(program, run);
  if (run.reading !== undefined) run.reading.hasLeftAfterEnd = program.client.state === 'closed';
  if (how === 'abort') run.controller.abort(ABORTED);
  else program.watch('leave', `leaving ${run.label}`, run.reading?.leave() ?? run.run.return());
}

/** Steers or interrupts a run, or asks for its names. */
export function controlRun(program: Program, run: ProgramRun): void {
  const how = program.random.weighted(CONTROLS);
  program.note(`${how}s ${run.label}`);
  program.tally.count('step', how);
  const promise =
    how === 'steer' ? run.run.steer('more') : how === 'interrupt' ? run.run.interrupt() : run.run.started();
  program.watch('control', `${how} of ${run.label}`, promise);
}

/** The reason of every abort. */
export const ABORTED = new Error('aborted by the program');

/** A view shows what waits for an answer, and whoever looks at it gives one. */
function takeRequests(program: Program, view: ThreadView): undefined {
  for (const { id } of view.requests) {
    if (program.handed.some(({ request }) => request.id === id)) continue;
    const ask = program.server.play.asks[Number(id)];
    if (ask !== undefined) program.handed.push(viewed(ask));
  }
}

function markLeft(program: Program, run: ProgramRun): void {
  run.leftInTurn ??= program.clock.turns;
}

function runOptions(program: Program) {
  const { random, limits } = program;
  const controller = program.controller();
  const held = heldOptions(program);
  const isLimited = random.chance(0.06);
  const hasStandingAnswer = random.chance(0.12);
  const facts = {
    detach: random.chance(0.1),
    includeSubagents: random.chance(0.25),
    coalesce: held.coalesce ?? false,
    whenBusy: anyWhenBusy(program),
    isLimited,
    hasStandingAnswer,
    budgetTokens: random.chance(0.15) ? random.pick(BUDGETS) : undefined,
  };
  const options: TurnRunOptions = {
    ...held,
    detach: facts.detach,
    includeSubagents: facts.includeSubagents,
    whenBusy: facts.whenBusy,
    collectEvents: limits.drivesRuns && random.chance(0.3),
    idleTimeoutMs: random.pick([undefined, 900, 5_000] as const),
    ...(facts.budgetTokens === undefined ? {} : { budget: { totalTokens: facts.budgetTokens } }),
    ...(isLimited ? { timeoutMs: random.pick([50, 2_000] as const) } : {}),
    ...(hasStandingAnswer ? { standingAnswers: { [STANDING_METHOD]: STANDING.run } } : {}),
  };
  return { options, controller, facts };
}

function anyWhenBusy({ random, limits }: Program): 'wait' | 'steer' | 'queue' {
  if (limits.usesQueue && random.chance(0.7)) return 'queue';
  return random.chance(0.15) ? 'steer' : 'wait';
}

function readingOf(
  program: Program,
  run: TurnRun,
  mode: 'loop' | 'text' | 'snapshots',
  label: string,
): Reading<ServerMessage> | Reading<string> | Reading<unknown> {
  const pace = paceOf(program);
  const onLeave = () => {
    const known = program.runs.find((one) => one.label === label);
    if (known !== undefined) markLeft(program, known);
  };
  if (mode === 'loop') {
    const loop: Loop = { kind: 'run', name: label, onLeave };
    return loopOver(program, run, loop, pace);
  }
  const stream = mode === 'text' ? run.text() : run.snapshots();
  const got = (value: unknown) =>
    mode === 'snapshots' ? takeRequests(program, value as ThreadView) : undefined;
  const reading = new Reading<unknown>(mode, label, stream as never, pace, got, onLeave);
  program.read(reading);
  return reading;
}
