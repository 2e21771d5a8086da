/** Lines to a pipe that a test controls: order, one write at a time, stalls, and the first failure. */
import { Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import type { Demand, Demands } from '../../src/support/demand.js';
import { LineWriter } from '../../src/wire/line-writer.js';
import { OutgoingText } from '../../src/wire/outgoing-text.js';
import { outcomeOf, turn } from '../helpers/piped-server.js';

/** Those who wait; with an error, whoever begins to wait, or waits already, is failed by it again. */
class NotingDemands implements Demands {
  readonly events: unknown[] = [];
  full: Error | undefined;

  enter(demand: Demand): void {
    this.events.push('stalled');
    if (this.full !== undefined) demand.fail(this.full);
  }

  leave(): void {
    this.events.push('flowing');
  }
}

/** A pipe that takes a write only when it is told to. */
function slowPipe() {
  const writes: { readonly text: string; readonly done: (error?: Error) => void }[] = [];
  const stdin = new Writable({
    write: (chunk: Buffer, _encoding, done) => writes.push({ text: chunk.toString(), done }),
  });
  stdin.on('error', () => {});
  const demands = new NotingDemands();
  const { events } = demands;
  const outgoing = new OutgoingText(1_000);
  /** What was handed to the pipe, as those who look on see it. */
  const seen: string[] = [];
  const writer = new LineWriter(stdin, demands, outgoing, { sent: (text) => seen.push(text) });
  const waiting = () => outgoing.stats();
  return { writes, stdin, events, demands, writer, waiting, seen };
}

describe('those who look on', () => {
  test('L1 see lines when they are handed to the pipe, and none that is taken back before', async () => {
    const { writes, writer, seen } = slowPipe();
    writer.post('a\n');
    writer.post('b\n');
    expect(seen).toEqual([]);
    await turn();
    const withdrawn = writer.post('c\n');
    writer.post('d\n');
    if (withdrawn !== undefined) writer.withdraw(withdrawn);
    await turn();
    expect(seen).toEqual(['a\nb\n']);
    writes[0]?.done();
    await turn();
    expect(seen).toEqual(['a\nb\n', 'd\n']);
  });

  test('L1 see a line before a pipe inside the process can bring its answer', () => {
    const order: string[] = [];
    const stdin = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        order.push(`written ${chunk.toString()}`);
        done();
      },
    });
    const taps = { sent: (text: string) => order.push(`seen ${text}`) };
    const writer = new LineWriter(stdin, new NotingDemands(), new OutgoingText(1_000), taps);
    writer.post('a\n');
    writer.flush();
    expect(order).toEqual(['seen a\n', 'written a\n']);
  });

  test('L1 see nothing of what a closed pipe cannot take', async () => {
    const { stdin, writer, seen } = slowPipe();
    stdin.destroy();
    writer.post('a\n');
    await writer.failed;
    expect(seen).toEqual([]);
  });
});

describe('the order of lines', () => {
  test('L8 lines of one turn go out in one write, in call order', async () => {
    const { writes, writer } = slowPipe();
    writer.post('a\n');
    const flushed = writer.write('b\n');
    writer.post('c\n');
    await turn();
    expect(writes.map(({ text }) => text)).toEqual(['a\nb\nc\n']);
    writes[0]?.done();
    await flushed;
  });

  test('L8 hands the pipe nothing more while a write is unflushed', async () => {
    const { writes, stdin, writer } = slowPipe();
    writer.post('a\n');
    await turn();
    const later = ['b\n', 'c\n'].map((text) => writer.write(text));
    await turn();
    expect(stdin.writableLength).toBe('a\n'.length);
    writer.flush();
    expect(stdin.writableLength).toBe('a\n'.length);
    writes[0]?.done();
    await turn();
    expect(writes.map(({ text }) => text)).toEqual(['a\n', 'b\nc\n']);
    writes[1]?.done();
    await Promise.all(later);
  });

  test('a write settles when the pipe has taken it, not before', async () => {
    const { writes, writer } = slowPipe();
    const flushed = writer.write('a\n');
    expect(await outcomeOf(flushed)).toBe('pending');
    writes[0]?.done();
    expect(await flushed).toBeUndefined();
  });

  test('bounds the text of one write', async () => {
    const { writes, writer } = slowPipe();
    const line = `${'x'.repeat(600_000)}\n`;
    for (let count = 0; count < 3; count += 1) writer.post(line);
    for (let write = 0; write < 3; write += 1) {
      await turn();
      writes[write]?.done();
    }
    expect(writes.map(({ text }) => text.length)).toEqual([600_001, 600_001, 600_001]);
  });

  test('bounds it at a mebibyte, and a longer line goes alone', async () => {
    const { writes, writer } = slowPipe();
    const half = 'x'.repeat(2 ** 19);
    const long = 'y'.repeat(2 ** 20 + 1);
    for (const line of [half, half, long, 'z', half, half]) writer.post(line);
    for (let write = 0; write < 4; write += 1) {
      await turn();
      writes[write]?.done();
    }
    expect(writes.map(({ text }) => text.length)).toEqual([2 ** 20, 2 ** 20 + 1, 2 ** 19 + 1, 2 ** 19]);
  });
});

describe('a pipe that is not read', () => {
  test('L4 is a demand after a whole turn, until it is read again', async () => {
    const { writes, events, writer } = slowPipe();
    writer.post('a\n');
    expect(events).toEqual([]);
    await turn();
    await turn();
    expect(events).toEqual(['stalled']);
    writes[0]?.done();
    await turn();
    expect(events).toEqual(['stalled', 'flowing']);
  });

  test('L4 is no demand when it takes each write within a turn', async () => {
    const { writes, events, writer } = slowPipe();
    for (let write = 0; write < 5; write += 1) {
      writer.post('a\n');
      await Promise.resolve();
      writes[write]?.done();
      await turn();
    }
    expect(writes).toHaveLength(5);
    expect(events).toEqual([]);
  });

  test('L4 a write of a call waits for a stuck pipe only', async () => {
    const { writes, events, writer } = slowPipe();
    const first = writer.write('a\n');
    await Promise.resolve();
    const second = writer.write('b\n');
    expect(events).toEqual([]);
    await turn();
    await turn();
    const third = writer.write('c\n');
    expect(events).toEqual(['stalled', 'stalled']);
    writes[0]?.done();
    await first;
    writes[1]?.done();
    await Promise.all([second, third]);
    expect(events).toEqual(['stalled', 'stalled', 'flowing']);
  });

  test('L4 a later write is judged by its own turn', async () => {
    const { writes, events, writer } = slowPipe();
    writer.post('a\n');
    await Promise.resolve();
    writer.post('b\n');
    // The look at the first write comes in this turn of the event loop, and the second has only just begun.
    const looked = new Promise<unknown[]>((resolve) => setImmediate(() => resolve([...events])));
    process.nextTick(() => writes[0]?.done());
    expect(await looked).toEqual([]);
    expect(writes).toHaveLength(2);
    await turn();
    await turn();
    expect(events).toEqual(['stalled']);
  });

  test('L5 those who wait can be rejected, and their lines still go out in order', async () => {
    const { writes, events, writer } = slowPipe();
    const waiting = ['a\n', 'b\n'].map((text) => writer.write(text));
    await turn();
    waiting.push(writer.write('c\n'));
    const full = new Error('full');
    writer.fail(full);
    for (const write of waiting) expect(await outcomeOf(write)).toBe(full);
    // The pipe is stuck as before: it is a demand that goes on.
    expect(events).not.toContain('flowing');
    writes[0]?.done();
    await turn();
    writes[1]?.done();
    await turn();
    expect(writes.map(({ text }) => text)).toEqual(['a\nb\n', 'c\n']);
    expect(events.at(-1)).toBe('flowing');
  });

  test('L5 who begins to wait for it where there is no room is rejected like the others', async () => {
    const { writes, demands, writer } = slowPipe();
    const first = writer.write('a\n');
    demands.full = new Error('full');
    expect(await outcomeOf(first)).toBe(demands.full);
    expect(await outcomeOf(writer.write('b\n'))).toBe(demands.full);
    demands.full = undefined;
    const third = writer.write('c\n');
    writes[0]?.done();
    await turn();
    writes[1]?.done();
    expect(await outcomeOf(third)).toBeUndefined();
    expect(writes.map(({ text }) => text)).toEqual(['a\n', 'b\nc\n']);
  });

  test('posts whose line has been taken are told so, and not before', async () => {
    const { writes, writer } = slowPipe();
    const taken: string[] = [];
    writer.post('a\n', () => taken.push('a'));
    await turn();
    writer.post('b\n', () => taken.push('b'));
    writer.fail(new Error('full'));
    expect(taken).toEqual([]);
    writes[0]?.done();
    await turn();
    expect(taken).toEqual(['a']);
    writes[1]?.done();
    await turn();
    expect(taken).toEqual(['a', 'b']);
  });

  test('L8 sixty-four lines go out at once, and a flush does not wait for the turn to end', () => {
    const { writes, writer } = slowPipe();
    for (let line = 0; line < 63; line += 1) writer.post('a\n');
    expect(writes).toHaveLength(0);
    writer.post('a\n');
    expect(writes.map(({ text }) => text.length)).toEqual([128]);
    writer.post('b\n');
    writer.flush();
    expect(writes).toHaveLength(1);
    const other = slowPipe();
    other.writer.flush();
    other.writer.post('a\n');
    other.writer.flush();
    expect(other.writes).toHaveLength(1);
  });
});

describe('what waits', () => {
  test('L8 is counted in bytes until the pipe has taken it', async () => {
    const { writes, writer, waiting } = slowPipe();
    writer.post('é\n');
    await turn();
    writer.post('ab\n');
    writer.write('cd\n');
    expect(waiting()).toEqual({ messages: 3, bytes: 9, peakBytes: 9 });
    writes[0]?.done();
    await turn();
    expect(waiting()).toMatchObject({ messages: 2, bytes: 6 });
    writes[1]?.done();
    await turn();
    expect(waiting()).toEqual({ messages: 0, bytes: 0, peakBytes: 9 });
  });

  test('L8 is not written once it was taken back, which the pipe’s own cannot be', async () => {
    const { writes, writer, waiting } = slowPipe();
    const lines = ['a\n', 'b\n', 'c\n', 'd\n'].map((text) => {
      const line = writer.post(text);
      if (text === 'a\n') writer.flush();
      return line;
    });
    expect(lines.map((line) => line?.isQueued)).toEqual([false, true, true, true]);
    expect(lines.map((line) => line !== undefined && writer.withdraw(line))).toEqual([
      false,
      true,
      true,
      true,
    ]);
    writer.post('e\n');
    expect(waiting()).toMatchObject({ messages: 2, bytes: 4 });
    writes[0]?.done();
    await turn();
    writes[1]?.done();
    await turn();
    expect(writes.map(({ text }) => text)).toEqual(['a\n', 'e\n']);
    expect(waiting()).toMatchObject({ messages: 0, bytes: 0 });
  });

  test('L8 is nothing any more when the writer is closed', async () => {
    const { writes, writer, waiting } = slowPipe();
    writer.post('a\n');
    await turn();
    writer.post('b\n');
    writer.close(new Error('closed'));
    expect(waiting()).toMatchObject({ messages: 0, bytes: 0 });
    writes[0]?.done();
    await turn();
    expect(waiting()).toMatchObject({ messages: 0, bytes: 0 });
    expect(writer.post('c\n')).toBeUndefined();
  });
});

describe('a pipe that breaks', () => {
  test('L8 is told once, and the error that closes the writer ends every write', async () => {
    const { writes, events, writer } = slowPipe();
    const waiting = [writer.write('a\n')];
    await turn();
    await turn();
    waiting.push(writer.write('b\n'));
    const epipe = new Error('EPIPE');
    writes[0]?.done(epipe);
    expect(await writer.failed).toBe(epipe);
    const closed = new Error('closed');
    writer.close(closed);
    writer.close(new Error('a later one'));
    waiting.push(writer.write('c\n'));
    writer.post('d\n');
    for (const write of waiting) expect(await outcomeOf(write)).toBe(closed);
    await turn();
    expect(writes).toHaveLength(1);
    expect(events).toEqual(['stalled', 'stalled', 'flowing']);
    expect(await writer.failed).toBe(epipe);
  });

  test('L8 a stdin that is closed already fails the write, and throws at nobody', async () => {
    const { stdin, events, writer } = slowPipe();
    stdin.destroy();
    writer.post('a\n');
    expect(await writer.failed).toMatchObject({ message: "the server's stdin is closed" });
    await turn();
    await turn();
    expect(events).toEqual([]);
  });

  test('L8 a line for a stdin that is closed can be taken back: it is sent to nobody', async () => {
    const { stdin, writer } = slowPipe();
    stdin.destroy();
    const line = writer.post('a\n');
    await writer.failed;
    expect(line?.isQueued).toBe(true);
    expect(line !== undefined && writer.withdraw(line)).toBe(true);
  });

  test('L8 a stdin that throws fails the write, too', async () => {
    const { stdin, writer } = slowPipe();
    const thrown = new RangeError('too much for it');
    stdin.write = () => {
      throw thrown;
    };
    writer.post('a\n');
    expect(await writer.failed).toBe(thrown);
  });

  test('L8 a stdin that was ended fails the write as well', async () => {
    const { stdin, writer } = slowPipe();
    stdin.end();
    writer.post('a\n');
    expect(await writer.failed).toMatchObject({ message: "the server's stdin is closed" });
  });

  test('a writer that is closed over a pipe that works hands it nothing more, and waits for nobody', async () => {
    const { writes, stdin, events, writer } = slowPipe();
    const taken: string[] = [];
    writer.post('a\n', () => taken.push('a'));
    await Promise.resolve();
    writer.post('b\n', () => taken.push('b'));
    writer.close(new Error('closed'));
    writer.post('c\n', () => taken.push('c'));
    await turn();
    await turn();
    expect(events).toEqual([]);
    writes[0]?.done();
    await turn();
    writer.flush();
    await turn();
    expect(writes.map(({ text }) => text)).toEqual(['a\n']);
    expect(stdin.writableLength).toBe(0);
    expect(taken).toEqual([]);
  });

  test('closing a writer whose pipe has taken everything is no failure', async () => {
    const { writes, events, writer } = slowPipe();
    const write = writer.write('a\n');
    await turn();
    writes[0]?.done();
    await write;
    writer.close(new Error('closed'));
    expect(await outcomeOf(writer.failed)).toBe('pending');
    expect(events.filter((event) => event === 'stalled')).toHaveLength(
      events.filter((event) => event === 'flowing').length,
    );
  });
});
