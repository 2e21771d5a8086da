/** What outlives the host for a moment: a shell that ends a server which heeds nothing else. */
import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { killAfterHost } from '../../../src/app-server/lifetime/host-exit.js';
import { fixture, spyOnSpawn } from '../processes.js';

/** Starts a scripted child; settles when it has told that it is ready, or was never going to. */
async function startChild(name: string): Promise<ChildProcess & { readonly pid: number }> {
  const child = spawn(process.execPath, [fixture(name)], { stdio: ['pipe', 'pipe', 'ignore'] });
  if (child.pid === undefined || child.stdout === null) throw new Error('it was not started');
  await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
  return Object.assign(child, { pid: child.pid });
}

/** A platform that the code takes for its own until the end of the test. */
function pretendPlatform(value: NodeJS.Platform): void {
  const before = process.platform;
  Object.defineProperty(process, 'platform', { value });
  onTestFinished(() => void Object.defineProperty(process, 'platform', { value: before }));
}

describe('a shell that outlives the host', () => {
  it('L13 kills a server that is still there after the grace', async () => {
    const child = await startChild('ignores-sigterm');
    killAfterHost(child.pid, 0);
    expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
  });

  it('L13 leaves at once when the server is gone', async () => {
    const spawned = spyOnSpawn();
    const child = await startChild('exits-at-once');
    if (child.exitCode === null) await once(child, 'exit');
    killAfterHost(child.pid, 1_000_000);
    const shell = spawned.mock.results.at(-1)?.value;
    expect(await once(shell, 'exit')).toEqual([0, null]);
  });

  it('L13 looks for the whole grace and once more, in a session of its own, with nothing of the host', () => {
    const shell = Object.assign(new EventEmitter(), { unref: vi.fn() });
    // The edge of Node.js: no more of a child process is looked at.
    const spawned = spyOnSpawn().mockReturnValue(shell as unknown as ChildProcess);
    killAfterHost(4711, 5_000);
    expect(spawned.mock.calls).toEqual([
      [
        '/bin/sh',
        ['-c', expect.stringContaining('sleep 0.05'), 'sh', '4711', '101'],
        { detached: true, stdio: 'ignore', cwd: '/', env: { PATH: '/usr/bin:/bin' } },
      ],
    ]);
    expect(shell.unref).toHaveBeenCalledOnce();
    // A shell that cannot be started is no reason for the host to crash while it exits.
    expect(shell.emit('error', new Error('EAGAIN'))).toBe(true);
  });

  it('is not started on Windows, where SIGTERM ends any process', () => {
    pretendPlatform('win32');
    const spawned = spyOnSpawn();
    killAfterHost(4711, 5_000);
    expect(spawned).not.toHaveBeenCalled();
  });
});
