/**
 * Conversations by chance, as tapes: requests of both sides with their answers in any order, notifications, several
 * threads. Each line has a mark of its own, so that a test can tell them apart.
 */
import fc from 'fast-check';
import type { Tape, TapeMessage } from '../../../src/testing/tapes/tape.js';
import { madeTape, type Said } from './made-tapes.js';

type Step = 'call' | 'tell' | 'answer' | 'news' | 'ask' | 'reply';

const anyStep = fc.record({
  step: fc.constantFrom<Step>('call', 'call', 'tell', 'answer', 'answer', 'news', 'ask', 'reply'),
  thread: fc.constantFrom('a', 'b'),
  pick: fc.nat({ max: 3 }),
  text: fc.constantFrom('', 'plain', 'héllo 🌍', 'x'.repeat(300)),
});

/** A conversation in which both sides are sane: nobody answers what was not asked, or twice. */
export const anyTape: fc.Arbitrary<Tape> = fc.array(anyStep, { minLength: 1, maxLength: 25 }).map((steps) => {
  const lines: Said[] = [];
  const open: { calls: number[]; asks: number[] } = { calls: [], asks: [] };
  for (const [mark, { step, thread, pick, text }] of steps.entries()) {
    const params = { threadId: thread, mark, text };
    const [call] = step === 'answer' ? open.calls.splice(pick % Math.max(1, open.calls.length), 1) : [];
    const [asked] = step === 'reply' ? open.asks.splice(pick % Math.max(1, open.asks.length), 1) : [];
    if (step === 'call') {
      lines.push({ sent: { id: mark, method: 'call', params } });
      open.calls.push(mark);
    } else if (step === 'ask') {
      lines.push({ received: { id: mark, method: 'ask', params } });
      open.asks.push(mark);
    } else if (step === 'tell') lines.push({ sent: { method: 'tell', params } });
    else if (call !== undefined) lines.push({ received: { id: call, result: { mark, text } } });
    else if (asked !== undefined) lines.push({ sent: { id: asked, result: { mark, text } } });
    else if (step === 'news' || step === 'answer') lines.push({ received: { method: 'news', params } });
  }
  return madeTape(lines);
});

/** The recorded lines of one side. */
export function linesOf(tape: Tape, kind: 'sent' | 'received'): { line: number; message: TapeMessage }[] {
  return tape.lines.flatMap((line) =>
    line.kind === kind ? [{ line: line.line, message: line.message }] : [],
  );
}
