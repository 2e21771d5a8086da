/** Starts a client on one of the scripted servers in `fixtures/servers`. */
import { fileURLToPath } from 'node:url';
import { AsyncClient, type StartOptions } from 'codex-async-client';

/** The argv of a scripted server. */
export function scriptedCommand(name: string, ...args: readonly string[]): string[] {
  return [
    process.execPath,
    fileURLToPath(new URL(`../../fixtures/servers/${name}.mjs`, import.meta.url)),
    ...args,
  ];
}

/** Starts a client, handshake included, on a scripted server. */
export function startScripted(
  name: string,
  args: readonly string[] = [],
  options: StartOptions = {},
): Promise<AsyncClient> {
  return AsyncClient.start({ ...options, command: scriptedCommand(name, ...args) });
}
