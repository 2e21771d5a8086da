/** Lines to a pipe that a test controls: order, one write at a time, stalls, and the first failure. */
import { Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { LineWriter } from '../../src/wire/line-writer.js';
import { outcomeOf, turn } from '../helpers/piped-server.js';

/** A pipe that takes a write only when it is told to. */
function slowPipe() {
  const writes: { readonly text: string; readonly done: (error?: Error) => void }[] = [];
  const stdin = new Writable({
    write: (chunk: Buffer, _encoding, done) => writes.push({ text: chunk.toString(), done }),
  });
  stdin.on('error', () => {});
  const events: unknown[] = [];
  const writer = new LineWriter(stdin, {
    writeFailed: (cause) => events.push(cause),
    stalledChanged: () => events.push(writer.isStalled ? 'stalled' : 'flowing'),
  });
  return { writes, stdin, events, writer };
}

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
    const { writes, writer } = slowPipe();
    writer.post('a\n');
    await turn();
    const later = ['b\n', 'c\n'].map((text) => writer.write(text));
    await turn();
    expect(writes).toHaveLength(1);
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
});

describe('a pipe that is not read', () => {
  test('is noticed after a whole turn, and so is its recovery', async () => {
    const { writes, events, writer } = slowPipe();
    writer.post('a\n');
    expect(writer.isStalled).toBe(false);
    await turn();
    await turn();
    expect(writer.isStalled).toBe(true);
    writes[0]?.done();
    await turn();
    expect(writer.isStalled).toBe(false);
    expect(events).toEqual(['stalled', 'flowing']);
  });

  test('those who wait can be rejected, and their lines still go out in order', async () => {
    const { writes, writer } = slowPipe();
    const waiting = ['a\n', 'b\n'].map((text) => writer.write(text));
    await turn();
    waiting.push(writer.write('c\n'));
    const full = new Error('full');
    writer.rejectWaiting(full);
    for (const write of waiting) expect(await outcomeOf(write)).toBe(full);
    writes[0]?.done();
    await turn();
    writes[1]?.done();
    await turn();
    expect(writes.map(({ text }) => text)).toEqual(['a\nb\n', 'c\n']);
  });
});

describe('a pipe that breaks', () => {
  test('L8 tells its owner once, and the error its owner gives ends every write', async () => {
    const { writes, events, writer } = slowPipe();
    const waiting = [writer.write('a\n')];
    await turn();
    waiting.push(writer.write('b\n'));
    const epipe = new Error('EPIPE');
    writes[0]?.done(epipe);
    await turn();
    expect(events).toContain(epipe);
    const closed = new Error('closed');
    writer.fail(closed);
    writer.fail(new Error('a later one'));
    waiting.push(writer.write('c\n'));
    for (const write of waiting) expect(await outcomeOf(write)).toBe(closed);
    expect(writes).toHaveLength(1);
    expect(events.filter((event) => event === epipe)).toHaveLength(1);
  });

  test('L8 a stdin that is closed already fails the write, and throws at nobody', async () => {
    const { stdin, events, writer } = slowPipe();
    stdin.destroy();
    writer.post('a\n');
    await turn();
    expect(events).toEqual([expect.objectContaining({ message: "the server's stdin is closed" })]);
  });
});
