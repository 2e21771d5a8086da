/** The count of what waits to be sent, and its limit. */
import { BackpressureError, InvalidArgumentError } from 'codex-async-client';
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

  test('L20 is refused when the server takes nothing so long, by its bytes', () => {
    const outgoing = new OutgoingText(100, 12);
    for (const text of ['', 'xxxx', 'x'.repeat(12), 'üüüüüü', '€€€€', '😀😀😀'])
      outgoing.checkLength('params', text);
    for (const text of ['x'.repeat(13), 'üüüüüüü', '€€€€x', '😀😀😀x'])
      expect(() => outgoing.checkLength('params', text)).toThrow(InvalidArgumentError);
    expect(() => outgoing.checkLength('result', '€€€€€')).toThrow(
      'result: expected at most 12 bytes of JSON, got 15',
    );
    new OutgoingText(100).checkLength('params', 'x'.repeat(1_000));
  });
});
