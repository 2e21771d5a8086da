/** The count of what waits to be sent, and its limit. */
import { BackpressureError } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { OutgoingText } from '../../src/wire/outgoing-text.js';

describe('what waits to be sent', () => {
  test('L8 is counted, with the most there was', () => {
    const outgoing = new OutgoingText(100);
    outgoing.add(10);
    outgoing.add(20);
    outgoing.remove(10);
    outgoing.add(5);
    expect(outgoing.stats()).toEqual({ messages: 2, bytes: 25, peakBytes: 30 });
  });

  test('L8 takes a text of any length while the limit is not reached, and then no more', () => {
    const outgoing = new OutgoingText(100);
    outgoing.add(99);
    expect(outgoing.refusalOf('a/b')).toBeUndefined();
    outgoing.add(1);
    const refusal = outgoing.refusalOf('a/b');
    expect(refusal).toBeInstanceOf(BackpressureError);
    expect(refusal?.message).toMatch(
      /^a\/b was not sent: 2 messages \(100 bytes\) .*maxOutgoingBytes \(100\)/,
    );
    outgoing.remove(1);
    expect(outgoing.refusalOf('a/b')).toBeUndefined();
  });
});
