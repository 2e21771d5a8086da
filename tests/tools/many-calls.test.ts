/** Many calls of many threads, with loops that come and go and turns that end: each call is answered once. */
import { defineTools, type Tools } from 'codex-async-client';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { microtasks, type PipedServer, readyServer, turn } from '../helpers/piped-server.js';
import { calling, ended } from './calling.js';

const THREADS = 50;
/** Of which four in five are calls. */
const STEPS = 1_250;
const description = 'Does it.';
const sets: readonly [Tools, Tools] = [
  defineTools({ add: { description, input: z.object({ n: z.int() }) } }),
  defineTools({
    note: { description, input: { type: 'object', required: ['n'] } },
    ask: { description, input: z.object({ n: z.int() }).refine(async () => true) },
  }),
];

/** What the server does next. */
const step = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.record({
      does: fc.constant('calls' as const),
      tool: fc.constantFrom('add', 'note', 'ask'),
      thread: fc.nat(THREADS - 1),
      fits: fc.nat(9).map((n) => n > 0),
    }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('ends' as const), thread: fc.nat(THREADS - 1) }) },
  { weight: 4, arbitrary: fc.record({ does: fc.constant('waits' as const), turns: fc.nat(2) }) },
);

/** How one loop reads: how many calls at a time, how long each takes, which it forgets, and after how many it is left. */
const loop = fc.record({
  set: fc.constantFrom(...sets),
  threadId: fc.option(
    fc.nat(THREADS - 1).map((n) => `thread ${n}`),
    { nil: undefined },
  ),
  concurrency: fc.integer({ min: 1, max: 40 }),
  ticks: fc.array(fc.nat(12), { minLength: 1, maxLength: 8 }),
  forgetsEvery: fc.integer({ min: 3, max: 50 }),
  leavesAfter: fc.array(fc.integer({ min: 1, max: 150 }), { maxLength: 6 }),
});

type Loop = typeof loop extends fc.Arbitrary<infer L> ? L : never;
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** The calls that the server made, and whose turns have ended. */
class Asked {
  readonly all: { readonly id: number; readonly turnId: string }[] = [];
  readonly ended = new Set<string>();
  readonly #turns = new Map<number, number>();

  turnOf(thread: number): string {
    return `${thread}/${this.#turns.get(thread) ?? 0}`;
  }

  end(thread: number): string {
    const turnId = this.turnOf(thread);
    this.ended.add(turnId);
    this.#turns.set(thread, (this.#turns.get(thread) ?? 0) + 1);
    return turnId;
  }
}

async function play(server: PipedServer, steps: readonly Step[], asked: Asked): Promise<void> {
  for (const next of steps) {
    if (next.does === 'waits') for (let left = next.turns; left > 0; left -= 1) await turn();
    else if (next.does === 'ends') server.send(ended(`thread ${next.thread}`, asked.end(next.thread)));
    else {
      const id = asked.all.length;
      const turnId = asked.turnOf(next.thread);
      asked.all.push({ id, turnId });
      const input = next.fits ? { n: id } : {};
      server.send(calling({ id, tool: next.tool, input, threadId: `thread ${next.thread}`, turnId }));
    }
  }
}

/** Reads, answers, leaves and comes back, until it is told to stop. */
async function read({ client }: PipedServer, how: Loop, stop: AbortSignal): Promise<void> {
  const { concurrency, ticks, threadId, forgetsEvery } = how;
  const working = new Set<Promise<void>>();
  for (const leavesAfter of [...how.leavesAfter, Number.POSITIVE_INFINITY]) {
    let count = 0;
    for await (const call of client.toolCalls(how.set, { threadId, signal: stop })) {
      count += 1;
      const isForgotten = count % forgetsEvery === 0;
      const work = (async () => {
        if (isForgotten) return;
        await microtasks(ticks[count % ticks.length] ?? 0);
        // Its loop may have been left, and its turn may be over.
        await call.respond(call.callId).catch(() => {});
      })();
      working.add(work);
      void work.then(() => working.delete(work));
      if (working.size >= concurrency) await Promise.race(working);
      if (count >= leavesAfter) break;
    }
  }
  await Promise.all(working);
}

test('L1 L11 L12 1,000 calls over 50 threads are each answered once, whoever reads, leaves or is interrupted', async () => {
  const steps = fc.array(step, { minLength: STEPS, maxLength: STEPS, size: 'max' });
  const loops = fc.array(loop, { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(steps, loops, async (what, readers) => {
      const server = await readyServer();
      const asked = new Asked();
      const stop = new AbortController();
      const reading = readers.map((how) => read(server, how, stop.signal));
      await play(server, what, asked);
      await server.quiet();
      stop.abort();
      await Promise.all(reading);
      // What came while no loop was open is unread: one that is opened and left is the last chance of each.
      for (const set of sets) await server.client.toolCalls(set).return();
      await server.quiet();
      const answers = new Map<number, number>();
      for (const { id, method } of server.received)
        if (typeof id === 'number' && method === undefined) answers.set(id, (answers.get(id) ?? 0) + 1);
      const wrong = asked.all.filter(({ id, turnId }) => {
        const count = answers.get(id) ?? 0;
        return asked.ended.has(turnId) ? count > 1 : count !== 1;
      });
      expect(wrong).toEqual([]);
      expect(server.client.stats().requests.unansweredByUs).toBe(0);
    }),
    { numRuns: 15 },
  );
});
