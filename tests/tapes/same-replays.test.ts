/** The same tape, the same faults and the same seed: the same outcome, byte for byte. */
import type { FaultPlan, ReplayOptions } from 'codex-async-client/testing';
import { afterEach, expect, test, vi } from 'vitest';
import { type Replayed, replayFlow } from './replaying.js';
import { type TapedFlow, tapedFlows } from './tapes.js';

afterEach(() => vi.restoreAllMocks());

/** Replays a flow with ids that are the same each time; what the client draws is the only chance in a replay. */
function replayAnew({ flow, tape }: TapedFlow, options: ReplayOptions): Promise<Replayed> {
  let drawn = 0;
  vi.spyOn(globalThis.crypto, 'randomUUID').mockImplementation(() => {
    drawn += 1;
    return `00000000-0000-4000-8000-${String(drawn).padStart(12, '0')}`;
  });
  return replayFlow(flow, tape, options);
}

/** Everything that a program could see of a replay, and everything that it said, as text. */
function textOf({ ending, report, transcript }: Replayed): string {
  const failure = 'failure' in ending ? String(ending.failure) : '';
  return JSON.stringify([ending, failure, report, transcript]);
}

/** One plan without faults, and some in the middle of the tape. */
function plansOf({ tape }: TapedFlow): FaultPlan[] {
  const middle = Math.ceil(tape.lines.length / 2) + 1;
  return [[], [{ fault: 'split', bytes: 7 }], [{ fault: 'crash', afterLine: middle }]];
}

test.each(tapedFlows())('L23 $name: twice the same', async (taped) => {
  for (const [index, faults] of plansOf(taped).entries()) {
    const options = { faults, seed: index + 1 };
    const first = await replayAnew(taped, options);
    const second = await replayAnew(taped, options);
    expect(textOf(second)).toBe(textOf(first));
    expect(first.transcript.length).toBeGreaterThan(0);
  }
});
