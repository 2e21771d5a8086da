/** What a program does with goals: sets them, reads them, pauses, resumes, clears, interrupts and leaves them. */
import type { GoalRun } from 'codex-async-client';
import { heldOptions, type Loop, loopOver, paceOf } from './loops.js';
import type { Program, ProgramGoal } from './program.js';
import { Reading } from './reading.js';
import { ABORTED, askResult, THREADS } from './run-steps.js';

const MODES = { loop: 3, text: 1, result: 2 };
const CONTROLS = { pause: 4, resume: 3, clear: 1, interrupt: 1, started: 1, steer: 1 };

/** Sets a goal. */
export function startGoal(program: Program): void {
  const { client, random, limits } = program;
  const label = `goal ${program.goals.length}`;
  const threadId = random.pick(THREADS);
  const mode = limits.drivesRuns ? random.weighted(MODES) : 'loop';
  const controller = program.controller();
  const held = heldOptions(program);
  const detach = random.chance(0.1);
  const isLimited = random.chance(0.05);
  const tokenBudget = random.pick([undefined, undefined, 150] as const);
  const budgetTokens = random.chance(0.15) ? 150 : undefined;
  program.note(`goalRun on ${threadId}, read by ${mode}`, { label, detach, isLimited, budgetTokens });
  program.tally.count('goal run', mode);
  const run = client.goalRun(
    { threadId, objective: label, ...(tokenBudget === undefined ? {} : { tokenBudget }) },
    {
      ...held,
      detach,
      signal: controller.signal,
      includeSubagents: random.chance(0.25),
      collectEvents: limits.drivesRuns && random.chance(0.3),
      idleTimeoutMs: random.pick([undefined, 900, 5_000] as const),
      ...(budgetTokens === undefined ? {} : { budget: { totalTokens: budgetTokens } }),
      ...(isLimited ? { timeoutMs: random.pick([50, 2_000] as const) } : {}),
    },
  );
  const reading = mode === 'result' ? undefined : readingOf(program, run, mode, label);
  const started: ProgramGoal = {
    run,
    label,
    threadId,
    mode,
    options: { detach, isLimited, coalesce: held.coalesce ?? false },
    controller,
    reading: reading as Reading<never> | undefined,
    result: undefined,
    asksAgain: 0,
    leftInTurn: undefined,
    isEnded: false,
  };
  program.goals.push(started);
  if (mode === 'result') askResult(program, started);
}

/** Pauses a goal, lets it go on, clears or interrupts it, steers it, or asks for its names. */
export function controlGoal(program: Program, { run, label }: ProgramGoal): void {
  const how = program.random.weighted(CONTROLS);
  program.note(`${how}s ${label}`);
  program.tally.count('goal control', how);
  const promise: Promise<unknown> = how === 'steer' ? run.steer('more') : run[how]();
  program.watch('control', `${how} of ${label}`, promise);
}

/** The program is done with a goal before its end. */
export function leaveGoal(program: Program, goal: ProgramGoal, how: 'leave' | 'abort'): void {
  if (goal.reading?.end !== undefined) return;
  program.note(`${how}s ${goal.label}`);
  program.tally.count('goal control', `${how} goal`);
  goal.leftInTurn ??= program.clock.turns;
  if (goal.reading !== undefined) goal.reading.hasLeftAfterEnd = program.client.state === 'closed';
  if (how === 'abort') goal.controller.abort(ABORTED);
  else program.watch('leave', `leaving ${goal.label}`, goal.reading?.leave() ?? goal.run.return());
}

/** A goal that is paused waits for somebody: it is cleared, once. False when none waits. */
export function endPausedGoals(program: Program): boolean {
  const paused = program.goals.filter(({ run, isEnded }) => !isEnded && run.goal?.status === 'paused');
  for (const goal of paused) {
    goal.isEnded = true;
    program.note(`clears ${goal.label}, which is paused`);
    program.watch('control', `clear of ${goal.label}`, goal.run.clear());
  }
  return paused.length > 0;
}

function readingOf(program: Program, run: GoalRun, mode: 'loop' | 'text', label: string): unknown {
  const pace = paceOf(program);
  const onLeave = () => {
    const known = program.goals.find((one) => one.label === label);
    if (known !== undefined) known.leftInTurn ??= program.clock.turns;
  };
  if (mode === 'loop') {
    const loop: Loop = { kind: 'run', name: label, onLeave };
    return loopOver(program, run, loop, pace);
  }
  const reading = new Reading<string>('text', label, run.text(), pace, () => undefined, onLeave);
  program.read(reading);
  return reading;
}
