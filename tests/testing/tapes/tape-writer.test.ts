/** Lines on their way to the file: in order, in big pieces, one write at a time, and bounded. */
import { Buffer } from 'node:buffer';
import { describe, expect, test } from 'vitest';
import { type Deferred, deferred } from '../../../src/support/deferred.js';
import { Redaction } from '../../../src/testing/tapes/redaction.js';
import { type TapeEntry, TapeMasking } from '../../../src/testing/tapes/tape-masking.js';
import { GATHERED_MAX_CHARS, TapeWriter } from '../../../src/testing/tapes/tape-writer.js';
import { outcomeOf } from '../../helpers/piped-server.js';

/** A file whose writes end when a test says so. */
class HeldFile {
  readonly writes: { readonly text: string; readonly done: Deferred<number> }[] = [];
  readonly atOnce: string[] = [];
  closings = 0;
  closingError: Error | undefined;
  #next = deferred<void>();

  write(bytes: Uint8Array): Promise<number> {
    const done = deferred<number>();
    this.writes.push({ text: Buffer.from(bytes).toString(), done });
    this.#next.resolve();
    return done.promise;
  }

  /** Takes all at once. */
  async writeNow(bytes: Uint8Array): Promise<number> {
    this.atOnce.push(Buffer.from(bytes).toString());
    return bytes.length;
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

const entry = (n: number): TapeEntry => ({ kind: 'received', atMs: n, text: `{"id":${n}}` });
const line = (n: number) => `{"atMs":${n},"received":{"id":${n}}}\n`;
const huge: TapeEntry = { kind: 'sent', atMs: 0, text: ' '.repeat(GATHERED_MAX_CHARS) };

describe('a writer', () => {
  test('gathers what comes before the first line, and what comes during a write', async () => {
    const { file, writer } = startWriter();
    writer.add(entry(1));
    expect(writer.hasBegun).toBe(false);
    writer.begin('header');
    expect(writer.hasBegun).toBe(true);
    writer.add(entry(2));
    const header = await file.written();
    expect(header.text).toBe('header\n');
    header.take();
    const first = await file.written();
    expect(first.text).toBe(line(1) + line(2));
    for (const n of [3, 4, 5]) writer.add(entry(n));
    expect(file.writes).toEqual([]);
    first.take();
    const second = await file.written();
    expect(second.text).toBe(line(3) + line(4) + line(5));
    const end = writer.end();
    expect(file.closings).toBe(0);
    second.take();
    expect(await end).toBe(header.text.length + first.text.length + second.text.length);
    expect(file.closings).toBe(1);
  });

  test('masks what it writes, and has a gap for a last message that is none', async () => {
    const { file, writer } = startWriter();
    writer.begin('header');
    writer.add({ kind: 'sent', atMs: 1, text: '{"params":{"token":"abc"}}' });
    writer.add({ kind: 'received', atMs: 1, text: '{"id":}' });
    (await file.written()).take();
    expect((await file.written()).text).toBe(
      '{"atMs":1,"sent":{"params":{"token":"[masked]"}}}\n{"atMs":1,"missed":1}\n',
    );
  });

  test('is full at its bound, and has room again when a write takes what was gathered', async () => {
    const { file, writer } = startWriter();
    writer.begin('header');
    const header = await file.written();
    expect(await outcomeOf(writer.untilRoom())).toBeUndefined();
    header.take();
    writer.add(entry(1));
    const first = await file.written();
    writer.add(huge);
    expect(writer.isFull).toBe(true);
    const room = writer.untilRoom();
    expect(await outcomeOf(room)).toBe('pending');
    first.take();
    expect(await outcomeOf(room)).toBeUndefined();
    expect(writer.isFull).toBe(false);
  });
});

test('a flood is written without waiting for the disk, in its place', async () => {
  const { file, writer } = startWriter();
  writer.begin('header');
  writer.add(entry(1));
  const header = await file.written();
  header.take();
  const first = await file.written();
  writer.add(huge);
  writer.add(entry(2));
  expect(file.atOnce).toEqual([]);
  first.take();
  const bytes = await writer.end();
  const written = header.text + first.text + file.atOnce.join('');
  expect(written).toBe(`header\n${line(1)}{"atMs":0,"sent":${huge.text}}\n${line(2)}`);
  expect(bytes).toBe(written.length);
});

describe('a disk that fails', () => {
  const full = Object.assign(new Error('no space'), { code: 'ENOSPC' });

  test('is told, makes room for who waits, and nothing is written any more', async () => {
    const { file, writer } = startWriter();
    writer.add(entry(1));
    writer.begin('header');
    (await file.written()).take();
    const first = await file.written();
    writer.add(huge);
    const room = writer.untilRoom();
    first.fail(full);
    await expect(writer.failed).rejects.toBe(full);
    await room;
    writer.add(entry(1));
    await expect(writer.end()).rejects.toBe(full);
    expect(file.writes).toEqual([]);
    expect(file.closings).toBe(1);
  });

  test('is told when it fails only when the file is closed', async () => {
    const { file, writer } = startWriter();
    file.closingError = full;
    writer.begin('header');
    (await file.written()).take();
    await expect(writer.end()).rejects.toBe(full);
  });
});
