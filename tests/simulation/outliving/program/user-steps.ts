/** All that can happen at a point of lives, and how often: to the servers, to what users do, and to time. */
import type { Random } from '../../world/random.js';
import type { VirtualClock } from '../../world/virtual-clock.js';
import { answerShown, type ShownTo } from './user-answers.js';
import { comeBack, leavePage, openPage } from './user-pages.js';
import { abortRun, askResult, interruptRun, leaveRun, startRun } from './user-runs.js';
import type { Users } from './users.js';

/** What a step needs. */
export interface UserStage {
  readonly users: Users;
  readonly clock: VirtualClock;
  readonly random: Random;
}

type Step = (stage: UserStage) => void | Promise<void>;

/** Threads that are there from the beginning; runs, pages and other clients are on them. */
export const SHARED_THREADS = ['t0', 't1', 't2'] as const;
/** The thread that has a goal or a queue when the first server starts. */
export const SPENDING_THREAD = 't3';
/** The threads on which users work with the client of the moment. */
export const PLAIN_THREADS = ['p0', 'p1'] as const;

/** Steps of the servers. */
export const WORLD_STEPS = {
  serve: ({ users: { world }, random }) => {
    const { process } = world;
    if (process === undefined || process.isMute) return;
    const times = random.between(1, 4);
    for (let served = 0; served < times; served += 1) {
      const request = random.chance(0.8) ? process.waiting[0] : random.pick(process.waiting);
      if (request !== undefined) process.serve(request);
    }
  },
  'go on': async ({ users: { world }, clock }) => {
    const { process } = world;
    await clock.quiet();
    if (process === undefined || process.isMute) return;
    for (const request of [...process.waiting]) process.serve(request);
    world.flush(0);
    await clock.quiet();
  },
  play: ({ users: { world }, random }) => {
    const { process } = world;
    if (process === undefined || process.isMute) return;
    const turn = random.pick([...process.turns.running.values()]);
    const steps = random.between(1, 5);
    for (let step = 0; turn !== undefined && step < steps; step += 1) if (!process.turns.step(turn)) return;
  },
  flush: ({ users: { world }, random }) => void world.flush(random.chance(0.5) ? 0 : random.between(1, 4)),
  kill: ({ users: { world } }) => world.kill(),
  cut: ({ users: { world } }) => world.cut(),
  mute: ({ users: { world, limits } }) => {
    if (limits.healthCheck !== undefined) world.mute();
  },
  'foreign turn': ({ users: { world }, random }) => {
    const { process } = world;
    const thread = world.home.threads.get(random.pick(SHARED_THREADS));
    if (process === undefined || thread === undefined || !process.loaded.has(thread.id)) return;
    if (process.turns.running.has(thread.id)) return;
    const isHeld = world.open.some(({ threads }) => threads.has(thread.id));
    if (isHeld && random.chance(0.3)) thread.spends = 'goal';
    process.beginForeign(thread);
  },
} as const satisfies Readonly<Record<string, Step>>;

/** Steps of the users. */
export const USER_STEPS = {
  run: ({ users }) => startRun(users),
  'let read': ({ users, random }) => {
    const reads = random.between(1, 8);
    random.pick([...users.pages, ...users.runs.flatMap(({ reading }) => reading ?? [])])?.grant(reads);
  },
  'ask for a result': ({ users, random }) => {
    const run = random.pick(users.runs);
    if (run !== undefined) askResult(users, run);
  },
  'leave a run': ({ users, random }) => leaveRun(users, random.pick(users.runs)),
  'abort a run': ({ users, random }) => abortRun(users, random.pick(users.runs)),
  'interrupt a run': ({ users, random }) => interruptRun(users, random.pick(users.runs)),
  'open a page': ({ users }) => openPage(users),
  'come back': ({ users, random }) => comeBack(users, random.pick(users.pages), random.chance(0.7)),
  'leave a page': ({ users, random }) => leavePage(users, random.pick(users.pages)),
  answer: ({ users, random }) => answerAny(users, random, 'now'),
  'answer late': ({ users, random }) => answerAny(users, random, 'ever'),
  request: ({ users }) => {
    const asked = users.supervisor.client().then((client) => client.threadLoadedList());
    users.watch('call', 'a request', asked);
  },
  consent: ({ users, random }) => {
    const thread = users.world.home.threads.get(random.pick([...SHARED_THREADS, SPENDING_THREAD]));
    if (thread?.spends === undefined || thread.consents > 0) return;
    thread.consents = 1;
    users.note(`consents to ${thread.id}`);
    const resumed = users.supervisor.resume(thread.id).finally(() => {
      thread.consents = 0;
    });
    users.watch('call', 'a consent', resumed);
  },
  'end a client': ({ users }) => {
    const ended = users.supervisor.client().then((client) => client.shutdown());
    users.watch('call', 'the end of a client', ended);
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
  advance: async ({ clock, random, users: { world } }) => {
    if (world.process?.isMute === false) world.process.serveOrphans();
    await clock.advance(random.pick([300, 3_000, 40_000] as const));
  },
} as const satisfies Readonly<Record<string, Step>>;

const STEPS: Readonly<Record<string, Step>> = { ...WORLD_STEPS, ...USER_STEPS, ...TIME_STEPS };

type StepName = keyof typeof WORLD_STEPS | keyof typeof USER_STEPS | keyof typeof TIME_STEPS;

/** How often each happens. */
const WEIGHTS: Readonly<Record<StepName, number>> = {
  serve: 8,
  'go on': 9,
  play: 8,
  flush: 7,
  kill: 1.3,
  cut: 1.3,
  mute: 0.15,
  'foreign turn': 0.7,
  run: 4,
  'let read': 8,
  'ask for a result': 0.8,
  'leave a run': 0.4,
  'abort a run': 0.4,
  'interrupt a run': 0.4,
  'open a page': 1.2,
  'come back': 0.8,
  'leave a page': 0.2,
  answer: 2,
  'answer late': 0.7,
  request: 0.7,
  consent: 0.4,
  'end a client': 0.15,
  microtasks: 5,
  turn: 3,
  quiet: 7,
  advance: 1.6,
};

/** Takes one step that chance chooses. */
export async function takeUserStep(stage: UserStage): Promise<void> {
  const name = stage.random.weighted(WEIGHTS);
  stage.users.tally.count('outliving step', name);
  await STEPS[name]?.(stage);
}

function answerAny(users: Users, random: Random, when: ShownTo): void {
  answerShown(users, random, when);
}
