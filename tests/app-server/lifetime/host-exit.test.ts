/** What stands in a host's exit listener; tests/faults/leaving-hosts.test.ts ends hosts in every way. */
import childProcess from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';
import { describe, expect, it, onTestFinished } from 'vitest';
import { endWithHost } from '../../../src/app-server/lifetime/host-exit.js';
import { ExitWatch } from '../../../src/app-server/lifetime/process-exit.js';

/** A server that is not there; `taken` has the signals it would have got. */
function host() {
  const before = process.listeners('exit');
  const exit = new ExitWatch();
  const taken: string[] = [];
  endWithHost({ pid: 2 ** 22 + 1, exit, graceMs: 0, kill: (signal) => void taken.push(signal) });
  const added = process.listeners('exit').filter((listener) => !before.includes(listener));
  const gone = async () => {
    exit.settle({ exitCode: 0, signal: null });
    await exit.promise;
  };
  onTestFinished(gone);
  return { added, taken, gone };
}

/** Has every program that is started from now on started this way instead. */
function startBy(spawn: typeof childProcess.spawn): void {
  const original = childProcess.spawn;
  const put = (replacement: typeof childProcess.spawn) => {
    childProcess.spawn = replacement;
    syncBuiltinESMExports();
  };
  put(spawn);
  onTestFinished(() => put(original));
}

describe('the exit of a host', () => {
  it('L13 leaves the steps to a shell, which signals nobody before the server had its time', () => {
    const { added, taken } = host();
    for (const listener of added) listener(0);
    expect(added).toHaveLength(1);
    expect(taken).toEqual([]);
  });

  it('L13 signals the server at once where there is no shell', () => {
    const { spawn } = childProcess;
    startBy(((_: string, ...rest: [readonly string[], object]) =>
      spawn('/no/such/shell', ...rest)) as typeof spawn);
    const { added, taken } = host();
    for (const listener of added) listener(0);
    expect(taken).toEqual(['SIGTERM']);
  });

  it('L13 signals the server at once where nothing can be started, and goes on', () => {
    startBy(() => {
      throw new Error('spawn ENOMEM');
    });
    const { added, taken } = host();
    for (const listener of added) listener(0);
    expect(taken).toEqual(['SIGTERM']);
  });

  it('is not listened to once the last server is gone', async () => {
    const [first, second] = [host(), host()];
    expect([first.added.length, second.added.length]).toEqual([1, 0]);
    await first.gone();
    const [listener] = first.added;
    expect(process.listeners('exit')).toContain(listener);
    await second.gone();
    expect(process.listeners('exit')).not.toContain(listener);
  });
});
