/** L24 as a property: servers that crash at any line, under the runs of several threads. */
import { CodexClientError, type TurnResult } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { turn as eventLoopTurn } from '../helpers/piped-server.js';
import { Random } from '../simulation/world/random.js';
import { Disk, ForgetfulCodex } from './forgetful-codex.js';
import { PlayedLives } from './played-lives.js';

const SEEDS = Array.from({ length: 60 }, (_, index) => index + 1);
const RUNS = 12;
const CRASHES = 6;

/** How a run came out. */
interface Outcome {
  readonly threadId: string;
  readonly input: string;
  readonly key: string | undefined;
  /** Its reader left it, or interrupted it, on the way. */
  readonly isStopped: boolean;
  readonly result?: TurnResult;
  readonly error?: unknown;
}

/** Starts a run of a drawn kind, with a key perhaps twice, and notes how it comes out. */
async function ran(lives: PlayedLives, random: Random, number: number): Promise<Outcome[]> {
  const params = { threadId: random.pick(['t', 'u'] as const), input: `input ${number}` };
  const key = random.chance(0.7) ? `job-${number}` : undefined;
  const isStopped = random.chance(0.2);
  const run = lives.runs.turnRun(params, { idempotencyKey: key });
  const asked = { ...params, key, isStopped };
  const outcomes = [outcomeOf(run.result(), asked)];
  if (isStopped) {
    await somewhatLater(random);
    await (random.chance(0.5) ? run.interrupt() : run.return()).catch(() => {});
  }
  if (key !== undefined && random.chance(0.4)) {
    await somewhatLater(random);
    outcomes.push(outcomeOf(lives.runs.turnRun(params, { idempotencyKey: key }).result(), asked));
  }
  return Promise.all(outcomes);
}

async function somewhatLater(random: Random): Promise<void> {
  for (let turns = random.below(60); turns > 0; turns -= 1) await eventLoopTurn();
}

async function outcomeOf(
  result: Promise<TurnResult>,
  asked: Omit<Outcome, 'result' | 'error'>,
): Promise<Outcome> {
  return result.then(
    (value) => ({ ...asked, result: value }),
    (error: unknown) => ({ ...asked, error }),
  );
}

/** Plays one seed to its end: all runs settled. */
async function played(seed: number) {
  const random = new Random(seed);
  const disk = new Disk();
  const lives = new PlayedLives();
  const begin = () => new ForgetfulCodex(lives.begin(), disk, random);
  let codex = begin();
  const runs = Promise.all(Array.from({ length: RUNS }, (_, number) => ran(lives, random, number)));
  let isSettled = false;
  runs.then(() => {
    isSettled = true;
  });
  for (let crashes = 0; !isSettled; ) {
    if (crashes < CRASHES && random.chance(0.04)) {
      crashes += 1;
      await codex.life.crash();
      disk.crashed(random);
      codex = begin();
    }
    codex.goOn();
    await eventLoopTurn();
  }
  return { lives, disk, outcomes: (await runs).flat() };
}

describe('under crashes at any line', () => {
  test.each(SEEDS)(
    'L24 L10 every run settles with what was kept, and nothing is kept twice: seed %i',
    async (seed) => {
      const { lives, disk, outcomes } = await played(seed);
      await using _ = lives;
      const inputs = outcomes.map(({ input }) => input);
      const once = inputs.filter((input) => inputs.indexOf(input) === inputs.lastIndexOf(input));
      for (const { threadId, input, key, isStopped, result, error } of outcomes) {
        const turns = disk.turnsOf(threadId).filter((turn) => turn.isKept && turn.input === input);
        expect(turns.length, `${input}: kept turns`).toBeLessThanOrEqual(1);
        if (key === undefined)
          expect(disk.taken.filter((taken) => taken === input).length).toBeLessThanOrEqual(1);
        const [kept] = turns;
        // Of one that was interrupted before anything was kept, the later call is a turn of its own.
        const isTheOne = once.includes(input) || result?.status === 'completed';
        if (result !== undefined && kept !== undefined && isTheOne)
          expect([input, result.status, result.finalMessage]).toEqual([
            input,
            kept.status,
            kept.text || undefined,
          ]);
        // What was half told is settled with, kept or not; what completed was kept.
        if (result?.status === 'completed') expect(kept).toBeDefined();
        if (error !== undefined && key !== undefined) expect([input, isStopped]).toEqual([input, true]);
        if (error !== undefined && !isStopped) expect(error).toBeInstanceOf(CodexClientError);
      }
      for (const turns of disk.threads.values()) {
        const order = turns.filter(({ isKept }) => isKept).map(({ input }) => once.indexOf(input));
        const kept = order.filter((place) => place !== -1);
        expect(kept).toEqual(kept.toSorted((one, other) => one - other));
      }
    },
  );
});
