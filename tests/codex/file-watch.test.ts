/** Watches on the real server. */
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AsyncClient } from 'codex-async-client';
import { LocalModelProvider } from 'codex-async-client/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

let provider: LocalModelProvider;
let client: AsyncClient;
let folder: string;

beforeAll(async () => {
  provider = await LocalModelProvider.start();
  client = await AsyncClient.start(provider.options);
  folder = await realpath(await mkdtemp(join(tmpdir(), 'file-watch-')));
});

afterAll(async () => {
  await client?.shutdown();
  await provider?.close();
  await rm(folder, { recursive: true, force: true });
});

async function newFolder(name: string): Promise<string> {
  const path = join(folder, name);
  await mkdir(path);
  return path;
}

describe('fileWatch on the real server', () => {
  test('sees a file that is created and then changed', async () => {
    const path = await newFolder('created');
    const file = join(path, 'a.txt');
    await using changes = client.fileWatch({ path: path });
    await changes.ready;
    await writeFile(file, 'one');
    expect((await changes.next()).value).toEqual({ watchId: changes.watchId, changedPaths: [file] });
    await writeFile(file, 'two');
    expect((await changes.next()).value?.changedPaths).toEqual([file]);
  });

  test('gives each of two watches its own changes', async () => {
    const paths = [await newFolder('left'), await newFolder('right')];
    const watches = paths.map((path) => client.fileWatch({ path: path }));
    await Promise.all(watches.map((changes) => changes.ready));
    for (const path of paths) await writeFile(join(path, 'f'), 'x');
    for (const [index, changes] of watches.entries())
      expect((await changes.next()).value?.changedPaths).toEqual([join(paths[index] ?? '', 'f')]);
    for (const changes of watches) await changes.close();
  });

  test('L11 leaving the loop unwatches: what happens afterwards reaches no stream', async () => {
    const path = await newFolder('left-early');
    await using everything = client.events({ methods: ['fs/changed'] });
    const changes = client.fileWatch({ path: path });
    await changes.ready;
    await writeFile(join(path, 'seen'), 'x');
    for await (const { changedPaths } of changes) {
      expect(changedPaths).toEqual([join(path, 'seen')]);
      break;
    }
    await writeFile(join(path, 'unseen'), 'x');
    await using later = client.fileWatch({ path: path });
    await later.ready;
    await writeFile(join(path, 'later'), 'x');
    expect((await later.next()).value?.watchId).toBe(later.watchId);
    await everything.return();
    expect(await changes.next()).toEqual({ done: true, value: undefined });
  });

  test('a path that the server refuses fails ready and the loop', async () => {
    const changes = client.fileWatch({ path: 'relative' });
    await expect(changes.ready).rejects.toMatchObject({ code: 'CODEX_RPC', method: 'fs/watch' });
    await expect(changes.next()).rejects.toMatchObject({ code: 'CODEX_RPC' });
  });

  test('an abort ends the watch with its reason', async () => {
    const controller = new AbortController();
    const changes = client.fileWatch({ path: await newFolder('aborted') }, { signal: controller.signal });
    await changes.ready;
    const next = changes.next();
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(next).rejects.toBe(reason);
  });

  test('L10 the server’s death fails the loop', async () => {
    const doomed = await AsyncClient.start(provider.options);
    const changes = doomed.fileWatch({ path: folder });
    await changes.ready;
    const next = changes.next();
    process.kill(doomed.pid ?? 0, 'SIGKILL');
    await expect(next).rejects.toMatchObject({ code: 'CODEX_SERVER_CLOSED' });
    await changes.close();
  });
});
