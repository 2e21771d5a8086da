/** How a server is stopped, on real processes: the ladder, and the children that make it necessary. */
import { afterEach, describe, expect, it } from 'vitest';
import type { ServerProcess } from '../../src/app-server/lifetime/server-process.js';
import { isRunning, pidOf, readLine, start, untilGone } from './processes.js';

const SHORT_GRACE_MS = 50;
/** Long enough for a child to go by the signal it got, on a busy machine, before it gets the next one. */
const SIGTERM_GRACE_MS = 1_500;
const grandchildren: number[] = [];

afterEach(() => {
  for (const pid of grandchildren.splice(0)) process.kill(pid, 'SIGKILL');
});

async function startReady(name: string, shutdownGraceMs?: number): Promise<ServerProcess> {
  const server = await start(name, [], { shutdownGraceMs });
  expect(await readLine(server.stdout)).toBe('ready');
  return server;
}

describe('stop', () => {
  it('L13 ends stdin first, and a server that heeds it exits with code 0 and no signal', async () => {
    const server = await startReady('ends-with-stdin');
    await server.stop();
    expect(await server.exited).toEqual({ exitCode: 0, signal: null });
    expect(server.hasExited).toBe(true);
    expect(await isRunning(pidOf(server))).toBe(false);
  });

  it('L13 sends SIGTERM to a server that goes on after its stdin ended', async () => {
    const server = await startReady('ignores-stdin-end', SIGTERM_GRACE_MS);
    await server.stop();
    expect(await server.exited).toEqual({ exitCode: null, signal: 'SIGTERM' });
  });

  it('L13 sends SIGKILL to a server that ignores SIGTERM', async () => {
    const server = await startReady('ignores-sigterm', SHORT_GRACE_MS);
    await server.stop();
    expect(await server.exited).toEqual({ exitCode: null, signal: 'SIGKILL' });
    expect(await isRunning(pidOf(server))).toBe(false);
  });

  it('L13 is idempotent: calls at once and calls after the exit settle, and it is one way down', async () => {
    const server = await startReady('ends-with-stdin');
    const first = server.stop();
    expect(server.stop()).toBe(first);
    await first;
    await server.stop();
    expect(await server.exited).toEqual({ exitCode: 0, signal: null });
  });

  it('stops a server whose stdin is stuck because it does not read', async () => {
    const server = await startReady('ignores-stdin-end', SIGTERM_GRACE_MS);
    while (server.stdin.write(Buffer.alloc(1 << 20)));
    await server.stop();
    expect((await server.exited).signal).toBe('SIGTERM');
  });

  it('stops a server that is blocked on a stdout nobody reads', async () => {
    const server = await start('fills-stdout', [], { shutdownGraceMs: SIGTERM_GRACE_MS });
    await server.stop();
    expect((await server.exited).signal).toBe('SIGTERM');
  });

  it('stops at once with a grace of 0', async () => {
    const server = await startReady('ignores-stdin-end', 0);
    await server.stop();
    expect(server.hasExited).toBe(true);
  });

  it('settles after a server that went by itself', async () => {
    const server = await start('exits-at-once');
    expect(await server.exited).toEqual({ exitCode: 7, signal: null });
    await server.stop();
  });

  it('stops a server that closed its stdout and lives', async () => {
    const server = await start('closes-stdout');
    for await (const line of server.stderr.take() ?? []) {
      expect(line).toBe('stdout is closed');
      break;
    }
    expect(server.hasExited).toBe(false);
    await server.stop();
    expect(await server.exited).toEqual({ exitCode: 5, signal: null });
  });

  it('L13 waits for exit and not for close: a grandchild that holds the pipes holds up nothing', async () => {
    const server = await start('leaves-grandchild');
    const grandchild = Number(await readLine(server.stdout));
    grandchildren.push(grandchild);
    await server.stop();
    expect(await server.exited).toEqual({ exitCode: 3, signal: null });
    await server.stderr.ended;
    expect(server.stderr.tail).toBe('the last words');
    expect(await isRunning(grandchild)).toBe(true);
    expect(server.stdout.closed).toBe(false);
    server.release();
    expect(server.stdout.destroyed).toBe(true);
  });

  it('ends the stderr log of a server whose grandchild writes to stderr for ever', async () => {
    const server = await start('leaves-grandchild', ['flood']);
    grandchildren.push(Number(await readLine(server.stdout)));
    await server.stop();
    await server.stderr.ended;
    server.release();
  });
});

describe('the death of a server', () => {
  it('L8 a write after it is an error of the stream and none of the host', async () => {
    const server = await start('exits-at-once');
    const failures: unknown[] = [];
    await new Promise<void>((resolve) => {
      const writeOn = (error?: Error | null) => {
        if (error) failures.push(error);
        if (error) resolve();
        else server.stdin.write('{}\n', writeOn);
      };
      writeOn();
    });
    expect(failures).toHaveLength(1);
    await server.exited;
    await server.stop();
  });

  it('is seen with its signal when somebody kills it', async () => {
    const server = await startReady('ends-with-stdin');
    process.kill(pidOf(server), 'SIGKILL');
    expect(await server.exited).toEqual({ exitCode: null, signal: 'SIGKILL' });
    await untilGone(pidOf(server));
  });
});
