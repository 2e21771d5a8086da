/** The queue between the log and the one who takes it: bounded, and honest about what it dropped. */
import { describe, expect, it } from 'vitest';
import { droppedMarker, LineQueue } from '../../../src/app-server/stderr/line-queue.js';
import { collect } from '../processes.js';

describe('the queue of lines', () => {
  const queueOf = (maxLines: number) => new LineQueue({ maxLines, maxBytes: 1_000 });

  it('hands a line to the reader that waits, and answers reads in their order', async () => {
    const queue = queueOf(1);
    const reads = [queue.next(), queue.next(), queue.next()];
    queue.push('a');
    queue.push('b');
    queue.end();
    expect(await Promise.all(reads)).toEqual([
      { done: false, value: 'a' },
      { done: false, value: 'b' },
      { done: true, value: undefined },
    ]);
    expect(queue.droppedLines).toBe(0);
  });

  it('says so again each time it had to drop lines', async () => {
    const queue = queueOf(1);
    for (const line of ['a', 'b', 'c']) queue.push(line);
    const first = [(await queue.next()).value, (await queue.next()).value];
    for (const line of ['d', 'e']) queue.push(line);
    queue.end();
    expect(first).toEqual([droppedMarker(2), 'c']);
    expect(await collect(queue)).toEqual([droppedMarker(1), 'e']);
    expect(queue.droppedLines).toBe(3);
  });

  it('L11 leaving the loop releases it: nothing is kept, a read that waits is done', async () => {
    const queue = queueOf(10);
    queue.push('a');
    queue.push('b');
    for await (const line of queue) {
      expect(line).toBe('a');
      break;
    }
    queue.push('c');
    expect(await queue.next()).toEqual({ done: true, value: undefined });
    const waiting = queueOf(10);
    const read = waiting.next();
    await waiting.return();
    expect(await read).toEqual({ done: true, value: undefined });
  });
});
