// Where the scripted servers are.
import { fileURLToPath } from 'node:url';

/** The argv of a scripted server. */
export function scripted(name, ...args) {
  return [
    process.execPath,
    fileURLToPath(new URL(`../../../fixtures/servers/${name}.mjs`, import.meta.url)),
    ...args,
  ];
}
