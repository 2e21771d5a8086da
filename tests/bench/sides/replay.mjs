// Tests of one turn each, from the start of a server to its shutdown: on a replay of a turn that was recorded here, against
// the real codex with a local model.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export function replayed({ tests, deltas, codexPath }) {
  return onCodex(codexPath, deltas, async ({ AsyncClient, options }) => {
    const { readTape, recordTape, replayTape } = await import('codex-async-client/testing');
    const folder = mkdtempSync(join(tmpdir(), 'codex-async-client-bench-'));
    try {
      const path = join(folder, 'turn.jsonl');
      const client = await AsyncClient.spawn(options);
      const recording = recordTape(client, path);
      await oneTurn(client);
      await recording.finished;
      const tape = readTape(path);
      return await measure(tests, () => oneTurn(AsyncClient.attach(replayTape(tape))));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
}

export function real({ tests, deltas, codexPath }) {
  return onCodex(codexPath, deltas, ({ AsyncClient, options }) =>
    measure(tests, async () => oneTurn(await AsyncClient.spawn(options))),
  );
}

async function onCodex(codexPath, deltas, use) {
  const { AsyncClient } = await import('codex-async-client');
  const { LocalModelProvider, repeatText, text } = await import('codex-async-client/testing');
  const provider = await LocalModelProvider.start({ defaultReply: text(repeatText(' word', deltas)) });
  try {
    return await use({ AsyncClient, options: { ...provider.options, codexPath } });
  } finally {
    await provider.close();
  }
}

/** True when the turn said something. */
async function oneTurn(client) {
  try {
    await client.initialize();
    const { thread } = await client.threadStart({ ephemeral: true });
    const { finalMessage } = await client.turnRun({ threadId: thread.id, input: 'Count.' }).result();
    return finalMessage.length > 0;
  } finally {
    await client.shutdown();
  }
}

async function measure(tests, test) {
  // The first pays for the compilation of both sides alike.
  await test();
  const start = performance.now();
  let seen = 0;
  for (let done = 0; done < tests; done += 1) if (await test()) seen += 1;
  return { ms: performance.now() - start, seen, expected: tests };
}
