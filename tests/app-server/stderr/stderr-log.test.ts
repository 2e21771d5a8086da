/** The server's stderr: drained, bounded, clean in messages, and handed out once as lines. */
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { droppedMarker } from '../../../src/app-server/stderr/line-queue.js';
import { StderrLog } from '../../../src/app-server/stderr/stderr-log.js';
import {
  STDERR_LINE_MAX_BYTES,
  STDERR_QUEUE_MAX_BYTES,
  STDERR_QUEUE_MAX_LINES,
  STDERR_TAIL_MAX_BYTES,
} from '../../../src/support/defaults.js';
import { collect, readLine, start } from '../processes.js';

const NEVER = new Promise<void>(() => {});

function logOf(...chunks: readonly (string | Buffer)[]): StderrLog {
  const stream = new PassThrough({ highWaterMark: 1 << 26 });
  for (const chunk of chunks) stream.write(chunk);
  stream.end();
  return new StderrLog({ stream, exited: NEVER, owned: true });
}

/** A stream whose end was read. */
async function readToEnd(stream: PassThrough): Promise<PassThrough> {
  stream.end();
  await once(stream.resume(), 'end');
  return stream;
}

describe('stderr of a real process', () => {
  it('undrained it would block the child: 200,000 lines that nobody takes do not', async () => {
    const server = await start('floods-stderr', ['200000']);
    expect(await readLine(server.stdout)).toBe('done');
    await server.stop();
    await server.stderr.ended;
    expect(server.stderr.tail.endsWith('line 199998\nline 199999')).toBe(true);
    expect(Buffer.byteLength(server.stderr.tail)).toBeLessThanOrEqual(STDERR_TAIL_MAX_BYTES);
    expect(server.stderr.tail).toMatch(/^line \d+\n/);
  });

  it('a reader that lags gets one line in place of the dropped ones, and the newest lines whole', async () => {
    const server = await start('floods-stderr', ['200000']);
    const taken = server.stderr.take();
    expect(await readLine(server.stdout)).toBe('done');
    await server.stop();
    await server.stderr.ended;
    const lines = await collect(taken);
    const dropped = 200_000 - STDERR_QUEUE_MAX_LINES;
    expect(lines).toHaveLength(STDERR_QUEUE_MAX_LINES + 1);
    expect(lines[0]).toBe(droppedMarker(dropped));
    expect(lines[1]).toBe(`line ${dropped}`);
    expect(lines.at(-1)).toBe('line 199999');
    expect(server.stderr.droppedLines).toBe(dropped);
  });

  it('a process that exits at once leaves its last words, also without a line end', async () => {
    const server = await start('exits-at-once');
    await server.exited;
    await server.stderr.ended;
    expect(server.stderr.tail).toBe('Error: config.toml line 3: unknown key\nno server for you');
    expect(await collect(server.stderr.take())).toEqual([
      'Error: config.toml line 3: unknown key',
      'no server for you',
    ]);
  });

  it('the tail has no ANSI sequences and no secrets; the lines are as they were written', async () => {
    const server = await start('ansi-and-secrets');
    await server.stderr.ended;
    expect(server.stderr.tail).toBe(
      'ERROR request failed: Authorization: [masked]\nOPENAI_API_KEY=[masked] was refused',
    );
    expect((await collect(server.stderr.take()))[0]).toContain('\u001b[31mERROR');
  });
});

describe('the log', () => {
  it('is taken once', async () => {
    const log = logOf('a\nb\r\nc');
    const lines = log.take();
    expect(log.take()).toBeUndefined();
    expect(await collect(lines)).toEqual(['a', 'b', 'c']);
    expect(log.receivedBytes).toBe(6);
  });

  it('gives the tail of what came so far, an unfinished line included', async () => {
    const stream = new PassThrough();
    const log = new StderrLog({ stream, exited: NEVER, owned: true });
    stream.write('first\nsecond ha');
    await new Promise((resolve) => setImmediate(resolve));
    expect(log.tail).toBe('first\nsecond ha');
  });

  it('bounds a huge line that never ends', async () => {
    const log = logOf(Buffer.alloc(1 << 20, 'x'), 'é'.repeat(1 << 20));
    await log.ended;
    const [line, ...more] = await collect(log.take());
    expect(more).toEqual([]);
    expect(line?.endsWith(`x... [${3 * (1 << 20) - STDERR_LINE_MAX_BYTES} more bytes]`)).toBe(true);
    expect(line?.length).toBeLessThan(STDERR_LINE_MAX_BYTES + 40);
    expect(log.tail).toBe(line);
  });

  it('bounds the bytes of the lines that wait', async () => {
    const long = `${'x'.repeat(STDERR_LINE_MAX_BYTES - 1)}\n`;
    const log = logOf(long.repeat(100));
    await log.ended;
    const lines = await collect(log.take());
    const kept = Math.floor(STDERR_QUEUE_MAX_BYTES / (STDERR_LINE_MAX_BYTES - 1));
    expect(lines).toHaveLength(kept + 1);
    expect(lines[0]).toBe(droppedMarker(100 - kept));
  });

  it('ends with the exit when the pipe stays open, and takes along what is still in the pipe', async () => {
    const stream = new PassThrough();
    stream.write('in the pipe\n');
    const log = new StderrLog({ stream, exited: Promise.resolve(), owned: true });
    await log.ended;
    expect(await collect(log.take())).toEqual(['in the pipe']);
    expect(stream.destroyed).toBe(true);
  });

  it.each<[string, (stream: PassThrough) => unknown]>([
    ['ends', (stream) => stream.emit('end')],
    ['closes', (stream) => stream.emit('close')],
    ['breaks', (stream) => stream.emit('error', new Error('broken'))],
  ])('ends when its stream %s, whatever else it does', async (_, leave) => {
    const stream = new PassThrough();
    const log = new StderrLog({ stream, exited: NEVER, owned: false });
    leave(stream);
    await log.ended;
    expect(await collect(log.take())).toEqual([]);
  });

  it.each<[string, () => Promise<PassThrough>]>([
    ['ended', async () => readToEnd(new PassThrough({ autoDestroy: false }))],
    ['was closed', async () => new PassThrough().destroy()],
  ])('has ended when its stream %s before', async (_, make) => {
    const log = new StderrLog({ stream: await make(), exited: NEVER, owned: true });
    await log.ended;
    expect(log.tail).toBe('');
  });

  it.each([null, undefined])('is empty and over when the stderr is %s', async (stream) => {
    const log = new StderrLog({ stream, exited: NEVER, owned: true });
    await log.ended;
    expect(log.tail).toBe('');
    expect(await collect(log.take())).toEqual([]);
  });

  it('is harmed by no error of its stream, also when it is over', async () => {
    const stream = new PassThrough();
    const log = new StderrLog({ stream, exited: NEVER, owned: false });
    stream.emit('error', new Error('broken'));
    await log.ended;
    expect(stream.emit('error', new Error('broken again'))).toBe(true);
  });

  it('counts the bytes of a stream of texts', async () => {
    const stream = new PassThrough({ encoding: 'utf8' });
    stream.end('é\n');
    const log = new StderrLog({ stream, exited: NEVER, owned: true });
    await log.ended;
    expect(log.receivedBytes).toBe(3);
    expect(await collect(log.take())).toEqual(['é']);
  });

  it('takes in nothing that comes after its end', async () => {
    const stream = new PassThrough();
    const log = new StderrLog({ stream, exited: Promise.resolve(), owned: false });
    await log.ended;
    stream.write('later\n');
    await new Promise((resolve) => setImmediate(resolve));
    expect(log.receivedBytes).toBe(0);
    expect(stream.readableLength).toBe(0);
    expect(log.tail).toBe('');
  });

  it('keeps draining a stream that is not ours when the log has ended', async () => {
    const stream = new PassThrough();
    const log = new StderrLog({ stream, exited: Promise.resolve(), owned: false });
    await log.ended;
    expect(stream.destroyed).toBe(false);
    expect(stream.readableFlowing).toBe(true);
  });
});
