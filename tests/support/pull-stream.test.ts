/** The shell of a stream that is pulled: one read at a time, an end that stays, and leaving that is done once. */
import { ConcurrentReadError } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { type Deferred, deferred } from '../../src/support/deferred.js';
import { PullStream } from '../../src/support/pull-stream.js';
import { microtasks, outcomeOf } from '../helpers/piped-server.js';

const DONE = { done: true, value: undefined };
const value = (number: number) => ({ done: false, value: number });
const LEFT = new Error('left');

/** Numbers that a test hands over, one to each read. */
class Numbers extends PullStream<number> {
  /** What was called, in order. */
  readonly log: string[] = [];
  readonly atHand: number[] = [];
  #pending: Deferred<number | undefined> | undefined;
  readonly #errorEnds: boolean;

  constructor(errorEnds = false) {
    super();
    this.#errorEnds = errorEnds;
  }

  give(number: number | undefined): void {
    this.#pending?.resolve(number);
  }

  break(error: Error): void {
    this.#pending?.reject(error);
  }

  get hasLeft(): boolean {
    return this.isLeft;
  }

  protected override takeNow(): number | undefined {
    const number = this.atHand.shift();
    if (number !== undefined && Number.isNaN(number)) throw new RangeError('not a number');
    return number;
  }

  protected override take(): Promise<number | undefined> {
    this.log.push('take');
    this.#pending = deferred();
    return this.#pending.promise;
  }

  protected override leave(): void {
    this.log.push('leave');
    this.#pending?.reject(LEFT);
  }

  protected override ended(): void {
    this.log.push('ended');
  }

  protected override failed(error: unknown): boolean {
    this.log.push(`failed: ${String(error)}`);
    return this.#errorEnds;
  }
}

describe('reading', () => {
  test('gives what is at hand without a wait, then waits', async () => {
    const numbers = new Numbers();
    numbers.atHand.push(1, 0);
    expect(await numbers.next()).toEqual(value(1));
    expect(await numbers.next()).toEqual(value(0));
    expect(numbers.log).toEqual([]);
    const read = numbers.next();
    numbers.give(3);
    expect(await read).toEqual(value(3));
    expect(numbers.log).toEqual(['take']);
  });

  test('a stream that is never at hand waits for each', async () => {
    class Waits extends PullStream<string> {
      protected override take = async () => 'waited';
      protected override leave(): void {}
    }
    const waits = new Waits();
    expect(await waits.next()).toEqual({ done: false, value: 'waited' });
    expect(waits[Symbol.asyncIterator]()).toBe(waits);
  });

  test('an error of what is at hand rejects the read and ends nothing', async () => {
    const numbers = new Numbers(true);
    numbers.atHand.push(Number.NaN, 2);
    await expect(numbers.next()).rejects.toBeInstanceOf(RangeError);
    expect(await numbers.next()).toEqual(value(2));
    expect(numbers.log).toEqual([]);
  });
});

/** How many microtasks lie between two steps. */
const GAPS = [0, 1, 2, 3, 4, 5];

describe('a second read', () => {
  test.each(GAPS)('%i microtasks after the first is refused, and the first gets its value', async (gap) => {
    const numbers = new Numbers();
    const first = numbers.next();
    await microtasks(gap);
    await expect(numbers.next()).rejects.toBeInstanceOf(ConcurrentReadError);
    await expect(numbers.next()).rejects.toThrow('open a stream of your own with events(filter)');
    numbers.give(1);
    expect(await first).toEqual(value(1));
    expect(numbers.log).toEqual(['take']);
  });

  test.each(GAPS)(
    '%i microtasks after the value came is refused for as long as the first has not settled',
    async (gap) => {
      const numbers = new Numbers();
      let isSettled = false;
      const first = numbers.next().finally(() => {
        isSettled = true;
      });
      numbers.give(1);
      await microtasks(gap);
      numbers.atHand.push(2);
      const wasSettled = isSettled;
      const second = await outcomeOf(numbers.next());
      if (!wasSettled && second instanceof ConcurrentReadError) expect(numbers.atHand).toEqual([2]);
      else expect(second).toEqual(value(2));
      expect(await first).toEqual(value(1));
    },
  );

  test('is welcome as soon as the first has settled, with a value or an error', async () => {
    const numbers = new Numbers();
    const first = numbers.next();
    numbers.give(1);
    await first;
    const second = numbers.next();
    numbers.break(new Error('broken'));
    await expect(second).rejects.toThrow('broken');
    const third = numbers.next();
    numbers.give(3);
    expect(await third).toEqual(value(3));
  });
});

describe('leaving', () => {
  test.each(GAPS)('L11 %i microtasks into a read leaves nothing pending, and is done once', async (gap) => {
    const numbers = new Numbers();
    const read = numbers.next();
    await microtasks(gap);
    expect(await numbers.return()).toEqual(DONE);
    expect(await outcomeOf(read)).toEqual(DONE);
    expect(await outcomeOf(numbers.next())).toEqual(DONE);
    await numbers.return();
    await numbers[Symbol.asyncDispose]();
    expect(numbers.log).toEqual(['take', 'leave']);
    expect(numbers.hasLeft).toBe(true);
  });

  test.each(GAPS)(
    'L11 %i microtasks after the value came loses no value and leaves nothing pending',
    async (gap) => {
      const numbers = new Numbers();
      const read = numbers.next();
      numbers.give(1);
      await microtasks(gap);
      const leaving = numbers.return();
      expect(await outcomeOf(read)).toEqual(value(1));
      expect(await outcomeOf(leaving)).toEqual(DONE);
      numbers.atHand.push(2);
      expect(await outcomeOf(numbers.next())).toEqual(DONE);
      expect(numbers.atHand).toEqual([2]);
    },
  );

  test('L11 is the end for the next read at once, also while the one before is still being ended', async () => {
    const numbers = new Numbers();
    const read = numbers.next();
    const leaving = numbers.return();
    expect(await outcomeOf(numbers.next())).toEqual(DONE);
    expect(await outcomeOf(read)).toEqual(DONE);
    await leaving;
  });

  test('L11 a read that leaving rejected is done, and no failure', async () => {
    const numbers = new Numbers(true);
    const read = numbers.next();
    await numbers.return();
    expect(await read).toEqual(DONE);
    expect(numbers.log).toEqual(['take', 'leave']);
  });

  test('L11 a for await that breaks leaves, also by await using', async () => {
    const numbers = new Numbers();
    numbers.atHand.push(1, 2);
    for await (const number of numbers) {
      expect(number).toBe(1);
      break;
    }
    expect(numbers.log).toEqual(['leave']);
    const used = new Numbers();
    {
      await using stream = used;
      expect(stream.hasLeft).toBe(false);
    }
    expect(used.log).toEqual(['leave']);
  });

  test('after the end releases nothing a second time', async () => {
    const numbers = new Numbers();
    const read = numbers.next();
    numbers.give(undefined);
    expect(await read).toEqual(DONE);
    expect(await numbers.return()).toEqual(DONE);
    expect(numbers.log).toEqual(['take', 'ended']);
  });
});

describe('the end', () => {
  test('is told once and stays', async () => {
    const numbers = new Numbers();
    const read = numbers.next();
    numbers.give(undefined);
    expect(await read).toEqual(DONE);
    numbers.atHand.push(1);
    expect(await numbers.next()).toEqual(DONE);
    expect(numbers.hasLeft).toBe(false);
    expect(numbers.log).toEqual(['take', 'ended']);
  });

  test('that comes after leaving is no end', async () => {
    const numbers = new Numbers();
    const read = numbers.next();
    numbers.give(undefined);
    await numbers.return();
    expect(await read).toEqual(DONE);
    expect(numbers.log).toEqual(['take', 'leave']);
  });

  test.each([
    [true, ['take', 'failed: Error: broken', 'ended']],
    [false, ['take', 'failed: Error: broken']],
  ])('an error rejects the read; the stream says whether it ends by it: %s', async (errorEnds, log) => {
    const numbers = new Numbers(errorEnds);
    const read = numbers.next();
    numbers.break(new Error('broken'));
    await expect(read).rejects.toThrow('broken');
    expect(numbers.log).toEqual(log);
    numbers.atHand.push(2);
    expect(await numbers.next()).toEqual(errorEnds ? DONE : value(2));
  });

  test('an error ends nothing by default', async () => {
    let isBroken = true;
    class Breaks extends PullStream<string> {
      protected override async take(): Promise<string | undefined> {
        if (isBroken) throw new Error('broken');
        return undefined;
      }
      protected override leave(): void {}
    }
    const breaks = new Breaks();
    await expect(breaks.next()).rejects.toThrow('broken');
    isBroken = false;
    expect(await breaks.next()).toEqual(DONE);
  });
});
