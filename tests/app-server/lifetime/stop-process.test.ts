/** The steps of stopping, counted on a process that is played and seen on real ones that make them necessary. */
import { Writable } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import { spawnServer } from '../../../src/app-server/launch/spawn-server.js';
import { ExitWatch } from '../../../src/app-server/lifetime/process-exit.js';
import type { ServerProcess } from '../../../src/app-server/lifetime/server-process.js';
import { LOOK_EVERY_MS, stopProcess } from '../../../src/app-server/lifetime/stop-process.js';
import { MIN_WAIT_AFTER_KILL_MS } from '../../../src/support/defaults.js';
import { aroundStubborn, isRunning, pidOf, readLine, start, untilGone } from '../processes.js';
import { GRACE_MS, holdGraces, passGrace, waitsUnderWay } from './graces.js';

const STEPS = ['end of stdin', 'SIGTERM', 'SIGKILL'] as const;
type Step = (typeof STEPS)[number];

holdGraces();

/** A process that goes at one of the steps, or at none; `taken` has the steps so far. */
function play(heeds?: Step) {
  const taken: Step[] = [];
  const exit = new ExitWatch();
  const take = (step: Step) => {
    taken.push(step);
    if (step === heeds) exit.settle({ exitCode: null, signal: step });
  };
  const stdin = new Writable();
  const end = stdin.end.bind(stdin);
  vi.spyOn(stdin, 'end').mockImplementation(() => {
    take('end of stdin');
    return end();
  });
  return { taken, exit, stdin, kill: take };
}

async function startReady(name: string, shutdownGraceMs = GRACE_MS): Promise<ServerProcess> {
  const server = await start(name, [], { shutdownGraceMs });
  expect(await readLine(server.stdout)).toBe('ready');
  return server;
}

describe('the steps of stopping', () => {
  it.each(STEPS)('L13 go no further than %s when the process heeds it', async (heeded) => {
    const { taken, ...process } = play(heeded);
    const stopped = stopProcess({ ...process, graceMs: GRACE_MS });
    for (const _ of STEPS) await passGrace();
    await stopped;
    expect(taken).toEqual(STEPS.slice(0, STEPS.indexOf(heeded) + 1));
    expect(await process.exit.promise).toEqual({ exitCode: null, signal: heeded });
  });

  it('L13 are taken one after the other, each when the whole grace of the one before has passed', async () => {
    const { taken, ...process } = play();
    const stopped = stopProcess({ ...process, graceMs: GRACE_MS });
    for (const count of [1, 2, 3]) {
      expect(taken).toEqual(STEPS.slice(0, count));
      await passGrace(GRACE_MS - 1);
      expect(taken).toEqual(STEPS.slice(0, count));
      await passGrace(1);
    }
    await stopped;
    expect(waitsUnderWay()).toBe(0);
  });

  it('end over a process that outlives SIGKILL: its exit is given up, and never too soon', async () => {
    const { taken, exit, ...process } = play();
    const stopped = stopProcess({ ...process, exit, graceMs: 10 });
    await passGrace(10);
    await passGrace(10);
    await passGrace(MIN_WAIT_AFTER_KILL_MS - 1);
    expect(taken).toEqual(STEPS);
    expect(exit.hasExited).toBe(false);
    await passGrace(1);
    await stopped;
    expect(await exit.promise).toEqual({ exitCode: null, signal: null });
  });

  it('are not taken when the process is gone', async () => {
    const { taken, ...process } = play();
    process.exit.settle({ exitCode: 0, signal: null });
    await stopProcess({ ...process, graceMs: GRACE_MS });
    expect(taken).toEqual([]);
  });

  it('do not end a stdin that is broken, and go on', async () => {
    const { taken, ...process } = play('SIGTERM');
    process.stdin.destroy();
    const stopped = stopProcess({ ...process, graceMs: GRACE_MS });
    await passGrace();
    await stopped;
    expect(taken).toEqual(['SIGTERM']);
  });

  it('do not end a stdin a second time', async () => {
    const { taken, ...process } = play('SIGTERM');
    process.stdin.end();
    const stopped = stopProcess({ ...process, graceMs: GRACE_MS });
    await passGrace();
    await stopped;
    expect(taken).toEqual(['end of stdin', 'SIGTERM']);
  });

  it('leave no wait behind when the process goes', async () => {
    const { taken, ...process } = play();
    const stopped = stopProcess({ ...process, graceMs: GRACE_MS });
    expect(waitsUnderWay()).toBe(1);
    process.exit.settle({ exitCode: 0, signal: null });
    await stopped;
    expect(waitsUnderWay()).toBe(0);
    expect(taken).toEqual(['end of stdin']);
  });
});

describe('remains of a process that exited by a signal', () => {
  it('L13 get the rest of the grace, and then SIGKILL', async () => {
    const { taken, ...process } = play('SIGTERM');
    const stopped = stopProcess({ ...process, graceMs: GRACE_MS, hasRemains: () => true });
    await passGrace();
    await passGrace(GRACE_MS - 1);
    expect(taken).toEqual(['end of stdin', 'SIGTERM']);
    await passGrace(1 + LOOK_EVERY_MS);
    await stopped;
    expect(taken).toEqual(STEPS);
    expect(waitsUnderWay()).toBe(0);
  });

  it('L13 are left alone when they go within the grace', async () => {
    const { taken, ...process } = play('SIGTERM');
    let looks = 0;
    const stopped = stopProcess({ ...process, graceMs: GRACE_MS, hasRemains: () => ++looks < 3 });
    await passGrace();
    await passGrace(2 * LOOK_EVERY_MS);
    await stopped;
    expect(taken).toEqual(['end of stdin', 'SIGTERM']);
    expect(waitsUnderWay()).toBe(0);
  });

  it('L13 are not looked for when it went with its stdin', async () => {
    const { taken, ...process } = play('end of stdin');
    await stopProcess({ ...process, graceMs: GRACE_MS, hasRemains: () => true });
    expect(taken).toEqual(['end of stdin']);
  });
});

describe('stopping a process', () => {
  it('L13 ends a stubborn server with the shell around it', async () => {
    const server = await spawnServer({ command: aroundStubborn(), shutdownGraceMs: GRACE_MS });
    const inner = Number(await readLine(server.stdout));
    expect(await readLine(server.stdout)).toBe('ready');
    const stopped = server.stop();
    await passGrace();
    expect(await server.exited).toEqual({ exitCode: null, signal: 'SIGTERM' });
    expect(await isRunning(inner)).toBe(true);
    await passGrace();
    await stopped;
    await untilGone(inner);
  });

  it('L13 ends stdin first, and a server that heeds it exits with code 0 and no signal', async () => {
    const server = await startReady('ends-with-stdin');
    await server.stop();
    expect(await server.exited).toEqual({ exitCode: 0, signal: null });
    expect(server.hasExited).toBe(true);
    expect(await isRunning(pidOf(server))).toBe(false);
  });

  it('L13 sends SIGTERM to a server that goes on after its stdin ended', async () => {
    const server = await startReady('ignores-stdin-end');
    const stopped = server.stop();
    expect(server.stdin.writableEnded).toBe(true);
    expect(await isRunning(pidOf(server))).toBe(true);
    await passGrace();
    await stopped;
    expect(await server.exited).toEqual({ exitCode: null, signal: 'SIGTERM' });
  });

  it('L13 sends SIGKILL to a server that ignores SIGTERM', async () => {
    const server = await startReady('ignores-sigterm');
    const stopped = server.stop();
    await passGrace();
    expect(await isRunning(pidOf(server))).toBe(true);
    await passGrace();
    await stopped;
    expect(await server.exited).toEqual({ exitCode: null, signal: 'SIGKILL' });
    expect(await isRunning(pidOf(server))).toBe(false);
  });

  it('stops a server whose stdin is stuck because it does not read', async () => {
    const server = await startReady('ignores-stdin-end');
    while (server.stdin.write(Buffer.alloc(1 << 20)));
    const stopped = server.stop();
    await passGrace();
    await stopped;
    expect((await server.exited).signal).toBe('SIGTERM');
  });

  it('stops a server that is blocked on a stdout nobody reads', async () => {
    const server = await start('fills-stdout', [], { shutdownGraceMs: GRACE_MS });
    for await (const line of server.stderr.take() ?? []) {
      expect(line).toBe('filling');
      break;
    }
    const stopped = server.stop();
    await passGrace();
    await stopped;
    expect((await server.exited).signal).toBe('SIGTERM');
  });

  it('stops at once with a grace of 0', async () => {
    vi.useRealTimers();
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
});
