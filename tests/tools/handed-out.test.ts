import { expect, test } from 'vitest';
import type { ServerMessage } from '../../src/session/messages/server-message.js';
import { HandedOut } from '../../src/tools/handed-out.js';
import { ask } from '../helpers/messages.js';

/** A ledger whose requests are open until they are settled. */
function ledger(settled: ReadonlySet<unknown>) {
  return { isOpen: (message: ServerMessage) => message.kind === 'request' && !settled.has(message.id) };
}

function handedOut(): { calls: HandedOut; settled: Set<unknown> } {
  const settled = new Set<unknown>();
  return { calls: new HandedOut(ledger(settled)), settled };
}

test('what was answered is forgotten, however many calls a loop is given', () => {
  const { calls, settled } = handedOut();
  for (let n = 0; n < 10_000; n += 1) {
    calls.add(ask(n));
    settled.add(n);
  }
  expect(calls.size).toBeLessThanOrEqual(64);
});

test('what is open is kept, and looked at again only when there is twice as much', () => {
  const settled = new Set<unknown>();
  let looks = 0;
  const open = ledger(settled);
  const calls = new HandedOut({
    isOpen: (message) => {
      looks += 1;
      return open.isOpen(message);
    },
  });
  for (let n = 0; n < 10_000; n += 1) calls.add(ask(n));
  expect(calls.size).toBe(10_000);
  expect(looks).toBeLessThan(30_000);
});

test('one that comes again is known as long as it is open', () => {
  const { calls, settled } = handedOut();
  const again = { ...ask(0), replayed: true } as const;
  expect(calls.has(again)).toBe(false);
  calls.add(ask(0));
  expect(calls.has(again)).toBe(true);
  expect(calls.has(ask(0))).toBe(false);
  settled.add(0);
  expect(calls.has(again)).toBe(false);
});

test('one that comes again is known to every loop of its client that was not left, and to no other', () => {
  const open = ledger(new Set());
  const [calls, beside, elsewhere] = [new HandedOut(open), new HandedOut(open), handedOut().calls];
  const again = { ...ask(0), replayed: true } as const;
  calls.add(ask(0));
  expect([beside.has(again), elsewhere.has(again)]).toEqual([true, false]);
  calls.refuseAll();
  calls.add(ask(0));
  expect(beside.has(again)).toBe(false);
});

test('refusing those that are left forgets them, also where no client asked', () => {
  const { calls } = handedOut();
  calls.add(ask(0));
  calls.refuseAll();
  expect(calls.size).toBe(0);
});
