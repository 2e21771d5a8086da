/** One point: everything that a seed says happens, and the laws that it breaks. */
import * as ends from './laws/ends.js';
import * as flow from './laws/flow.js';
import * as goals from './laws/goals.js';
import type { Law, Scene } from './laws/law.js';
import * as queues from './laws/queues.js';
import * as requests from './laws/requests.js';
import * as runs from './laws/runs.js';
import * as streams from './laws/streams.js';
import * as tools from './laws/tools.js';
import { bringEnd, comeToRest, runOut } from './program/endings.js';
import { Program, type ProgramLens } from './program/program.js';
import { type Stage, takeStep } from './program/steps.js';
import { CodexModel } from './server/codex-model.js';
import type { Lens } from './server/outgoing.js';
import { anyLimits } from './world/limits.js';
import { Random } from './world/random.js';
import { Tally } from './world/tally.js';
import { Transcript } from './world/transcript.js';
import { VirtualClock } from './world/virtual-clock.js';

/** Laws of every quiet moment. */
const ALWAYS: readonly Law[] = [
  flow.readsForDemand,
  flow.heldIsBounded,
  requests.refusesAtOnce,
  tools.refusesWhenLeft,
];

/** Laws of a client at rest, with a healthy server. */
const AT_REST: readonly Law[] = [
  ends.settlesAtRest,
  requests.writesArrive,
  requests.refusesForRuns,
  runs.leavingInterrupts,
  queues.leavesNoItem,
  goals.leavingPauses,
];

/** Laws of all that happened. */
const IN_THE_END: readonly Law[] = [
  streams.reachesOneStream,
  streams.tellsWhatWasMissed,
  streams.keepsWireOrder,
  streams.mergesNoFurther,
  streams.tapsSeeAll,
  streams.readsLastWords,
  streams.standingAnswersReachNobody,
  requests.keepsTheWindow,
  requests.servesInOrder,
  requests.writesInOrder,
  requests.callsEndFairly,
  requests.answersOnce,
  requests.standingAnswersAreGiven,
  runs.waitsForItsThread,
  runs.resultsAreTrue,
  runs.budgetsAreKept,
  runs.textIsWhole,
  runs.snapshotsAreWhole,
  queues.beginsOnce,
  queues.keepsTheLine,
  queues.reachesItsRun,
  goals.reachesItsGoal,
  goals.goalsEndTruly,
  tools.inputsFit,
  ends.settlesAtTheEnd,
  ends.errorsHaveClasses,
  ends.streamsEndAsTold,
  ends.climbsTheLadder,
  ends.leavesNothing,
];

/** What a point came to. */
export interface PointOutcome {
  readonly seed: number;
  /** What was broken, a law in each line; empty when all hold. */
  readonly broken: readonly string[];
  readonly transcript: Transcript;
}

/** How a point is run. */
export interface PointOptions {
  /** A planted bug. */
  readonly lens?: Lens & ProgramLens;
  /** Counts what happens. */
  readonly tally?: Tally;
  /** Keeps the transcript. */
  readonly isTold?: boolean;
}

/** Runs one point. The clocks of the process are the point's until it is over: one at a time. */
export async function runPoint(seed: number, options: PointOptions = {}): Promise<PointOutcome> {
  const { lens = {}, tally = new Tally(), isTold = false } = options;
  const random = new Random(seed);
  const clock = new VirtualClock(random.fork());
  const transcript = new Transcript(isTold);
  const restore = clock.install();
  const broken: string[] = [];
  const unhandled = (reason: unknown) =>
    broken.push(`L10: nobody was there for the rejection ${String(reason)}`);
  process.on('unhandledRejection', unhandled);
  // Where an error comes from is told by the transcript; thousands of stacks would take most of the time.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    const limits = anyLimits(random);
    transcript.note('program', 'attaches', limits);
    const server = new CodexModel(random.fork(), transcript, tally, { ...limits, lens, clock });
    const program = new Program(server, clock, limits, random.fork(), transcript, tally, lens);
    const stage: Stage = { program, clock, random };
    await play(stage, broken);
    broken.push(...program.broken);
  } finally {
    process.off('unhandledRejection', unhandled);
    Error.stackTraceLimit = stackTraceLimit;
    restore();
  }
  return { seed, broken: [...new Set(broken)], transcript };
}

async function play(stage: Stage, broken: string[]): Promise<void> {
  const { program, random, clock } = stage;
  const judge = (laws: readonly Law[]) => broken.push(...brokenBy(laws, { program, clock }));
  await shakeHands(stage);
  const steps = random.between(8, 45);
  const endsAt = random.chance(0.35) ? random.below(steps) : undefined;
  for (let step = 0; step < steps; step += 1) {
    if (step === endsAt) bringEnd(stage);
    if ((await takeStep(stage)) === 'quiet') judge(ALWAYS);
  }
  if (endsAt === undefined) {
    await clock.quiet();
    judge(ALWAYS);
    if (!(await comeToRest(stage))) broken.push('L10: it does not come to rest');
    judge([...ALWAYS, ...AT_REST]);
    bringEnd(stage);
  }
  await runOut(stage);
  judge(IN_THE_END);
  countFlow(program);
}

/** What bounds came to. */
function countFlow({ client, tally }: Stage['program']): void {
  const { messages, cuts, paused, requests } = client.stats();
  const { coalesced, evicted, discarded, missed, standingAnswers } = messages;
  const { times: pauses } = paused;
  const { retried: retries } = requests;
  const counts = { cuts, coalesced, evicted, discarded, missed, standingAnswers, pauses, retries };
  for (const [name, count] of Object.entries(counts)) if (count > 0) tally.count('flow', name);
}

async function shakeHands({ program, clock, random }: Stage): Promise<void> {
  const { server, client } = program;
  program.watch('lifetime', 'initialize', client.initialize(undefined, { timeoutMs: 0 }));
  await clock.quiet();
  for (const request of server.waiting) server.serve(request);
  server.out.flush(random, 0);
  await clock.quiet();
}

function brokenBy(laws: readonly Law[], scene: Scene): string[] {
  return laws.flatMap((law) => [...law(scene)]);
}
