/** L1, L14 and L15 as a property: runs in the server's queue and beside it, among turns, items and interruptions of others. */
import { CodexClientError, type ServerMessage, type TurnRun } from 'codex-async-client';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { turn as eventLoopTurn } from '../../helpers/piped-server.js';
import { Random } from '../../simulation/world/random.js';
import { PlayedServer } from '../played-server.js';
import { QueueCodex } from './queue-codex.js';

const SEEDS = Array.from({ length: 150 }, (_, index) => index + 1);
const RUNS = 8;
/** So much time passes with each step: a silence is over after a hundred of them. */
const STEP_MS = 300;
/** No seed needs a tenth of that: a run that hangs is told. */
const MAX_STEPS = 20_000;

/** A run, and what it came to. */
interface Asked {
  readonly input: string;
  readonly isQueued: boolean;
  readonly isStopped: boolean;
  readonly run: TurnRun;
  readonly read: ServerMessage[];
  status?: string;
  error?: unknown;
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});

afterEach(() => {
  vi.useRealTimers();
});

function asked(server: PlayedServer, random: Random, number: number): Asked {
  const input = `input ${number}`;
  const isQueued = random.chance(0.7);
  const whenBusy = isQueued ? 'queue' : 'wait';
  const run = server.client.turnRun({ threadId: 't', input }, { whenBusy });
  return { input, isQueued, isStopped: random.chance(0.3), run, read: [] };
}

/** Reads a run to its end, and gives it up on the way where it is one of those. */
async function settled(one: Asked, random: Random): Promise<void> {
  const { run, read } = one;
  const stop = async () => {
    for (let turns = random.below(60); turns > 0; turns -= 1) await eventLoopTurn();
    await run.interrupt().catch(() => {});
  };
  if (one.isStopped) stop();
  try {
    for await (const message of run) read.push(message);
    one.status = (await run.result()).status;
  } catch (error) {
    one.error = error;
  }
}

async function played(server: PlayedServer, seed: number) {
  const random = new Random(seed);
  const codex = new QueueCodex(server, random, 10);
  const main: ServerMessage[] = [];
  const reading = (async () => {
    for await (const message of server.client.events()) main.push(message);
  })().catch(() => {});
  const runs: Asked[] = [];
  const ends: Promise<void>[] = [];
  let over = 0;
  for (let steps = 0; over < RUNS; steps += 1) {
    if (steps > MAX_STEPS) throw new Error('a run hangs');
    if (runs.length < RUNS && random.chance(0.1)) {
      const one = asked(server, random, runs.length);
      runs.push(one);
      ends.push(
        settled(one, random.fork()).then(() => {
          over += 1;
        }),
      );
    }
    codex.goOn();
    vi.advanceTimersByTime(STEP_MS);
    await eventLoopTurn();
  }
  await Promise.all(ends);
  await server.piped.quiet();
  return { codex, runs, main, reading };
}

const toldOf = ({ method, params }: ServerMessage) => {
  const { turnId, turn } = params as { turnId?: string; turn?: { id: string } };
  const id = turn?.id ?? turnId;
  return id === undefined ? undefined : `${id} ${method}`;
};

describe('among others', () => {
  test.each(SEEDS)(
    'L1 L14 L15 every run settles with its own turn, which runs once, and each message is read once: seed %i',
    async (seed) => {
      await using server = new PlayedServer();
      const { codex, runs, main } = await played(server, seed);
      // What is started beside the queue may be added to a turn of which nothing was told yet: that is best effort.
      for (const { input, run, read, isStopped, status, error } of runs.filter(({ isQueued }) => isQueued)) {
        const begun = codex.begun.filter((one) => one === input).length;
        expect([input, begun <= 1]).toEqual([input, true]);
        const own: string[] = read.map(toldOf).filter((told) => told !== undefined);
        expect(own.every((told) => told.startsWith(`${run.turnId} `))).toBe(true);
        if (status !== undefined) {
          expect(codex.ended).toContainEqual({ input, status });
          expect(own[0]).toBe(`${run.turnId} turn/started`);
        }
        // Others may take its item out, and interrupt its turn before its message was kept.
        if (!isStopped && error !== undefined)
          expect(error).toMatchObject({ code: expect.stringMatching(/^CODEX_TURN_REMOVED$/) });
        if (error instanceof Error) expect(error instanceof CodexClientError || isStopped).toBe(true);
      }
      const everywhere = [...runs.flatMap(({ read }) => read), ...main];
      const read = everywhere.map(toldOf).filter((told) => told !== undefined);
      const told = codex.told.map(({ turnId, method }) => `${turnId} ${method}`);
      expect(read.sort()).toEqual(told.sort());
      const wanted = runs.filter(({ isQueued }) => isQueued).map(({ input }) => input);
      const begun = codex.begun.filter((input) => wanted.includes(input));
      expect(begun).toEqual(wanted.filter((input) => begun.includes(input)));
    },
  );
});
