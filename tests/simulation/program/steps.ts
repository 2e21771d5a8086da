/** All that can happen at a point, and how often: to the server, in the program, and to time. */

import { isTaken } from '../server/model-state.js';
import { STANDING, STANDING_METHOD } from '../world/limits.js';
import type { Random } from '../world/random.js';
import type { VirtualClock } from '../world/virtual-clock.js';
import { answer } from './answering.js';
import { controlGoal, leaveGoal, startGoal } from './goal-steps.js';
import { openStream, openTap, readOnce } from './loops.js';
import type { Program, ProgramCall } from './program.js';
import { ABORTED, askResult, controlRun, leaveRun, startRun, THREADS } from './run-steps.js';
import { openToolLoop } from './tool-steps.js';

/** What a step needs. */
export interface Stage {
  readonly program: Program;
  readonly clock: VirtualClock;
  readonly random: Random;
}

type Step = (stage: Stage) => void | Promise<void>;

/** Steps of the server. */
export const SERVER_STEPS = {
  serve: ({ program: { server }, random }) => {
    const { waiting } = server;
    const request = random.chance(0.75) ? waiting[0] : random.pick(waiting);
    if (request !== undefined) server.serve(request);
  },
  play: ({ program: { server }, random }) => {
    const turn = random.pick(server.play.running);
    const steps = random.between(1, 5);
    const goesOn = random.chance(0.5);
    for (let step = 0; turn?.status === 'inProgress' && step < steps; step += 1)
      if (!server.play.step(turn, goesOn)) return;
  },
  flush: ({ program: { server }, random }) =>
    server.out.flush(random, random.chance(0.5) ? 0 : random.between(1, 4)),
  'foreign turn': ({ program: { server }, random }) => {
    const thread = server.play.thread(random.pick(THREADS));
    if (isTaken(thread)) return;
    thread.hasGoal = random.chance(0.15);
    server.play.sayStarted(server.play.begin(thread, 'other', 'foreign'));
  },
  'go on': ({ program: { server }, random }) => {
    const thread = random.pick([...server.play.threads.values()]);
    if (thread !== undefined) server.goOnWith(thread);
  },
  noise: ({ program: { server } }) => void server.out.noise(),
  'withdraw a request': ({ program: { server }, random }) => {
    const ask = random.pick(server.play.asks.filter(({ state }) => state === 'open'));
    if (ask !== undefined) server.play.withdraw(ask);
  },
  'ask again': ({ program: { server }, random }) => {
    const ask = random.pick(server.play.asks.filter(({ state }) => state === 'open'));
    if (ask !== undefined) server.play.askAgain(ask);
  },
  'stop reading stdin': ({ program: { server } }) => server.child.stopReading(),
  'read stdin again': ({ program: { server } }) => server.child.readAgain(),
} as const satisfies Readonly<Record<string, Step>>;

/** Steps of the program. */
export const PROGRAM_STEPS = {
  call: ({ program }) => call(program),
  'many calls': ({ program, random }) => {
    const count = random.between(3, 9);
    for (let made = 0; made < count; made += 1) call(program);
  },
  'abort a call': ({ program, random }) => {
    const aborted = random.pick(program.calls.filter(({ watched }) => watched.state === 'pending'));
    if (aborted !== undefined) abortCall(program, aborted);
  },
  'open the main stream': ({ program }) => openStream(program, 'main'),
  'open a filter': ({ program }) => openStream(program, 'filter'),
  'read one': ({ program }) => readOnce(program),
  'let read': ({ program, random }) => {
    const reading = random.pick(program.readings);
    const reads = random.between(1, 6);
    if (reading?.end === undefined) program.note(`lets ${reading?.name ?? 'nobody'} read`, reads);
    reading?.grant(reads);
  },
  run: ({ program }) => startRun(program),
  goal: ({ program }) => {
    if (program.limits.usesGoals) startGoal(program);
  },
  'tool loop': ({ program }) => {
    if (program.limits.usesTools) openToolLoop(program);
  },
  'control a goal': ({ program, random }) => {
    const goal = random.pick(program.goals);
    if (goal !== undefined) controlGoal(program, goal);
  },
  'leave a goal': ({ program, random }) => {
    const goal = random.pick(program.goals);
    if (goal !== undefined) leaveGoal(program, goal, random.chance(0.5) ? 'leave' : 'abort');
  },
  'ask for a result': ({ program, random }) => {
    const run = random.pick([...program.runs, ...program.goals]);
    if (run !== undefined) askResult(program, run);
  },
  control: ({ program, random }) => {
    const run = random.pick(program.runs);
    if (run !== undefined) controlRun(program, run);
  },
  'leave a run': ({ program, random }) => {
    const run = random.pick(program.runs);
    if (run !== undefined) leaveRun(program, run, random.chance(0.5) ? 'leave' : 'abort');
  },
  'leave a stream': ({ program, random }) => {
    const loops = program.readings.filter(
      ({ kind, end }) => kind !== 'run' && kind !== 'text' && end === undefined,
    );
    const left = random.pick(loops.filter(({ kind }) => kind !== 'snapshots'));
    if (left === undefined) return;
    program.note(`leaves ${left.name}`);
    left.hasLeftAfterEnd = program.client.state === 'closed';
    program.watch('leave', `leaving ${left.name}`, left.leave());
  },
  'abort a signal': ({ program, random }) => abortSignal(program, random),
  'abort as it comes': async ({ program, random }) => {
    const { server } = program;
    const aborted = random.pick(program.calls.filter(({ watched }) => watched.state === 'pending'));
    const isOfCall = aborted !== undefined && random.chance(0.3);
    const microtasks = random.below(4);
    // Right behind the client: what the chunk brings is on its way to its reader.
    const came = async () => {
      for (let passed = 0; passed < microtasks; passed += 1) await undefined;
      if (isOfCall) abortCall(program, aborted);
      else abortSignal(program, random);
    };
    server.child.stdout.once('data', came);
    server.out.flush(random, 0);
    await new Promise<void>((resolve) => setImmediate(resolve));
    server.child.stdout.off('data', came);
  },
  'answer late': ({ program, random }) => {
    const handed = random.pick(program.handed);
    if (handed !== undefined) answer(program, handed);
  },
  'answer again': ({ program, random }) => {
    const answered = new Set(program.answers.map(({ askId }) => askId));
    const handed = random.pick(program.handed.filter(({ request }) => answered.has(Number(request.id))));
    if (handed !== undefined) answer(program, handed);
  },
  'read beside': async ({ program, random, clock }) => {
    // Then whoever waits does wait, and is not about to be served.
    await clock.quiet();
    const reading = random.pick(
      program.readings.filter(({ end, isWaiting }) => end === undefined && isWaiting),
    );
    if (reading !== undefined) program.watch('probe', `a read beside ${reading.name}`, reading.readBeside());
  },
  notify: ({ program }) => {
    const place = program.takePlace();
    program.note('notify', { place });
    program.notified.push({
      place,
      watched: program.watch('write', 'notify', program.client.notify('later/told', { place })),
    });
  },
  tap: ({ program }) => openTap(program),
  'standing answer': ({ program, random }) => {
    const threadId = random.pick(THREADS);
    program.standingThreads.add(threadId);
    program.note(`sets a standing answer on ${threadId}`);
    program.client.thread(threadId, { standingAnswers: { [STANDING_METHOD]: STANDING.thread } });
  },
  'start a turn by hand': ({ program, random }) => {
    const threadId = random.pick(THREADS);
    program.note(`turnStart on ${threadId}`);
    program.watch('call', 'turnStart', program.client.turnStart({ threadId, input: 'by hand' }));
  },
  'start a thread': ({ program }) => {
    program.watch('call', 'threadStart', program.client.threadStart({}));
  },
} as const satisfies Readonly<Record<string, Step>>;

/** Time that passes, much or little. */
export const TIME_STEPS = {
  microtasks: async ({ random }) => {
    const count = random.between(1, 8);
    for (let passed = 0; passed < count; passed += 1) await undefined;
  },
  turn: () => new Promise<void>((resolve) => setImmediate(resolve)),
  quiet: ({ clock }) => clock.quiet(),
  advance: async ({ clock, program }) => {
    if (await clock.advance(40_000)) program.transcript.note('time', `${clock.nowMs} ms`);
  },
} as const satisfies Readonly<Record<string, Step>>;

const STEPS: Readonly<Record<string, Step>> = { ...SERVER_STEPS, ...PROGRAM_STEPS, ...TIME_STEPS };

type StepName = keyof typeof SERVER_STEPS | keyof typeof PROGRAM_STEPS | keyof typeof TIME_STEPS;

/** How often each happens. */
const WEIGHTS: Readonly<Record<StepName, number>> = {
  serve: 10,
  play: 12,
  flush: 9,
  'foreign turn': 0.7,
  'go on': 3,
  noise: 0.4,
  'withdraw a request': 0.6,
  'ask again': 0.5,
  'stop reading stdin': 0.3,
  'read stdin again': 0.8,
  call: 3,
  'many calls': 0.4,
  'abort a call': 1,
  'open the main stream': 0.8,
  'open a filter': 1.2,
  'read one': 1.2,
  'let read': 9,
  run: 3,
  goal: 1.5,
  'tool loop': 1.2,
  'control a goal': 1,
  'leave a goal': 0.5,
  'ask for a result': 0.8,
  control: 1,
  'leave a run': 0.6,
  'leave a stream': 0.7,
  'abort a signal': 0.6,
  'abort as it comes': 0.8,
  'answer late': 2,
  'answer again': 0.5,
  'read beside': 0.3,
  notify: 0.8,
  tap: 0.5,
  'standing answer': 0.2,
  'start a turn by hand': 0.3,
  'start a thread': 0.2,
  microtasks: 5,
  turn: 2,
  quiet: 6,
  advance: 1.5,
};

/** Takes one step that chance chooses. */
export async function takeStep(stage: Stage): Promise<StepName> {
  const name = stage.random.weighted(WEIGHTS);
  stage.program.tally.count('step', name);
  await STEPS[name]?.(stage);
  return name;
}

function abortCall(program: Program, call: ProgramCall): void {
  program.note(`aborts call ${call.n}`);
  call.isAborted = true;
  call.controller.abort(ABORTED);
}

function abortSignal(program: Program, random: Random): void {
  const aborted = random.pick(program.aborting.filter(({ controller }) => !controller.signal.aborted));
  if (aborted === undefined) return;
  program.note(`aborts ${aborted.name}`);
  if (aborted.reading !== undefined) aborted.reading.isLeaving = true;
  aborted.controller.abort(ABORTED);
}

function call(program: Program): void {
  const { client, random } = program;
  const n = program.calls.length;
  const timeoutMs = random.pick([undefined, undefined, 0, 30, 5_000] as const);
  const controller = program.controller();
  program.note(`call ${n}`, { timeoutMs });
  const promise = client.request(
    'thread/loaded/list',
    { cursor: `call-${n}` },
    { timeoutMs, signal: controller.signal },
  );
  const watched = program.watch('call', `call ${n}`, promise);
  program.calls.push({ n, controller, timeoutMs, watched, isAborted: false });
}
