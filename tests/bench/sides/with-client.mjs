// The client under test: the built package, under its own name. Loaded here only, so that the yardsticks run without
// it in memory.

/** Starts a client, gives it to `use`, and ends it. */
export async function withClient(options, use) {
  const { AsyncClient } = await import('codex-async-client');
  const client = await AsyncClient.start(options);
  try {
    return await use(client);
  } finally {
    await client.shutdown();
  }
}
