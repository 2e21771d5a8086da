/** Lines on their way to the file: in order, in big pieces, one write at a time, and bounded. */
import { describe, expect, test } from 'vitest';
import { type Deferred, deferred } from '../../../src/support/deferred.js';
import { Redaction } from '../../../src/testing/tapes/redaction.js';
import { TapeMasking } from '../../../src/testing/tapes/tape-masking.js';
import { GATHERED_MAX_CHARS, TapeWriter } from '../../../src/testing/tapes/tape-writer.js';
import { outcomeOf } from '../../helpers/piped-server.js';

/** A file whose writes end when a test says so. */
class HeldFile {
  readonly writes: { readonly text: string; readonly done: Deferred<number> }[] = [];
  closings = 0;
  closingError: Error | undefined;
  #next = deferred<void>();

  write(text: string): Promise<number> {
    const done = deferred<number>();
    this.writes.push({ text, done });
    this.#next.resolve();
    return done.promise;
  }

  close(): void {
    this.closings += 1;
    if (this.closingError !== undefined) throw this.closingError;
  }

  /** Settles with what the next write writes; it takes it when `answer` is called. */
  async written(): Promise<{
    readonly text: string;
    readonly take: () => void;
    readonly fail: (error: Error) => void;
  }> {
    while (this.writes.length === 0) await this.#next.promise;
    this.#next = deferred();
    const [write] = this.writes.splice(0, 1);
    if (write === undefined) throw new Error('there is no write');
    const { text, done } = write;
    return { text, take: () => done.resolve(text.length), fail: (error) => done.reject(error) };
  }
}

function startWriter() {
  const file = new HeldFile();
  return { file, writer: new TapeWriter(file, new TapeMasking(new Redaction())) };
}

const line = (n: number) => `{"atMs":${n},"received":{"id":${n}}}\n`;

describe('a writer', () => {
  test('gathers what comes before the first line, and what comes during a write', async () => {
    const { file, writer } = startWriter();
    writer.add(line(1), true);
    expect(writer.hasBegun).toBe(false);
    writer.begin('header\n');
    expect(writer.hasBegun).toBe(true);
    writer.add(line(2), true);
    const first = await file.written();
    expect(first.text).toBe(`header\n${line(1)}${line(2)}`);
    for (const n of [3, 4, 5]) writer.add(line(n), false);
    expect(file.writes).toEqual([]);
    first.take();
    const second = await file.written();
    expect(second.text).toBe(line(3) + line(4) + line(5));
    const end = writer.end();
    expect(file.closings).toBe(0);
    second.take();
    expect(await end).toBe(first.text.length + second.text.length);
    expect(file.closings).toBe(1);
  });

  test('masks what it writes', async () => {
    const { file, writer } = startWriter();
    writer.begin('header\n');
    writer.add('{"atMs":1,"sent":{"params":{"token":"abc"}}}\n', false);
    expect((await file.written()).text).toBe('header\n{"atMs":1,"sent":{"params":{"token":"[masked]"}}}\n');
  });

  test.each([
    ['behind the first line', (writer: TapeWriter) => writer.begin('header\n')],
    ['before it', undefined],
  ])('has a gap for a last line of the server that is no message, added %s', async (_when, begin) => {
    const { file, writer } = startWriter();
    begin?.(writer);
    writer.add('{"atMs":1,"received":{"id":}\n', true);
    writer.add('{"atMs":2,"ended":{}}\n', false);
    if (begin === undefined) writer.begin('header\n');
    expect((await file.written()).text).toBe('header\n{"atMs":1,"missed":1}\n{"atMs":2,"ended":{}}\n');
  });

  test('is full at its bound, and has room again when a write takes what was gathered', async () => {
    const { file, writer } = startWriter();
    writer.begin('header\n');
    const first = await file.written();
    expect(await outcomeOf(writer.untilRoom())).toBeUndefined();
    writer.add(`${' '.repeat(GATHERED_MAX_CHARS)}\n`, false);
    expect(writer.isFull).toBe(true);
    const room = writer.untilRoom();
    expect(await outcomeOf(room)).toBe('pending');
    first.take();
    expect(await outcomeOf(room)).toBeUndefined();
    expect(writer.isFull).toBe(false);
  });
});

describe('a disk that fails', () => {
  const full = Object.assign(new Error('no space'), { code: 'ENOSPC' });

  test('is told, makes room for who waits, and nothing is written any more', async () => {
    const { file, writer } = startWriter();
    writer.begin('header\n');
    const first = await file.written();
    writer.add(`${' '.repeat(GATHERED_MAX_CHARS)}\n`, false);
    const room = writer.untilRoom();
    first.fail(full);
    await expect(writer.failed).rejects.toBe(full);
    await room;
    writer.add(line(1), true);
    await expect(writer.end()).rejects.toBe(full);
    expect(file.writes).toEqual([]);
    expect(file.closings).toBe(1);
  });

  test('is told when it fails only when the file is closed', async () => {
    const { file, writer } = startWriter();
    file.closingError = full;
    writer.begin('header\n');
    (await file.written()).take();
    await expect(writer.end()).rejects.toBe(full);
  });
});
