/** One point of lives: users of one supervisor, servers that are killed and cut off, and the laws that are broken. */
import * as lives from './outliving/laws/lives.js';
import type { LifeLaw, LifeScene } from './outliving/laws/outliving-law.js';
import * as turns from './outliving/laws/turns.js';
import { bringEnd, comeToRest, runOut } from './outliving/program/user-endings.js';
import { anyUserLimits } from './outliving/program/user-limits.js';
import {
  PLAIN_THREADS,
  SHARED_THREADS,
  SPENDING_THREAD,
  takeUserStep,
  type UserStage,
} from './outliving/program/user-steps.js';
import { Users } from './outliving/program/users.js';
import { World } from './outliving/server/world.js';
import type { PointOptions, PointOutcome } from './point.js';
import { Random } from './world/random.js';
import { Tally } from './world/tally.js';
import { Transcript } from './world/transcript.js';
import { VirtualClock } from './world/virtual-clock.js';

/** Laws of all that happened. */
const ALWAYS: readonly LifeLaw[] = [
  lives.failsWithClasses,
  lives.answersWhatWasAsked,
  lives.pagesHaveNoHoles,
  lives.restartsCount,
  turns.sendsOnce,
  turns.spendsNothing,
  turns.resultsAreKept,
  turns.refusesOtherInput,
];

/** Laws of users at rest, with healthy servers. */
const AT_REST: readonly LifeLaw[] = [
  lives.settlesInLife,
  lives.answersCome,
  lives.pagesShowTheThread,
  lives.tellsWhatWasLost,
  turns.keysOutlive,
  turns.unsentRunsGoOn,
];

/** Laws of a supervisor that is over. */
const IN_THE_END: readonly LifeLaw[] = [lives.settlesAfterLives, lives.restartsEnd];

/** Runs one point of lives. The clocks of the process are the point's until it is over: one at a time. */
export async function runOutlivingPoint(seed: number, options: PointOptions = {}): Promise<PointOutcome> {
  const { lens = {}, tally = new Tally(), isTold = false } = options;
  const random = new Random(seed);
  const clock = new VirtualClock(random.fork());
  const transcript = new Transcript(isTold);
  const restore = clock.install();
  const broken: string[] = [];
  const unhandled = (reason: unknown) =>
    broken.push(`L10: nobody was there for the rejection ${String(reason)}`);
  process.on('unhandledRejection', unhandled);
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    const limits = anyUserLimits(random);
    transcript.note('program', 'supervises', limits);
    const { listens, pipeBytes } = limits;
    const world = new World(random.fork(), transcript, tally, { listens, pipeBytes, lens, clock });
    for (const id of [...SHARED_THREADS, ...PLAIN_THREADS]) world.home.addUsed(id);
    world.home.addUsed(SPENDING_THREAD).spends = random.pick(['goal', 'queue'] as const);
    const users = new Users(world, limits, random.fork(), transcript, tally, lens);
    await play({ users, clock, random }, broken);
  } finally {
    process.off('unhandledRejection', unhandled);
    Error.stackTraceLimit = stackTraceLimit;
    restore();
  }
  return { seed, broken: [...new Set(broken)], transcript };
}

async function play(stage: UserStage, broken: string[]): Promise<void> {
  const { users, random, clock } = stage;
  const judge = (laws: readonly LifeLaw[]) => broken.push(...brokenBy(laws, { users, clock }));
  void users.readRestarts();
  const steps = random.between(20, 110);
  for (let step = 0; step < steps; step += 1) await takeUserStep(stage);
  if (random.chance(0.7)) {
    if (!(await comeToRest(stage))) broken.push('L10: it does not come to rest');
    judge([...ALWAYS, ...AT_REST]);
  }
  users.becomeHealthy();
  bringEnd(stage);
  await runOut(stage);
  judge([...ALWAYS, ...IN_THE_END]);
}

function brokenBy(laws: readonly LifeLaw[], scene: LifeScene): string[] {
  return laws.flatMap((law) => [...law(scene)]);
}
