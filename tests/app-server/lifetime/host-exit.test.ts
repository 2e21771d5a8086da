/** What outlives the host for a moment: a shell that ends a server which heeds nothing else. */
import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { endWithHost } from '../../../src/app-server/lifetime/host-exit.js';
import { ExitWatch } from '../../../src/app-server/lifetime/process-exit.js';
import { fixture, spyOnSpawn } from '../processes.js';

/** Starts a scripted child as the leader of a group; settles when it has told that it is ready, or was never going to. */
async function startChild(name: string): Promise<ChildProcess & { readonly pid: number }> {
  const child = spawn(process.execPath, [fixture(name)], {
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true,
  });
  if (child.pid === undefined || child.stdout === null) throw new Error('it was not started');
  await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
  return Object.assign(child, { pid: child.pid });
}

/** Has a child hosted; `exitHost` does what is done when this process exits. */
function host(pid: number, graceMs: number) {
  const before = process.listeners('exit');
  const exit = new ExitWatch();
  endWithHost({ pid, graceMs, exit, kill: () => {} });
  const added = process.listeners('exit').filter((listener) => !before.includes(listener));
  const exitHost = () => {
    for (const listener of added) listener(0);
  };
  const end = async () => {
    exit.settle({ exitCode: 0, signal: null });
    await exit.promise;
  };
  return { added, exitHost, end };
}

describe('a shell that outlives the host', () => {
  it('L13 kills a server that is still there after the grace', async () => {
    const child = await startChild('ignores-sigterm');
    const { exitHost, end } = host(child.pid, 0);
    exitHost();
    expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
    await end();
  });

  it('L13 leaves at once when the server is gone', async () => {
    const spawned = spyOnSpawn();
    const child = await startChild('exits-at-once');
    if (child.exitCode === null) await once(child, 'exit');
    const { exitHost, end } = host(child.pid, 1_000_000);
    exitHost();
    const shell = spawned.mock.results.at(-1)?.value;
    expect(await once(shell, 'exit')).toEqual([0, null]);
    await end();
  });

  it('L13 looks for the whole grace and once more, in a session of its own, with nothing of the host', async () => {
    const shell = Object.assign(new EventEmitter(), { unref: vi.fn(), pid: 1 });
    // The edge of Node.js: no more of a child process is looked at.
    const spawned = spyOnSpawn().mockReturnValue(shell as unknown as ChildProcess);
    const { exitHost, end } = host(4711, 5_000);
    exitHost();
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
    await end();
  });

  it('L13 is one listener for all servers, gone with the last of them', async () => {
    const spawned = spyOnSpawn();
    const [first, second] = [host(2 ** 30, 0), host(2 ** 30 + 1, 0)];
    expect([first.added.length, second.added.length]).toEqual([1, 0]);
    await first.end();
    expect(process.listeners('exit')).toContain(first.added[0]);
    await second.end();
    expect(process.listeners('exit')).not.toContain(first.added[0]);
    first.exitHost();
    expect(spawned).not.toHaveBeenCalled();
  });
});
