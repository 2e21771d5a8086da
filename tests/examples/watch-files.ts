/** Watching files: the loop ends the watch when it is left. */
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { AsyncClient } from 'codex-async-client';
import { LocalModelProvider } from 'codex-async-client/testing';

const folder = await realpath(await mkdtemp(join(tmpdir(), 'watch-files-')));
await using provider = await LocalModelProvider.start();
await using client = await AsyncClient.start(provider.options);

const watch = client.fileWatch({ path: folder });
await watch.ready;
await writeFile(join(folder, 'notes.txt'), 'remember the milk');

for await (const { changedPaths } of watch) {
  console.log(changedPaths.map((path) => basename(path)).join(', '));
  if (changedPaths.some((path) => path.endsWith('notes.txt'))) break;
}
await rm(folder, { recursive: true });
