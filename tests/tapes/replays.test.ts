/** Every flow against every tape of it: the same program comes to the same outcome as with the real codex. */
import { describe, expect, test } from 'vitest';
import { FLOWS } from './flows.js';
import { replayFlow } from './replaying.js';
import { namesOf, tapedFlows, versions } from './tapes.js';

test('there is a tape of each flow, and a flow for each tape', () => {
  const taped = new Map(versions().map((version) => [version, namesOf(version).sort()]));
  const expected = new Map(versions().map((version) => [version, [] as string[]]));
  for (const { name } of tapedFlows()) {
    const [version = '', flow = ''] = name.split(' ');
    expected.get(version)?.push(flow);
  }
  for (const names of expected.values()) names.sort();
  expect(taped).toEqual(expected);
  expect(FLOWS.length).toBeGreaterThanOrEqual(30);
});

describe('L23 a flow replays without codex', () => {
  test.each(tapedFlows())('$name: $flow.title', async ({ flow, tape }) => {
    const { ending, report } = await replayFlow(flow, tape);
    expect(report.mismatch).toBeUndefined();
    expect(ending).toEqual({ outcome: flow.outcome });
    expect(report.unsent).toEqual([]);
    expect(report.unplayed).toEqual([]);
  });
});
