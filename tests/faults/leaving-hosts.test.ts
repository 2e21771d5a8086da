/** No server outlives its host, however the host goes, and the host goes as it would without one. Seen by pid. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { gate, LocalModelProvider, text } from 'codex-async-client/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { isRunning, untilGone } from '../app-server/processes.js';
import { programFile } from '../helpers/programs.js';

const HOST = programFile('tests/faults/leaving-host.ts');
const WORKER_HOST = programFile('tests/faults/worker-host.ts');

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
  /** What it prints after the pid. */
  readonly lines: AsyncIterator<string>;
}

async function startHost(how: string, scene: string, options: object = {}, program = HOST): Promise<Host> {
  const argv = [program, how, scene, JSON.stringify(options)];
  const host = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'ignore'] });
  onTestFinished(() => void host.kill('SIGKILL'));
  const exited = once(host, 'exit');
  const lines = createInterface(host.stdout)[Symbol.asyncIterator]();
  const serverPid = Number((await lines.next()).value);
  expect(serverPid).toBeGreaterThan(0);
  return { process: host, exited, serverPid, lines };
}

/** Ends a host by a signal, which its server has lived to see. */
async function expectDeathBy(signal: NodeJS.Signals, host: Host): Promise<void> {
  expect(await isRunning(host.serverPid)).toBe(true);
  host.process.kill(signal);
  expect(await host.exited).toEqual([null, signal]);
  await untilGone(host.serverPid);
}

/** What a host does with a signal, with how it ends then. */
const HANDLERS = [
  ['process.once', 'once', () => [130, null]],
  ['process.on', 'on', () => [130, null]],
  ['a handler like close-with-grace', 'close-with-grace', () => [130, null]],
  ['a handler that sends it again', 're-raise', (signal: NodeJS.Signals) => [null, signal]],
] as const;

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** A signal whose handler shuts down and lets the host end by itself; the handler always gets to its end. */
async function expectCleanEnd(signal: NodeJS.Signals, ending: unknown, host: Host): Promise<void> {
  expect(await isRunning(host.serverPid)).toBe(true);
  host.process.kill(signal);
  expect(await host.lines.next()).toEqual({ done: false, value: 'shut down' });
  expect(await host.exited).toEqual(ending);
  expect(await isRunning(host.serverPid)).toBe(false);
}

describe('L13 no server is left when its host', () => {
  test.each(LEAVES)('L13 %s, whether the server heeds signals or not', async (_, how, code) => {
    const servers = [
      'ends-with-stdin',
      'ignores-stdin-end',
      'ignores-sigterm',
      'a shell around one that ignores everything',
      'a proxy carries a connection',
    ];
    await Promise.all(
      servers.map(async (server) => {
        const host = await startHost(how, server);
        expect(await host.exited).toEqual([code, null]);
        await untilGone(host.serverPid);
      }),
    );
  });

  test.each(SIGNALS)('L13 gets %s and dies of it: the end of stdin ends the server', async (signal) => {
    await expectDeathBy(signal, await startHost('wait', 'ends-with-stdin'));
    await expectDeathBy(signal, await startHost('wait', 'a proxy carries a connection'));
  });

  test.each(HANDLERS)(
    'L13 handles a signal with %s, whether the server heeds it or not',
    async (_, how, end) => {
      await Promise.all(
        SIGNALS.map(async (signal) => {
          await expectCleanEnd(signal, end(signal), await startHost(how, 'ignores-sigterm'));
        }),
      );
    },
  );

  test('L13 gets SIGKILL: the end of stdin ends the server', async () => {
    await expectDeathBy('SIGKILL', await startHost('wait', 'ends-with-stdin'));
  });
});

describe('L13 no codex is left when its host', () => {
  const MIDDLE = 'codex is in the middle of a turn';
  /** A model for so many turns, none of which comes to its end. */
  const model = (turns = 1) =>
    LocalModelProvider.start({
      replies: Array.from({ length: turns }, () => text('first', gate(), 'never')),
    });

  test.each(LEAVES)(`L13 %s while ${MIDDLE}`, async (_, how, code) => {
    await using provider = await model();
    const host = await startHost(how, MIDDLE, provider.options);
    expect(await host.exited).toEqual([code, null]);
    await untilGone(host.serverPid);
  });

  test.each([
    ['SIGTERM', MIDDLE],
    ['SIGINT', MIDDLE],
    ['SIGHUP', MIDDLE],
    ['SIGKILL', MIDDLE],
    ['SIGINT', 'codex is blocked by what nobody reads'],
    ['SIGKILL', 'codex is idle'],
    ['SIGKILL', 'codex is blocked by what nobody reads'],
  ] as const)('L13 gets %s while %s', async (signal, scene) => {
    await using provider = await model();
    await expectDeathBy(signal, await startHost('wait', scene, provider.options));
  });

  test(`L13 handles a signal with any of these while ${MIDDLE}`, async () => {
    await using provider = await model(HANDLERS.length);
    const { options } = provider;
    await Promise.all(
      HANDLERS.map(async ([, how, end]) => {
        await expectCleanEnd('SIGINT', end('SIGINT'), await startHost(how, MIDDLE, options));
      }),
    );
  });
});

describe('L13 no server is left when the worker thread with its client', () => {
  /** The host lives on without the worker. */
  async function expectGone(how: string, scene: string, options?: object): Promise<void> {
    const host = await startHost(how, scene, options, WORKER_HOST);
    expect(await host.lines.next()).toEqual({ done: false, value: 'gone' });
    await untilGone(host.serverPid);
    expect(host.process.exitCode).toBe(null);
  }

  test('L13 is terminated: the end of stdin ends the server', async () => {
    await using provider = await LocalModelProvider.start({ replies: [text('first', gate(), 'never')] });
    await expectGone('terminate', 'ends-with-stdin');
    await expectGone('terminate', 'codex is in the middle of a turn', provider.options);
  });

  test.each(LEAVES)('L13 %s, whether the server heeds signals or not', async (_, how) => {
    await expectGone(how, 'ignores-sigterm');
  });

  test('L13 is there when the host exits: the end of stdin ends the server', async () => {
    const host = await startHost('host-exit', 'ends-with-stdin', {}, WORKER_HOST);
    expect(await host.exited).toEqual([0, null]);
    await untilGone(host.serverPid);
  });
});
