/** The smallest JSON-RPC driver for a real codex: one request after another, answers matched by id. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AppServerOptions } from '../../src/app-server/launch/server-options.js';
import { spawnServer } from '../../src/app-server/launch/spawn-server.js';
import type { ServerProcess } from '../../src/app-server/lifetime/server-process.js';
import { readLine } from './processes.js';

/** A folder for `CODEX_HOME`, removed by `remove`. */
export function temporaryHome(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'codex-async-client-home-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }) };
}

/** Starts the codex that is found and initializes it. */
export async function startCodex(options: AppServerOptions): Promise<ServerProcess> {
  const server = await spawnServer(options);
  await ask(server, 'initialize', { clientInfo: { name: 'probe', version: '1' } });
  server.stdin.write(`${JSON.stringify({ method: 'initialized' })}\n`);
  return server;
}

/** Sends a request and gives its result; what else arrives meanwhile is skipped. */
export async function ask(
  server: ServerProcess,
  method: string,
  params: unknown,
): Promise<Record<string, unknown>> {
  server.stdin.write(`${JSON.stringify({ id: method, method, params })}\n`);
  for (;;) {
    const message = JSON.parse(await readLine(server.stdout));
    if (message.id !== method) continue;
    if (message.error !== undefined) throw new Error(message.error.message);
    return message.result;
  }
}
