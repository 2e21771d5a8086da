/** A program's two pipes as one stream. */
import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { proxyPipe } from '../../../src/app-server/connection/proxy-pipe.js';
import type { ProcessExit } from '../../../src/app-server/lifetime/process-exit.js';
import { deferred } from '../../../src/support/deferred.js';
import { turn } from '../../helpers/piped-server.js';

function startPipe(highWaterMark = 16_384) {
  const exit = deferred<ProcessExit>();
  const stdin = new PassThrough({ highWaterMark });
  const stdout = new PassThrough({ highWaterMark });
  return { exit, stdin, stdout, pipe: proxyPipe({ stdin, stdout, exited: exit.promise }) };
}

async function textOf(stream: AsyncIterable<Buffer>): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += chunk.toString();
  return text;
}

describe('a proxy’s pipe', () => {
  test('gives the program what is written, in order, also what is written at once', async () => {
    const { stdin, pipe } = startPipe();
    pipe.write('a');
    pipe.cork();
    pipe.write('b');
    pipe.write('c');
    pipe.uncork();
    pipe.end('d');
    expect(await textOf(stdin)).toBe('abcd');
  });

  test('gives what the program writes, and ends when its output does', async () => {
    const { stdout, pipe } = startPipe();
    stdout.write('ab');
    stdout.end('c');
    expect(await textOf(pipe)).toBe('abc');
  });

  test('ends when the program is gone and somebody else holds its output open', async () => {
    const { stdout, exit, pipe } = startPipe();
    stdout.write('last words');
    exit.resolve({ exitCode: 1, signal: null });
    expect(await textOf(pipe)).toBe('last words');
  });

  test('does not read on while nobody takes what it has', async () => {
    const { stdout, pipe } = startPipe(10);
    pipe.pause();
    for (let n = 0; n < 20_000 && stdout.write('0123456789'); n += 1) await turn();
    expect(stdout.writableNeedDrain).toBe(true);
    stdout.end();
    expect((await textOf(pipe)).length).toBeGreaterThan(10_000);
  });

  test('breaks when the program takes no more', async () => {
    const { stdin, pipe } = startPipe();
    const broke = new Promise((resolve) => pipe.once('error', resolve));
    stdin.on('error', () => {});
    stdin.destroy(new Error('it closed its stdin'));
    pipe.write('a');
    expect(await broke).toBeInstanceOf(Error);
  });
});
