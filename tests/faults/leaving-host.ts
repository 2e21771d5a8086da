/**
 * A host program that starts a server, prints its pid once the scene is set, and then leaves in the way its first
 * argument says: `exit`, `throw`, `reject`, or `wait` (for the test to end it). With one of the handlers below it waits,
 * too, but a signal does not end it: the handler does, once it has shut the server down, and prints `shut down`.
 * Usage: leaving-host.ts HOW SCENE [OPTIONS-AS-JSON]; the scene is one of those below, or a scripted child.
 */
import { rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { spawnServer } from '../../src/app-server/launch/spawn-server.js';
import type { ServerProcess } from '../../src/app-server/lifetime/server-process.js';
import { AsyncClient, type StartOptions } from '../../src/index.js';
import { aroundStubborn, pidOf, readLine, start } from '../app-server/processes.js';
import { scriptedCommand } from '../helpers/scripted.js';
import { SocketServer } from '../helpers/socket-server.js';

const [how = '', scene = '', json = '{}'] = process.argv.slice(2);
// The test wrote it.
const options = JSON.parse(json) as StartOptions;

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The server of a scene. */
interface Server {
  readonly pid: number;
  stop(): Promise<void>;
}

const SCENES: Readonly<Record<string, () => Promise<Server>>> = {
  'codex is idle': async () => ofClient(await AsyncClient.start(options)),

  'codex is in the middle of a turn': async () => {
    const client = await AsyncClient.start(options);
    const { thread } = await client.threadStart({});
    const run = client.turnRun({ threadId: thread.id, input: 'hold on' });
    while ((await run.next()).value?.method !== 'item/agentMessage/delta');
    return ofClient(client);
  },

  'a shell around one that ignores everything': async () => {
    const server = await spawnServer({ command: aroundStubborn(), shutdownGraceMs: 100 });
    const pid = Number(await readLine(server.stdout));
    await readLine(server.stdout);
    return { ...ofProcess(server), pid };
  },

  /** The server is the host's own here; what must not stay is the proxy. */
  'a proxy carries a connection': async () => {
    const { socketPath } = await SocketServer.start();
    const client = await AsyncClient.connect({ proxy: scriptedCommand('socket-proxy', socketPath) });
    rmSync(dirname(socketPath), { recursive: true });
    return ofClient(client);
  },

  /** More answers than the pipe holds, none of them read: codex blocks while it writes. */
  'codex is blocked by what nobody reads': async () => {
    const server = await spawnServer(options);
    const initialize = { id: -1, method: 'initialize', params: { clientInfo: { name: 'x', version: '1' } } };
    const requests = Array.from({ length: 100 }, (_, id) => ({
      id,
      method: 'config/read',
      params: { includeLayers: true },
    }));
    const messages = [initialize, { method: 'initialized' }, ...requests];
    const written = messages.map((message) => `${JSON.stringify(message)}\n`).join('');
    await new Promise((resolve) => server.stdin.write(written, resolve));
    return ofProcess(server);
  },
};

async function scripted(): Promise<Server> {
  const server = await start(scene, [], { shutdownGraceMs: 100 });
  await readLine(server.stdout);
  return ofProcess(server);
}

function ofClient(client: AsyncClient): Server {
  return { pid: Number(client.pid), stop: () => client.shutdown() };
}

function ofProcess(server: ServerProcess): Server {
  return {
    pid: pidOf(server),
    stop: async () => {
      await server.stop();
      server.release();
    },
  };
}

/** What users do at a signal. Each is registered before the server is started. */
const HANDLERS: Readonly<Record<string, () => void>> = {
  once: () => {
    for (const signal of SIGNALS) process.once(signal, () => void shutDown());
  },
  on: () => {
    for (const signal of SIGNALS) process.on(signal, () => void shutDown());
  },
  /** Like the package of that name: a second signal ends the host at once, and so does the end of the work. */
  'close-with-grace': () => {
    const onSignal = () => {
      for (const signal of SIGNALS) process.off(signal, onSignal).on(signal, () => process.exit(1));
      void shutDown().then(() => process.exit());
    };
    for (const signal of SIGNALS) process.once(signal, onSignal);
  },
  /** Takes the signal's default action in the end, so that the host's parent sees what it died of. */
  're-raise': () => {
    for (const signal of SIGNALS)
      process.once(signal, () => void shutDown().then(() => process.kill(process.pid, signal)));
  },
};

/** The host has to end by itself after it: nothing of ours keeps it. */
async function shutDown(): Promise<void> {
  clearInterval(alive);
  process.exitCode = 130;
  await server.stop();
  writeSync(1, 'shut down\n');
}

HANDLERS[how]?.();
const server = await (SCENES[scene] ?? scripted)();
// Keeps a host alive that has nothing else to do.
const alive = setInterval(() => {}, 1_000_000);
process.stdout.write(`${server.pid}\n`, () => {
  if (how === 'exit') process.exit(0);
  if (how === 'throw') throw new Error('the host has a fault');
  if (how === 'reject') Promise.reject(new Error('nobody handles this'));
});
