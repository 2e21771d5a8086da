/** No server outlives its host, however the host goes, and the host goes as it would without one. Seen by pid. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { gate, LocalModelProvider, text } from 'codex-async-client/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { isRunning, untilGone } from '../app-server/processes.js';

const HOST = fileURLToPath(new URL('leaving-host.ts', import.meta.url));

/** The ways in which a host ends by itself, with its exit code. */
const LEAVES = [
  ['calls process.exit()', 'exit', 0],
  ['throws an error nobody catches', 'throw', 1],
  ['has a rejection nobody handles', 'reject', 1],
] as const;

interface Host {
  readonly process: ChildProcess;
  /** Settles with its exit code and the signal that ended it. */
  readonly exited: Promise<unknown>;
  readonly serverPid: number;
}

async function startHost(how: string, scene: string, options: object = {}): Promise<Host> {
  const argv = ['--import', 'tsx', HOST, how, scene, JSON.stringify(options)];
  const host = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'ignore'] });
  onTestFinished(() => void host.kill('SIGKILL'));
  const exited = once(host, 'exit');
  const [line] = await once(createInterface(host.stdout), 'line');
  const serverPid = Number(line);
  expect(serverPid).toBeGreaterThan(0);
  return { process: host, exited, serverPid };
}

/** Ends a host by a signal, which its server has lived to see. */
async function expectDeathBy(signal: NodeJS.Signals, host: Host): Promise<void> {
  expect(await isRunning(host.serverPid)).toBe(true);
  host.process.kill(signal);
  expect(await host.exited).toEqual([null, signal]);
  await untilGone(host.serverPid);
}

describe('L13 no server is left when its host', () => {
  test.each(LEAVES)('L13 %s, whether the server heeds signals or not', async (_, how, code) => {
    const servers = ['ends-with-stdin', 'ignores-stdin-end', 'ignores-sigterm'];
    await Promise.all(
      servers.map(async (server) => {
        const host = await startHost(how, server);
        expect(await host.exited).toEqual([code, null]);
        await untilGone(host.serverPid);
      }),
    );
  });

  test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('L13 gets %s and dies of it', async (signal) => {
    await expectDeathBy(signal, await startHost('wait', 'ignores-sigterm'));
  });

  test('L13 gets SIGKILL: the end of stdin ends the server', async () => {
    await expectDeathBy('SIGKILL', await startHost('wait', 'ends-with-stdin'));
  });
});

describe('L13 no codex is left when its host', () => {
  const MIDDLE = 'codex is in the middle of a turn';
  const model = () => LocalModelProvider.start({ replies: [text('first', gate(), 'never')] });

  test.each(LEAVES)(`L13 %s while ${MIDDLE}`, async (_, how, code) => {
    await using provider = await model();
    const host = await startHost(how, MIDDLE, provider.options);
    expect(await host.exited).toEqual([code, null]);
    await untilGone(host.serverPid);
  });

  test.each([
    ['SIGTERM', MIDDLE],
    ['SIGINT', MIDDLE],
    ['SIGKILL', MIDDLE],
    ['SIGKILL', 'codex is idle'],
    ['SIGKILL', 'codex is blocked by what nobody reads'],
  ] as const)('L13 gets %s while %s', async (signal, scene) => {
    await using provider = await model();
    await expectDeathBy(signal, await startHost('wait', scene, provider.options));
  });
});
