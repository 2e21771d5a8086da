/** The order among streams, as numbers that nobody else has to know. */
import { expect, test } from 'vitest';
import { FILTER_WEIGHT, PRECEDENCE, REQUEST_GROUP } from '../../../src/session/streams/precedence.js';

test('L1 a narrower member of a filter outranks all wider ones together', () => {
  const { turnId, threadId, methods, kind } = FILTER_WEIGHT;
  expect(kind).toBeGreaterThan(0);
  expect(methods).toBeGreaterThan(kind);
  expect(threadId).toBeGreaterThan(methods + kind);
  expect(turnId).toBeGreaterThan(threadId + methods + kind);
});

test('L1 a run ranks as a filter by thread and turn; what has a resource of its own ranks above every filter', () => {
  expect(PRECEDENCE.turnRun).toBe(FILTER_WEIGHT.threadId + FILTER_WEIGHT.turnId);
  const widest = Object.values(FILTER_WEIGHT).reduce((sum, weight) => sum + weight, 0);
  expect(Math.min(PRECEDENCE.command, PRECEDENCE.fileWatch)).toBeGreaterThan(widest);
  expect(PRECEDENCE.commandOutput).toBeGreaterThan(PRECEDENCE.command);
});

test('L1 calls of tools rank as requests of one method, and go to who has the tool before all others', () => {
  expect(PRECEDENCE.toolCalls).toBe(FILTER_WEIGHT.methods + FILTER_WEIGHT.kind);
  expect(REQUEST_GROUP.called).toBeLessThan(REQUEST_GROUP.asked);
});

test('L1 requests go to who asked for them, then to who reads, last to who is unattended', () => {
  expect(REQUEST_GROUP.asked).toBeLessThan(REQUEST_GROUP.reads);
  expect(REQUEST_GROUP.reads).toBeLessThan(REQUEST_GROUP.unattended);
});
