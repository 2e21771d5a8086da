// Connections to a real codex that runs already. How long until `initialize` is answered, `ws` loaded within that time on
// both sides; and what a reader that is stuck holds of a flood, of which no piece may be missing.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { settings } from './local-model.mjs';

const INITIALIZE = { clientInfo: { name: 'bench', title: null, version: '1' }, capabilities: {} };

export async function client({ codexPath, codexHome }) {
  const { AsyncClient } = await import('codex-async-client');
  return withListening([codexPath], { CODEX_HOME: codexHome }, codexHome, async (socketPath) => {
    const start = performance.now();
    const client = await AsyncClient.connect({ socketPath });
    const ms = performance.now() - start;
    await client.shutdown();
    return { ms, seen: 1, expected: 1 };
  });
}

export function bare({ codexPath, codexHome }) {
  return withListening([codexPath], { CODEX_HOME: codexHome }, codexHome, async (socketPath) => {
    const start = performance.now();
    const { default: WebSocket } = await import('ws');
    const socket = new WebSocket('ws://localhost/', {
      perMessageDeflate: false,
      createConnection: () => connect(socketPath),
    });
    await once(socket, 'open');
    socket.send(JSON.stringify({ id: 1, method: 'initialize', params: INITIALIZE }));
    JSON.parse((await once(socket, 'message'))[0]);
    socket.send(JSON.stringify({ method: 'initialized' }));
    const ms = performance.now() - start;
    socket.terminate();
    return { ms, seen: 1, expected: 1 };
  });
}

export async function stalled({ codexPath, count, stuckMs }) {
  const { AsyncClient } = await import('codex-async-client');
  const { LocalModelProvider, repeatText, text } = await import('codex-async-client/testing');
  const provider = await LocalModelProvider.start();
  const { codexHome, config, env } = provider.options;
  const overrides = settings(config).flatMap((setting) => ['-c', setting]);
  try {
    return await withListening(
      [codexPath, ...overrides],
      { ...env, CODEX_HOME: codexHome },
      codexHome,
      async (socketPath) => {
        const client = await AsyncClient.connect({ socketPath });
        provider.enqueue(text(repeatText('abcdefg ', count)));
        const { thread } = await client.threadStart({});
        const run = client.turnRun({ threadId: thread.id, input: 'go' }, { coalesce: true });
        let seen = 0;
        for await (const message of run) {
          if (message.method !== 'item/agentMessage/delta') continue;
          if (seen === 0) await wait(stuckMs);
          seen += message.params.delta.length / 8;
        }
        const { held } = client.stats();
        await client.shutdown();
        return { peakMb: held.peakBytes / 2 ** 20, seen, expected: count };
      },
    );
  } finally {
    await provider.close();
  }
}

/** Starts a codex that listens, gives its socket to `use`, and ends it. */
async function withListening([codexPath, ...overrides], env, folder, use) {
  const socketPath = join(folder, `${process.pid}.sock`);
  const args = [...overrides, 'app-server', '--listen', `unix://${socketPath}`];
  const child = spawn(codexPath, args, { env: { ...process.env, ...env }, stdio: 'ignore' });
  const exited = once(child, 'exit');
  try {
    while (!(await isOpen(socketPath))) await wait(5);
    return await use(socketPath);
  } finally {
    child.kill('SIGKILL');
    await exited;
  }
}

async function isOpen(socketPath) {
  const socket = connect(socketPath);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
