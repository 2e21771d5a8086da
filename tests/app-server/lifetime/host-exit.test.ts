/** Orphaned app-servers: whatever ends the host, no server survives it. Seen from outside, by pid. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { temporaryHome } from '../codex-probe.js';
import { isRunning, readLine, untilGone } from '../processes.js';

const HOST = fileURLToPath(new URL('../host.ts', import.meta.url));
const hosts: ChildProcess[] = [];
afterEach(() => {
  for (const host of hosts.splice(0)) host.kill('SIGKILL');
});

interface Host {
  readonly process: ChildProcess;
  readonly exited: Promise<unknown>;
  readonly serverPid: number;
}

async function startHost(...args: readonly string[]): Promise<Host> {
  const host = spawn(process.execPath, ['--import', 'tsx', HOST, ...args], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  hosts.push(host);
  const exited = once(host, 'exit');
  const serverPid = Number(await readLine(host.stdout));
  expect(serverPid).toBeGreaterThan(0);
  return { process: host, exited, serverPid };
}

describe('L13 no orphan is left when the host', () => {
  it.each(['exit', 'throw'])('ends with %s, whether the server heeds signals or not', async (leave) => {
    for (const server of ['ends-with-stdin', 'ignores-stdin-end', 'ignores-sigterm']) {
      const host = await startHost(leave, server);
      await host.exited;
      await untilGone(host.serverPid);
    }
  });

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'is ended by %s, and the host still dies of it',
    async (signal) => {
      const host = await startHost('wait', 'ignores-sigterm');
      host.process.kill(signal);
      expect(await host.exited).toEqual([null, signal]);
      await untilGone(host.serverPid);
    },
  );

  it('is killed with SIGKILL: the end of stdin ends the server', async () => {
    const host = await startHost('wait', 'ends-with-stdin');
    host.process.kill('SIGKILL');
    await untilGone(host.serverPid);
  });
});

describe('L13 no codex is left when the host is killed with SIGKILL', () => {
  it.each(['idle', 'full'])('while codex is %s', async (state) => {
    const home = temporaryHome();
    const host = await startHost('wait', 'codex', state, home.path);
    expect(await isRunning(host.serverPid)).toBe(true);
    host.process.kill('SIGKILL');
    await untilGone(host.serverPid);
    home.remove();
  });

  it('in the middle of a turn', async () => {
    const home = temporaryHome();
    const model = createServer();
    const asked = once(model, 'request');
    await once(model.listen(0, '127.0.0.1'), 'listening');
    const { port } = model.address() as AddressInfo;
    const host = await startHost('wait', 'codex', 'turn', home.path, String(port));
    await asked;
    expect(await isRunning(host.serverPid)).toBe(true);
    host.process.kill('SIGKILL');
    await untilGone(host.serverPid);
    model.closeAllConnections();
    model.close();
    home.remove();
  });
});
