// A scripted model for a real codex, and the options that point a bare codex at it.

/** Starts a model that has these replies and echoes from then on, gives it to `use`, and closes it. */
export async function withModel(replies, use) {
  const { echo, LocalModelProvider } = await import('codex-async-client/testing');
  const provider = await LocalModelProvider.start({ replies, defaultReply: echo() });
  try {
    return await use(provider);
  } finally {
    await provider.close();
  }
}

/** `key.path=value` for each setting, as the option `-c` takes it. */
export function settings(table, prefix = '') {
  return Object.entries(table).flatMap(([key, value]) =>
    typeof value === 'object'
      ? settings(value, `${prefix}${key}.`)
      : [`${prefix}${key}=${JSON.stringify(value)}`],
  );
}
