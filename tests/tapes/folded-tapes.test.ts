/** The views of every tape: what is folded from the messages of a conversation is what its server has of each thread. */
import { isDeepStrictEqual } from 'node:util';
import type { protocol } from 'codex-async-client';
import { applyMessage, type ThreadView, viewOfThread } from 'codex-async-client/view';
import { describe, expect, test } from 'vitest';
import { type FoldedTape, foldTape } from './folded-tape.js';
import { tapedFlows } from './tapes.js';

const folded = tapedFlows().map(({ name, tape }) => ({ name, fold: foldTape(tape) }));

/** A view as the server keeps it: without plans, diffs and usage, and without items that were never finished. */
function kept({ turns }: ThreadView) {
  return turns.map((turn) => ({
    ...turn,
    ...{ plan: null, planExplanation: null, diff: null, usage: null },
    items: turn.items.filter(({ state }) => state === 'completed'),
  }));
}

/** The turns of a tape that ended, as their end has them, each with the view at that step. */
function endedTurns({ steps }: FoldedTape): { turn: protocol.Turn; view: ThreadView }[] {
  return steps.flatMap(({ message, after }) =>
    message.method === 'turn/completed'
      ? [{ turn: (message.params as protocol.TurnCompletedNotification).turn, view: after }]
      : [],
  );
}

describe.each(folded)('the views of $name', ({ fold }) => {
  test('have of a thread what thread/read had of it', () => {
    for (const { view, thread } of fold.reads) expect(kept(view)).toEqual(viewOfThread(thread).turns);
  });

  test('have of a turn what its end says', () => {
    for (const { turn, view } of endedTurns(fold)) {
      const seen = view.turns.find(({ id }) => id === turn.id);
      expect(seen).toMatchObject({ status: turn.status, error: turn.error });
      for (const item of turn.items) expect(seen?.items).toContainEqual(expect.objectContaining(item));
      expect(view.requests.filter(({ turnId }) => turnId === turn.id)).toEqual([]);
    }
  });

  test('are the same objects where a message changes nothing, those of other threads among them', () => {
    for (const { line, message, before, after, others } of fold.steps) {
      if (isDeepStrictEqual(before, after))
        expect({ line, same: after === before }).toEqual({ line, same: true });
      for (const view of others) expect(applyMessage(view, message)).toBe(view);
      const turns = after.turns.filter((turn, index) => isDeepStrictEqual(turn, before.turns[index]));
      expect(turns.every((turn) => before.turns.includes(turn))).toBe(true);
    }
  });
});

test('enough is folded: threads that were read, turns that ended, messages that changed nothing', () => {
  const folds = folded.map(({ fold }) => fold);
  expect(folds.flatMap(({ reads }) => reads).length).toBeGreaterThanOrEqual(8);
  expect(folds.flatMap(endedTurns).length).toBeGreaterThan(80);
  const steps = folds.flatMap((fold) => fold.steps);
  expect(steps.some(({ before, after }) => before === after)).toBe(true);
  expect(steps.some(({ others }) => others.length > 0)).toBe(true);
});
