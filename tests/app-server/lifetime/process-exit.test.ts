/** When a server counts as gone, and that it goes once. */
import { spawn } from 'node:child_process';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import {
  ExitWatch,
  watchExit,
  watchOutput,
  watchProcess,
} from '../../../src/app-server/lifetime/process-exit.js';
import { fixture } from '../processes.js';

const spawnFixture = (name: string) => spawn(process.execPath, [fixture(name)]);

describe('the exit of a child process', () => {
  it('comes with its code, and not before it', async () => {
    const child = spawnFixture('ends-with-stdin');
    const watch = watchProcess(child);
    expect(watch.hasExited).toBe(false);
    child.stdin.end();
    expect(await watch.promise).toEqual({ exitCode: 0, signal: null });
    expect(watch.hasExited).toBe(true);
  });

  it('comes with its signal when somebody killed it', async () => {
    const child = spawnFixture('ends-with-stdin');
    const watch = watchProcess(child);
    child.kill('SIGKILL');
    expect(await watch.promise).toEqual({ exitCode: null, signal: 'SIGKILL' });
  });

  it('sees that a child had exited before it was watched', async () => {
    const child = spawnFixture('exits-at-once');
    await new Promise((resolve) => child.once('exit', resolve));
    const watch = watchProcess(child);
    expect(watch.hasExited).toBe(true);
    expect(await watch.promise).toEqual({ exitCode: 7, signal: null });
  });

  it('sees that a child had been killed before it was watched', async () => {
    const child = spawnFixture('ends-with-stdin');
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));
    const watch = watchProcess(child);
    expect(watch.hasExited).toBe(true);
    expect(await watch.promise).toEqual({ exitCode: null, signal: 'SIGKILL' });
  });

  it('is known at once, and no more than that, when the child could not be started', async () => {
    const watch = watchProcess(spawn('/no/such/program'));
    expect(watch.hasExited).toBe(true);
    expect(await watch.promise).toEqual({ exitCode: null, signal: null });
  });

  it('is not an error of a child that lives, such as a kill that failed', async () => {
    const child = spawnFixture('ends-with-stdin');
    const watch = watchProcess(child);
    child.emit('error', new Error('kill EPERM'));
    expect(watch.hasExited).toBe(false);
    child.stdin.end();
    await watch.promise;
  });
});

describe('the exit of a server that is known by its streams', () => {
  it.each<[string, (stdout: PassThrough) => void]>([
    ['the end', (stdout) => stdout.resume().end()],
    ['the close', (stdout) => stdout.destroy()],
    ['an error', (stdout) => stdout.destroy(new Error('broken'))],
  ])('is %s of its stdout', async (_, leave) => {
    const stdout = new PassThrough();
    const watch = watchOutput(stdout);
    expect(watch.hasExited).toBe(false);
    leave(stdout);
    expect(await watch.promise).toEqual({ exitCode: null, signal: null });
  });

  it.each(['end', 'close', 'error'])('is known by the event %s alone', (event) => {
    const stdout = new PassThrough();
    const watch = watchOutput(stdout);
    stdout.emit(event, new Error('broken'));
    expect(watch.hasExited).toBe(true);
  });

  it('has been when its stdout was read to its end already', async () => {
    const stdout = new PassThrough({ autoDestroy: false });
    stdout.end();
    await new Promise((resolve) => stdout.resume().once('end', resolve));
    expect(watchOutput(stdout).hasExited).toBe(true);
  });

  it('has been when its stdout was closed already', () => {
    expect(watchOutput(new PassThrough().destroy()).hasExited).toBe(true);
  });
});

describe('the exit that the owner of the streams tells', () => {
  it.each<[string, unknown, object]>([
    ['a code', { exitCode: 3, signal: null }, { exitCode: 3, signal: null }],
    ['a signal', { exitCode: null, signal: 'SIGKILL' }, { exitCode: null, signal: 'SIGKILL' }],
    ['nothing', undefined, { exitCode: null, signal: null }],
    ['what is no exit', { exitCode: '3', signal: 9 }, { exitCode: null, signal: null }],
  ])('comes when it is told, with %s', async (_, told, exit) => {
    let tell: (exit: unknown) => void = () => {};
    const watch = watchExit(
      new Promise((resolve) => {
        tell = resolve;
      }),
    );
    expect(watch.hasExited).toBe(false);
    tell(told);
    expect(await watch.promise).toEqual(exit);
    expect(watch.hasExited).toBe(true);
  });

  it('is unknown when the promise rejects', async () => {
    expect(await watchExit(Promise.reject(new Error('lost'))).promise).toEqual({
      exitCode: null,
      signal: null,
    });
  });
});

describe('an exit', () => {
  it('happens once: what is reported first stays', async () => {
    const watch = new ExitWatch();
    watch.settle({ exitCode: 3, signal: null });
    watch.settle({ exitCode: null, signal: null });
    expect(await watch.promise).toEqual({ exitCode: 3, signal: null });
  });
});
