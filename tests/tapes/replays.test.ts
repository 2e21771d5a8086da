/** Every flow against every tape of it: the same program comes to the same outcome as with the real codex. */
import { describe, expect, test } from 'vitest';
import { FLOWS } from './flows.js';
import { CWD } from './places.js';
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

/** Ids of requests as no other client has them. */
function* ownIds(): Generator<string> {
  for (let n = 0; ; n += 1) yield `request ${n}`;
}

describe('L23 a program that works elsewhere replays, too: in another folder, with ids and a version of its own', () => {
  test.each(tapedFlows())('$name', async ({ flow, tape }) => {
    const clientInfo = { name: 'tapes', title: null, version: '9.9.9' };
    const elsewhere = { cwd: '/srv/box-17/work tree', requestIds: ownIds(), clientInfo };
    const { ending, report, transcript } = await replayFlow(flow, tape, {}, elsewhere);
    expect(report.mismatch).toBeUndefined();
    expect(ending).toEqual({ outcome: flow.outcome });
    expect(report.unsent).toEqual([]);
    expect(transcript.join('\n')).not.toContain(CWD);
  });
});
