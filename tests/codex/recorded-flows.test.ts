/** The installed codex says what its tapes have: a flow that is recorded now is the flow on its tape. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { findCodexExecutable } from '../../src/generator/codex-binary.js';
import { tapeOf } from '../../src/testing/tapes/read-tape.js';
import type { Tape } from '../../src/testing/tapes/tape.js';
import { FLOWS } from '../tapes/flows.js';
import { recordFlow } from '../tapes/recording.js';
import { replayFlow } from '../tapes/replaying.js';
import { pathOf } from '../tapes/tapes.js';

const version = packageJson.devDependencies['@openai/codex'];

/** What was said on a tape, each line in a word; what passes at the same time has no order. */
function said({ lines }: Tape): string[] {
  return lines
    .map((entry) => {
      if (entry.kind === 'missed') return 'missed';
      const { method, id } = entry.message;
      return `${entry.kind} ${method ?? `the answer to ${id}`}`;
    })
    .sort();
}

test.each(['plain-turn', 'command-accepted', 'crash'])(
  '%s is recorded as it stands on its tape, and the new tape replays',
  async (name) => {
    const flow = FLOWS.find((one) => one.name === name);
    if (flow === undefined) throw new Error(`there is no flow ${name}`);
    const tape = tapeOf(await recordFlow(flow, findCodexExecutable({})), 'recorded now');
    expect(said(tape)).toEqual(said(tapeOf(readFileSync(pathOf(version, name), 'utf8'), name)));
    expect(tape.header).toMatchObject({ server: version, protocol: version });
    const { ending, report } = await replayFlow(flow, tape);
    expect(ending).toEqual({ outcome: flow.outcome });
    expect(report.unsent).toEqual([]);
  },
);

test('a flow that does not come to its outcome is not kept', async () => {
  const [flow] = FLOWS;
  if (flow === undefined) throw new Error('there are no flows');
  const wrong = { ...flow, outcome: 'something else' };
  await expect(recordFlow(wrong, findCodexExecutable({}))).rejects.toThrow('expected "something else"');
});
