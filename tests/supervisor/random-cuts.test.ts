/** L24 as a property: connections that are cut at any line, over servers that live on or not, under the runs of two threads. */
import { CodexClientError, type TurnResult } from 'codex-async-client';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { turn as eventLoopTurn } from '../helpers/piped-server.js';
import { Random } from '../simulation/world/random.js';
import { LivingCodex } from './living-codex.js';
import { PlayedLives } from './played-lives.js';

const SEEDS = Array.from({ length: 60 }, (_, index) => index + 1);
const RUNS = 12;
const CUTS = 7;
/** So much time passes with each line: a look for what may be under way takes seconds. */
const STEP_MS = 40;
/** No seed needs a tenth of that: a run that hangs is told. */
const MAX_STEPS = 10_000;

/** How a run came out. */
interface Outcome {
  readonly threadId: string;
  readonly input: string;
  readonly key: string | undefined;
  /** Its user aborts, leaves or interrupts it on the way. */
  readonly isStopped: boolean;
  result?: TurnResult;
  error?: unknown;
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});

afterEach(() => {
  vi.useRealTimers();
});

/** Starts a run, which may be given up some time. */
function started(lives: PlayedLives, random: Random, outcome: Outcome): Promise<void> {
  const { threadId, input, key } = outcome;
  const abort = new AbortController();
  const options = { idempotencyKey: key, signal: abort.signal, detach: random.chance(0.2) };
  const run = lives.runs.turnRun({ threadId, input }, options);
  const how = random.pick(['abort', 'interrupt', 'return'] as const);
  const stop = async () => {
    for (let turns = random.below(80); turns > 0; turns -= 1) await eventLoopTurn();
    if (how === 'abort') abort.abort();
    else await run[how]().catch(() => {});
  };
  if (outcome.isStopped) stop();
  return run.result().then(
    (result) => void Object.assign(outcome, { result }),
    (error: unknown) => void Object.assign(outcome, { error }),
  );
}

/** The runs of a seed; some keys are asked for twice. */
function asked(random: Random): Outcome[] {
  return Array.from({ length: RUNS }, (_, number) => {
    const threadId = random.pick(['t', 'u'] as const);
    const key = random.chance(0.7) ? `job-${number}` : undefined;
    const times = key !== undefined && random.chance(0.25) ? 2 : 1;
    return Array.from({ length: times }, () => {
      const isStopped = random.chance(0.3);
      return { threadId, input: `input ${number}`, key, isStopped };
    });
  }).flat();
}

/** Plays one seed to its end: all runs settled. */
async function played(lives: PlayedLives, seed: number) {
  const random = new Random(seed);
  const codex = new LivingCodex(lives, random);
  const outcomes = asked(random);
  let isSettled = false;
  const settled = Promise.all(outcomes.map((outcome) => started(lives, random, outcome))).then(() => {
    isSettled = true;
  });
  for (let cuts = 0, steps = 0; !isSettled; steps += 1) {
    if (steps > MAX_STEPS) throw new Error('a run hangs');
    if (cuts < CUTS && random.chance(0.04)) {
      cuts += 1;
      await codex.cut(random.chance(0.3));
    }
    codex.goOn();
    vi.advanceTimersByTime(STEP_MS);
    await eventLoopTurn();
  }
  await settled;
  return { codex, outcomes };
}

describe('under cuts at any line', () => {
  test.each(SEEDS)(
    'L24 L10 every run settles with what was kept, and nothing is kept twice: seed %i',
    async (seed) => {
      await using lives = new PlayedLives({ areConnections: true });
      const { codex, outcomes } = await played(lives, seed);
      for (const { input, key, isStopped, result, error } of outcomes) {
        const [kept, ...more] = codex.turns.filter((turn) => turn.isKept && turn.input === input);
        expect([input, more.length]).toEqual([input, 0]);
        if (key === undefined)
          expect(codex.taken.filter((taken) => taken === input).length).toBeLessThanOrEqual(1);
        if (result !== undefined && kept !== undefined && !isStopped)
          expect([input, result.status, result.finalMessage]).toEqual([
            input,
            kept.status,
            kept.text || undefined,
          ]);
        const isWanted = !outcomes.some((one) => one.input === input && one.isStopped);
        if (isWanted && key !== undefined) expect([input, error]).toEqual([input, undefined]);
        if (isWanted && error !== undefined) expect(error).toBeInstanceOf(CodexClientError);
      }
    },
  );
});
