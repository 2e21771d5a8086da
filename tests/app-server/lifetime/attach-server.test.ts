/** Children that somebody else started: what is accepted, who stops them, and when they count as gone. */
import { spawn } from 'node:child_process';
import { PassThrough } from 'node:stream';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { attachServer } from '../../../src/app-server/lifetime/attach-server.js';
import type { AttachableChild } from '../../../src/app-server/lifetime/attachable-child.js';
import { InvalidArgumentError } from '../../../src/support/errors.js';
import { collect, fixture, isRunning, readLine } from '../processes.js';
import { GRACE_MS, holdGraces, passGrace } from './graces.js';

const spawnFixture = (name: string) => spawn(process.execPath, [fixture(name)]);

holdGraces();

describe('attach', () => {
  it('takes a ChildProcess, which has kill, and stops it', async () => {
    const server = attachServer(spawnFixture('ignores-sigterm'), { shutdownGraceMs: GRACE_MS });
    expect(await readLine(server.stdout)).toBe('ready');
    const stopped = server.stop();
    await passGrace();
    expect(server.hasExited).toBe(false);
    await passGrace();
    await stopped;
    expect(await server.exited).toEqual({ exitCode: null, signal: 'SIGKILL' });
  });

  it('takes an execa subprocess and stops it', async () => {
    const server = attachServer(
      execa(process.execPath, [fixture('ends-with-stdin')], { buffer: false, reject: false }),
    );
    expect(await readLine(server.stdout)).toBe('ready');
    await server.stop();
    expect(await server.exited).toEqual({ exitCode: 0, signal: null });
  });

  it('L13 leaves a child without kill alive, its stdin open', async () => {
    const child = spawnFixture('ends-with-stdin');
    const { stdin, stdout, stderr, pid } = child;
    const server = attachServer({ stdin, stdout, stderr, pid });
    expect(await readLine(server.stdout)).toBe('ready');
    await server.stop();
    server.release();
    expect(stdin.writableEnded).toBe(false);
    expect(stdout.destroyed).toBe(false);
    expect(pid !== undefined && (await isRunning(pid))).toBe(true);
    child.kill('SIGKILL');
  });

  it('takes bare streams, whose exit is the end of stdout', async () => {
    const stdout = new PassThrough();
    const server = attachServer({ stdin: new PassThrough(), stdout });
    expect(server.pid).toBeUndefined();
    expect(server.hasExited).toBe(false);
    stdout.end('bye\n');
    expect(await readLine(server.stdout)).toBe('bye');
    stdout.read();
    expect(await server.exited).toEqual({ exitCode: null, signal: null });
    expect(server.stderr.tail).toBe('');
    expect(await collect(server.stderr.take())).toEqual([]);
  });

  it('takes streams with an exit, which is when that is told, whatever their stdout does', async () => {
    const stdout = new PassThrough();
    let tell: (exit: { exitCode: number; signal: null }) => void = () => {};
    const exit = new Promise<{ exitCode: number; signal: null }>((resolve) => {
      tell = resolve;
    });
    const server = attachServer({ stdin: new PassThrough(), stdout, exit });
    const ended = new Promise((resolve) => stdout.once('end', resolve));
    stdout.resume().end();
    await ended;
    expect(server.hasExited).toBe(false);
    tell({ exitCode: 7, signal: null });
    expect(await server.exited).toEqual({ exitCode: 7, signal: null });
  });

  it('believes a ChildProcess about its exit, and nobody else', async () => {
    const child = Object.assign(spawnFixture('exits-at-once'), {
      exit: Promise.resolve({ exitCode: 0, signal: null }),
    });
    expect(await attachServer(child).exited).toEqual({ exitCode: 7, signal: null });
  });

  it('pauses a stdout that flows: what comes before there is a reader is kept', async () => {
    const stdout = new PassThrough();
    stdout.resume();
    const server = attachServer({ stdin: new PassThrough(), stdout });
    expect(stdout.isPaused()).toBe(true);
    stdout.write('kept\n');
    expect(await readLine(server.stdout)).toBe('kept');
  });

  it('has the pid and the stderr of the child, if it has them', async () => {
    const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
    const server = attachServer({ stdin, stdout, stderr, pid: 4711 });
    expect(server.pid).toBe(4711);
    stderr.end('said\n');
    await server.stderr.ended;
    expect(server.stderr.tail).toBe('said');
  });

  it.each([
    ['with kill are closed', () => true, true],
    ['without kill stay open', undefined, false],
  ])('the pipes of a child %s when it is released', (_, kill, closed) => {
    const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
    const server = attachServer({ stdin, stdout, stderr, ...(kill === undefined ? {} : { kill }) });
    server.release();
    expect([stdin, stdout, stderr].map(({ destroyed }) => destroyed)).toEqual([closed, closed, closed]);
  });

  it('a child with kill and without stderr can be released', () => {
    const stdout = new PassThrough();
    attachServer({ stdin: new PassThrough(), stdout, kill: () => true }).release();
    expect(stdout.destroyed).toBe(true);
  });

  it.each([
    ['of a child with kill is closed', () => true, true],
    ['of a child without kill is left open', undefined, false],
  ])('the stderr %s when the server is gone', async (_, kill, closed) => {
    const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
    const server = attachServer({ stdin, stdout, stderr, ...(kill === undefined ? {} : { kill }) });
    stdout.resume().end();
    await server.stderr.ended;
    expect(stderr.destroyed).toBe(closed);
  });

  it('waits two seconds for each step when nothing else is said', async () => {
    const signals: string[] = [];
    const kill = (signal: string) => signals.push(signal);
    const server = attachServer({ stdin: new PassThrough(), stdout: new PassThrough(), kill });
    const stopped = server.stop();
    await passGrace(1_999);
    expect(signals).toEqual([]);
    await passGrace(1);
    expect(signals).toEqual(['SIGTERM']);
    await passGrace(4_000);
    await stopped;
  });

  it('takes every step of stopping through kill, and never hangs over one that does nothing', async () => {
    const signals: string[] = [];
    const stdin = new PassThrough();
    const server = attachServer(
      { stdin, stdout: new PassThrough(), kill: (signal) => signals.push(signal) },
      { shutdownGraceMs: GRACE_MS },
    );
    const stopped = server.stop();
    expect(stdin.writableEnded).toBe(true);
    expect(signals).toEqual([]);
    await passGrace();
    expect(signals).toEqual(['SIGTERM']);
    await passGrace();
    expect(signals).toEqual(['SIGTERM', 'SIGKILL']);
    await passGrace();
    await stopped;
    expect(await server.exited).toEqual({ exitCode: null, signal: null });
  });

  it('goes on when kill throws', async () => {
    const kill = () => {
      throw new Error('no such session');
    };
    const server = attachServer(
      { stdin: new PassThrough(), stdout: new PassThrough(), kill },
      { shutdownGraceMs: GRACE_MS },
    );
    const stopped = server.stop();
    for (let step = 0; step < 3; step += 1) await passGrace();
    await stopped;
    expect(server.hasExited).toBe(true);
  });

  it('sees that a child could not be started, and does not end the host over it', async () => {
    const server = attachServer(spawn('/no/such/program'));
    expect(await server.exited).toEqual({ exitCode: null, signal: null });
    await server.stop();
  });

  it('a broken stream of an attached child is no uncaught error', async () => {
    const stdin = new PassThrough();
    const stdout = new PassThrough();
    const stderr = new PassThrough();
    const server = attachServer({ stdin, stdout, stderr });
    for (const stream of [stdin, stdout, stderr]) stream.destroy(new Error('broken'));
    expect(await server.exited).toEqual({ exitCode: null, signal: null });
    await server.stderr.ended;
  });

  it.each<unknown>([undefined, null, {}])('L20 refuses %j, which has no streams', (child) => {
    const attach = () => attachServer(child as AttachableChild);
    expect(attach).toThrow(InvalidArgumentError);
    expect(attach).toThrow('child');
  });
});
