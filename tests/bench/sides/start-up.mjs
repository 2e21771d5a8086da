// From nothing to an answered `initialize`, on the real codex. The client finds the executable itself.
import { BareClient } from './bare-client.mjs';

export async function client({ codexHome }) {
  const { AsyncClient } = await import('codex-async-client');
  const start = performance.now();
  const client = await AsyncClient.start({ codexHome });
  const ms = performance.now() - start;
  await client.shutdown();
  return { ms, seen: 1, expected: 1 };
}

export async function bare({ codexPath, codexHome }) {
  const start = performance.now();
  const client = new BareClient([codexPath, 'app-server'], { ...process.env, CODEX_HOME: codexHome });
  await client.initialize();
  const ms = performance.now() - start;
  client.end();
  return { ms, seen: 1, expected: 1 };
}
