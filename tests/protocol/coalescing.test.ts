/** The table of what may be merged: it is about every notification, and what is a piece of text in it is one in the protocol. */
import { describe, expect, test } from 'vitest';
import { coalescingRuleOf } from '../../src/protocol/coalescing.js';
import { SERVER_NOTIFICATION_METHODS, SERVER_REQUEST_METHODS } from '../../src/protocol/generated.js';

const methodsOf = (rule: string) =>
  SERVER_NOTIFICATION_METHODS.filter((method) => coalescingRuleOf(method).rule === rule);

test('L22 every notification that is named a delta is a text that grows, but audio, whose pieces are no text', () => {
  const deltas = SERVER_NOTIFICATION_METHODS.filter((method) => /delta$/i.test(method));
  expect(deltas.length).toBeGreaterThan(5);
  expect(deltas.filter((method) => coalescingRuleOf(method).rule !== 'grows')).toEqual([
    'thread/realtime/outputAudio/delta',
  ]);
  expect(methodsOf('grows')).toEqual(
    expect.arrayContaining(deltas.filter((method) => !/Audio/.test(method))),
  );
});

test('L22 a state is something that was updated or changed', () => {
  const states = methodsOf('replaces');
  expect(states).toEqual(
    expect.arrayContaining(['turn/diff/updated', 'turn/plan/updated', 'thread/tokenUsage/updated']),
  );
  expect(states.filter((method) => !/updated$|changed$|progress$/i.test(method))).toEqual([]);
});

describe('L22 nothing is merged', () => {
  test.each(['turn/started', 'turn/completed', 'item/started', 'item/completed', 'error', 'warning'])(
    'of %s, which is an event',
    (method) => {
      expect(coalescingRuleOf(method)).toEqual({ rule: 'plain' });
    },
  );

  test('of a method that the types do not know, or of a server request', () => {
    expect(coalescingRuleOf('some/newer/updated').rule).toBe('plain');
    expect(coalescingRuleOf('toString').rule).toBe('plain');
    for (const method of SERVER_REQUEST_METHODS) expect(coalescingRuleOf(method).rule).toBe('plain');
  });
});
