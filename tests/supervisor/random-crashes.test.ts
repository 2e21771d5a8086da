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
  result?: TurnResult;
  error?: unknown;
}

/** Starts a run of a drawn kind, and notes how it comes out. */
function started(
  lives: PlayedLives,
  random: Random,
  number: number,
): { outcome: Outcome; settled: Promise<void> } {
  const threadId = random.pick(['t', 'u'] as const);
  const input = `input ${number}`;
  const key = random.chance(0.7) ? `job-${number}` : undefined;
  const isStopped = random.chance(0.2);
  const outcome: Outcome = { threadId, input, key, isStopped };
  const run = lives.runs.turnRun({ threadId, input }, { idempotencyKey: key });
  const settled = run.result().then(
    (result) => void Object.assign(outcome, { result }),
    (error: unknown) => void Object.assign(outcome, { error }),
  );
  if (isStopped) {
    const stop = async () => {
      for (let turns = random.below(60); turns > 0; turns -= 1) await eventLoopTurn();
      await (random.chance(0.5) ? run.interrupt() : run.return()).catch(() => {});
    };
    stop();
  }
  return { outcome, settled };
}

/** Plays one seed to its end: all runs settled. */
async function played(seed: number) {
  const random = new Random(seed);
  const disk = new Disk();
  const lives = new PlayedLives();
  const begin = () => new ForgetfulCodex(lives.begin(), disk, random);
  let codex = begin();
  const runs = Array.from({ length: RUNS }, (_, number) => started(lives, random, number));
  let isSettled = false;
  const settled = Promise.all(runs.map((run) => run.settled)).then(() => {
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
  await settled;
  return { lives, disk, outcomes: runs.map(({ outcome }) => outcome) };
}

describe('under crashes at any line', () => {
  test.each(SEEDS)(
    'L24 L10 every run settles with what was kept, and nothing is kept twice: seed %i',
    async (seed) => {
      const { lives, disk, outcomes } = await played(seed);
      await using _ = lives;
      for (const { threadId, input, key, isStopped, result, error } of outcomes) {
        const turns = disk.turnsOf(threadId).filter((turn) => turn.isKept && turn.input === input);
        expect(turns.length, `${input}: kept turns`).toBeLessThanOrEqual(1);
        if (key === undefined)
          expect(disk.taken.filter((taken) => taken === input).length).toBeLessThanOrEqual(1);
        const [kept] = turns;
        if (result !== undefined && kept !== undefined)
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
      for (const threadId of ['t', 'u']) {
        const called = outcomes.filter((one) => one.threadId === threadId).map(({ input }) => input);
        const kept = disk.turnsOf(threadId).filter((turn) => turn.isKept);
        expect(kept.map(({ input }) => called.indexOf(input))).toEqual(
          kept.map(({ input }) => called.indexOf(input)).sort((one, other) => one - other),
        );
      }
    },
  );
});
