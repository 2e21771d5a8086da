/** The gate of turns: who is turned back when it closes, and when none is left. */
import { ServerClosedError } from 'codex-async-client';
import { expect, test } from 'vitest';
import { type GatedTurn, TurnGate } from '../../src/session/turn-gate.js';
import { deferred } from '../../src/support/deferred.js';
import { outcomeOf } from '../helpers/piped-server.js';

const error = new ServerClosedError('no more', { exitCode: null, signal: null, stderrTail: '' });

/** A turn that notes what turned it back. */
function gated(turnId?: string): GatedTurn & { readonly by: unknown[] } {
  const by: unknown[] = [];
  return { threadId: `of ${turnId}`, turnId, by, turnedBack: (reason) => by.push(reason) };
}

test('an open gate refuses nobody, and knows which turns run', async () => {
  const gate = new TurnGate();
  const [unnamed, named] = [gated(), gated('u')];
  gate.enter(unnamed);
  gate.enter(named);
  expect(gate.refusal).toBeUndefined();
  expect(gate.running).toEqual([{ threadId: 'of u', turnId: 'u' }]);
  expect([...unnamed.by, ...named.by]).toEqual([]);
  const empty = gate.untilEmpty();
  gate.leave(named);
  expect(gate.running).toEqual([]);
  expect(await outcomeOf(empty)).toBe('pending');
  gate.leave(unnamed);
  expect(await outcomeOf(empty)).toBeUndefined();
});

test('closing it turns back all turns, once, and those that come later, with the first error', () => {
  const gate = new TurnGate();
  const turns = [gated('u'), gated()];
  for (const turn of turns) gate.enter(turn);
  gate.close(error);
  gate.close(new ServerClosedError('again', error));
  const late = gated();
  gate.enter(late);
  for (const { by } of [...turns, late]) expect(by).toEqual([error]);
  expect(gate.refusal).toBe(error);
});

test('a turn that leaves while it is turned back is no reason to miss the next one', async () => {
  const gate = new TurnGate();
  const second = gated();
  const first: GatedTurn = { ...gated(), turnedBack: () => gate.leave(first) };
  gate.enter(first);
  gate.enter(second);
  gate.close(error);
  expect(second.by).toEqual([error]);
  gate.leave(second);
  expect(await outcomeOf(gate.untilEmpty())).toBeUndefined();
});

test('what the server is to hear holds up its end until it has heard it', async () => {
  const gate = new TurnGate();
  expect(gate.untilHeard).toBeUndefined();
  const heard = deferred<void>();
  gate.holdUp(heard.promise);
  gate.holdUp(Promise.resolve());
  const { untilHeard } = gate;
  expect(await outcomeOf(Promise.resolve(untilHeard))).toBe('pending');
  heard.resolve();
  await untilHeard;
  expect(gate.untilHeard).toBeUndefined();
});
