/** A tap in the user's hands: its options, its reader, and how it is released. */
import { ConcurrentReadError, InvalidArgumentError } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { HeldCopies } from '../../../src/session/taps/held-copies.js';
import { checkTapOptions, LiveTap } from '../../../src/session/taps/tap.js';

const DONE = { done: true, value: undefined };

function startTap(signal?: AbortSignal) {
  const copies = new HeldCopies<string>(10);
  let closed = 0;
  const close = () => {
    closed += 1;
    copies.close();
  };
  const tap = new LiveTap(copies, close, signal);
  return { copies, tap, closed: () => closed };
}

describe('the options of a tap', () => {
  test.each([
    [{}],
    [{ maxHeldBytes: 1 }],
    [{ maxHeldBytes: Number.POSITIVE_INFINITY }],
    [{ maxHeldBytes: undefined, signal: undefined }],
    [{ maxHeldBytes: 5, signal: new AbortController().signal }],
  ])('may be %j', (options) => {
    expect(() => checkTapOptions(options)).not.toThrow();
  });

  test.each<[unknown, string]>([
    [0, '0'],
    [-1, '-1'],
    [1.5, '1.5'],
    [2 ** 60, '1152921504606847000'],
    [Number.NaN, 'NaN'],
    [Number.NEGATIVE_INFINITY, '-Infinity'],
    ['5', '"5"'],
    [null, 'null'],
  ])('L20 a bound of %j is refused', (maxHeldBytes, shown) => {
    const check = () => Reflect.apply(checkTapOptions, undefined, [{ maxHeldBytes }]);
    expect(check).toThrow(InvalidArgumentError);
    expect(check).toThrow(
      `options.maxHeldBytes: expected a whole number of bytes, 1 or more, or Infinity, got ${shown}`,
    );
  });

  test.each<[unknown, string]>([
    [{ signal: {} }, 'options.signal: expected an AbortSignal'],
    [{ maxHeldByte: 5 }, 'did you mean "maxHeldBytes"?'],
    [null, 'options: expected an object'],
  ])('L20 %j is refused', (options, message) => {
    expect(() => Reflect.apply(checkTapOptions, undefined, [options])).toThrow(message);
  });
});

describe('a tap', () => {
  test('L1 hands out what is held, then what comes', async () => {
    const { copies, tap } = startTap();
    copies.add('a', 1);
    expect(await tap.next()).toEqual({ done: false, value: 'a' });
    const read = tap.next();
    await expect(tap.next()).rejects.toBeInstanceOf(ConcurrentReadError);
    copies.add('b', 1);
    expect(await read).toEqual({ done: false, value: 'b' });
  });

  test.each([
    ['return()', (tap: LiveTap<string>) => tap.return()],
    ['await using', (tap: LiveTap<string>) => tap[Symbol.asyncDispose]()],
  ])('L11 is released once by %s, which ends a read that waits', async (_how, leave) => {
    const { tap, closed } = startTap(new AbortController().signal);
    const read = tap.next();
    await leave(tap);
    await leave(tap);
    expect(await read).toEqual(DONE);
    expect(await tap.next()).toEqual(DONE);
    expect(closed()).toBe(1);
  });

  test('L11 is released by leaving a loop', async () => {
    const { copies, tap, closed } = startTap();
    copies.add('a', 1);
    for await (const value of tap) {
      expect(value).toBe('a');
      break;
    }
    expect(closed()).toBe(1);
  });

  test('L11 is released by its signal, without an error', async () => {
    const abort = new AbortController();
    const { copies, tap, closed } = startTap(abort.signal);
    const read = tap.next();
    abort.abort();
    expect(await read).toEqual(DONE);
    copies.add('a', 1);
    expect(await tap.next()).toEqual(DONE);
    expect(closed()).toBe(1);
  });

  test('L11 with a signal that has fired before is empty', async () => {
    const { copies, tap, closed } = startTap(AbortSignal.abort());
    expect(closed()).toBe(1);
    copies.add('a', 1);
    expect(await tap.next()).toEqual(DONE);
  });

  test.each([
    ['a clean end', undefined],
    ['a failure', new Error('gone')],
  ])('L11 listens to its signal no more after %s', async (_how, failure) => {
    const abort = new AbortController();
    const { copies, tap, closed } = startTap(abort.signal);
    copies.end(failure);
    if (failure === undefined) expect(await tap.next()).toEqual(DONE);
    else for (let n = 0; n < 2; n += 1) await expect(tap.next()).rejects.toBe(failure);
    abort.abort();
    expect(closed()).toBe(0);
  });
});
