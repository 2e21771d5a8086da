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

  it('counts the dropped lines in words', () => {
    expect(droppedMarker(1)).toBe('[codex-async-client: 1 stderr line was dropped here, the reader lagged]');
    expect(droppedMarker(2)).toBe(
      '[codex-async-client: 2 stderr lines were dropped here, the reader lagged]',
    );
  });

  it('holds as many lines as it may, and as many bytes, and no more', async () => {
    const byCount = queueOf(2);
    for (const line of ['a', 'b']) byCount.push(line);
    expect(byCount.droppedLines).toBe(0);
    byCount.push('c');
    expect(byCount.droppedLines).toBe(1);
    const byBytes = new LineQueue({ maxLines: 100, maxBytes: 6 });
    for (const line of ['é', '€', 'a']) byBytes.push(line);
    expect(byBytes.droppedLines).toBe(0);
    byBytes.push('b');
    byBytes.end();
    expect(await collect(byBytes)).toEqual([droppedMarker(1), '€', 'a', 'b']);
  });

  it('has room again for what was read and for what was dropped', async () => {
    const queue = new LineQueue({ maxLines: 100, maxBytes: 4 });
    for (let round = 0; round < 3; round += 1) {
      for (const line of ['ab', 'cd']) queue.push(line);
      expect([(await queue.next()).value, (await queue.next()).value]).toEqual(['ab', 'cd']);
    }
    expect(queue.droppedLines).toBe(0);
    queue.push('longer');
    queue.push('abcd');
    queue.end();
    expect(await collect(queue)).toEqual([droppedMarker(1), 'abcd']);
  });

  it('has no more room for having been empty when it was read', async () => {
    const queue = new LineQueue({ maxLines: 100, maxBytes: 4 });
    const read = queue.next();
    queue.push('given away');
    await read;
    for (const line of ['abcd', 'e']) queue.push(line);
    expect(queue.droppedLines).toBe(1);
  });

  it('L11 says nothing of dropped lines once its reader has left', async () => {
    const queue = queueOf(1);
    for (const line of ['a', 'b']) queue.push(line);
    await queue.return();
    expect(await queue.next()).toEqual({ done: true, value: undefined });
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
