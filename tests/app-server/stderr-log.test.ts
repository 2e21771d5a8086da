/** The server's stderr: drained, bounded, clean in messages, and handed out once as lines. */
import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { droppedMarker, LineQueue } from '../../src/app-server/stderr/line-queue.js';
import { LogLineSplitter } from '../../src/app-server/stderr/log-line-splitter.js';
import { StderrLog } from '../../src/app-server/stderr/stderr-log.js';
import { cleanStderrText } from '../../src/app-server/stderr/stderr-text.js';
import {
  STDERR_LINE_MAX_BYTES,
  STDERR_QUEUE_MAX_BYTES,
  STDERR_QUEUE_MAX_LINES,
  STDERR_TAIL_MAX_BYTES,
} from '../../src/support/defaults.js';
import { collect, readLine, start } from './processes.js';

const NEVER = new Promise<void>(() => {});

function logOf(...chunks: readonly (string | Buffer)[]): StderrLog {
  const stream = new PassThrough({ highWaterMark: 1 << 26 });
  for (const chunk of chunks) stream.write(chunk);
  stream.end();
  return new StderrLog({ stream, exited: NEVER, owned: true });
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

  it('keeps draining a stream that is not ours when the log has ended', async () => {
    const stream = new PassThrough();
    const log = new StderrLog({ stream, exited: Promise.resolve(), owned: false });
    await log.ended;
    expect(stream.destroyed).toBe(false);
    expect(stream.readableFlowing).toBe(true);
  });
});

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

describe('splitting', () => {
  it('any bytes in any chunks give the lines of the whole text', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'é', '😀', '\n', '\r\n', '\u2028', '\u001b') });
    fc.assert(
      fc.property(text, fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1 }), (whole, sizes) => {
        const bytes = Buffer.from(whole);
        const splitter = new LogLineSplitter(1_000_000);
        const lines: string[] = [];
        for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
          const size = sizes[turn % sizes.length] ?? 1;
          splitter.push(bytes.subarray(at, at + size), (line) => lines.push(line));
          at += size;
        }
        const rest = splitter.takeRest();
        const expected = whole.split(/\r?\n/);
        const last = expected.pop();
        expect(lines).toEqual(expected);
        expect(rest ?? '').toBe(last);
      }),
    );
  });

  it('cuts a line between characters, not inside one', () => {
    const splitter = new LogLineSplitter(5);
    const lines: string[] = [];
    splitter.push(Buffer.from('aé€😀\nabcde\n'), (line) => lines.push(line));
    expect(lines).toEqual(['aé... [5 more bytes]', 'abcde']);
  });
});

describe('cleaning', () => {
  it.each([
    ['\u001b[1;31mred\u001b[0m\u001b]0;title\u0007 \u009b1mtext', 'red text'],
    ['bell\u0007 null\0 tab\t stays', 'bell null tab\t stays'],
    ['Authorization: Bearer abc.def', 'Authorization: [masked]'],
    ['authorization: Basic dXNlcjpwYXNz, next', 'authorization: [masked], next'],
    ['{"authorization":"Bearer abc","model":"x"}', '{"authorization":"[masked]","model":"x"}'],
    ['sent Bearer abcdef123 to host', 'sent Bearer [masked] to host'],
    ['key sk-proj-AbC_d-0123456789 is bad', 'key [masked] is bad'],
    ['OPENAI_API_KEY=abcdef99', 'OPENAI_API_KEY=[masked]'],
    ['api-key: "abcdef99"', 'api-key: "[masked]"'],
    ['{\\"access_token\\":\\"abcdef99\\"}', '{\\"access_token\\":\\"[masked]\\"}'],
    ['"refresh_token": "v1.abc"', '"refresh_token": "[masked]"'],
    ['client_secret=abcdef99&x=1', 'client_secret=[masked]&x=1'],
    ['GET https://host/cb?code=abcdef99&state=1', 'GET https://host/cb?code=[masked]&state=1'],
    ['GET https://user:pa55@host/path', 'GET https://[masked]@host/path'],
    ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl.', '[masked].'],
    ['ghp_0123456789abcdefghij AKIA0123456789ABCDEF', '[masked] [masked]'],
    ['thread 019a-skip started in 5 ms, 12 tokens', 'thread 019a-skip started in 5 ms, 12 tokens'],
    ['token_count=123 task-runner desk-lamp-holder', 'token_count=123 task-runner desk-lamp-holder'],
  ])('%j becomes %j', (text, clean) => {
    expect(cleanStderrText(text)).toBe(clean);
  });
});
