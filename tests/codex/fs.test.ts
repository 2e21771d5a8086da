/** The file methods on the real server. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AsyncClient } from 'codex-async-client';
import { LocalModelProvider } from 'codex-async-client/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

let provider: LocalModelProvider;
let client: AsyncClient;
let folder: string;

beforeAll(async () => {
  provider = await LocalModelProvider.start();
  client = await AsyncClient.start(provider.options);
  folder = await mkdtemp(join(tmpdir(), 'fs-methods-'));
});

afterAll(async () => {
  await client?.shutdown();
  await provider?.close();
  await rm(folder, { recursive: true, force: true });
});

test('files are written, read, listed, copied and removed through the server', async () => {
  const dataBase64 = btoa('hello');
  const path = join(folder, 'deep', 'file.txt');
  const copy = join(folder, 'copy.txt');
  await client.fsCreateDirectory({ path: join(folder, 'deep'), recursive: true });
  await client.fsWriteFile({ path, dataBase64 });
  expect(await readFile(path, 'utf8')).toBe('hello');
  expect((await client.fsReadFile({ path })).dataBase64).toBe(dataBase64);
  expect(await client.fsGetMetadata({ path })).toMatchObject({ isFile: true, isDirectory: false });
  await client.fsCopy({ sourcePath: path, destinationPath: copy });
  const { entries } = await client.fsReadDirectory({ path: folder });
  expect(entries.map((entry) => entry.fileName).sort()).toEqual(['copy.txt', 'deep']);
  await client.fsRemove({ path: copy });
  await expect(client.fsReadFile({ path: copy })).rejects.toMatchObject({
    code: 'CODEX_RPC',
    method: 'fs/readFile',
    rpcCode: -32603,
  });
});
