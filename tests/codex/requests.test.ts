/** Requests to the real server: known and unknown methods, experimental ones, errors, files, many at once. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AsyncClient, RpcError } from 'codex-async-client';
import { LocalModelProvider } from 'codex-async-client/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CLIENT_METHODS, EXPERIMENTAL_METHODS } from '../../src/protocol/generated.js';

let provider: LocalModelProvider;
let client: AsyncClient;
let folder: string;

beforeAll(async () => {
  provider = await LocalModelProvider.start();
  client = await AsyncClient.start({ ...provider.options });
  folder = await mkdtemp(join(tmpdir(), 'codex-files-'));
});
afterAll(async () => {
  await client.shutdown();
  await provider.close();
  await rm(folder, { recursive: true });
});

const errorOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => new Error('the call was expected to fail'),
    (error: unknown) => error,
  );

describe('methods', () => {
  test('an unknown one is an RpcError that keeps what the server said', async () => {
    const error = await errorOf(client.request('no/such/method', { a: 1 }));
    expect(error).toBeInstanceOf(RpcError);
    expect(error).toMatchObject({
      method: 'no/such/method',
      rpcCode: -32600,
      message: expect.stringContaining(
        'the server knows no method "no/such/method"; the nearest of its 187 are',
      ),
      serverMessage: expect.stringContaining('unknown variant `no/such/method`, expected one of'),
    });
    expect(client.isAlive).toBe(true);
  });

  test('supports() tells what the server knows', async () => {
    expect(await client.supports('thread/start')).toBe(true);
    expect(await client.supports('no/such/method')).toBe(false);
    expect(await client.supports(EXPERIMENTAL_METHODS[0])).toBe(true);
  });

  test('the server’s own list has every method of the table', async () => {
    const error = await errorOf(client.request('no/such/method'));
    if (!(error instanceof RpcError)) throw error;
    const listed = new Set([...error.serverMessage.matchAll(/`([^`]+)`/g)].map(([, name]) => name));
    expect(CLIENT_METHODS.filter((method) => !listed.has(method))).toEqual([]);
  });

  test('an experimental one needs experimentalApi', async () => {
    const call = (peer: AsyncClient) => peer.request('thread/realtime/listVoices', {});
    const refused = await errorOf(call(client));
    expect(refused).toBeInstanceOf(RpcError);
    expect(refused).toMatchObject({ rpcCode: -32600, message: expect.stringContaining('experimentalApi') });
    await using experimental = await AsyncClient.start({ ...provider.options, experimentalApi: true });
    expect(await call(experimental)).toMatchObject({ voices: expect.anything() });
  });

  test('params that the server cannot read are an RpcError of that call alone', async () => {
    const error = await errorOf(
      client.request('thread/read', { threadId: 'not an id', includeTurns: false }),
    );
    expect(error).toMatchObject({ code: 'CODEX_RPC', method: 'thread/read', rpcCode: expect.any(Number) });
    expect(await client.threadLoadedList()).toMatchObject({ data: expect.any(Array) });
  });
});

describe('files', () => {
  test('are written, read, listed and described', async () => {
    const path = join(folder, 'a \u2028 file.txt');
    const text = 'text with ü, 漢 and 🙂\u2028\n';
    await client.fsWriteFile({ path, dataBase64: Buffer.from(text).toString('base64') });
    const { dataBase64 } = await client.fsReadFile({ path });
    expect(Buffer.from(dataBase64, 'base64').toString()).toBe(text);
    const { entries } = await client.fsReadDirectory({ path: folder });
    expect(entries).toContainEqual(expect.objectContaining({ fileName: 'a \u2028 file.txt', isFile: true }));
    expect(await client.fsGetMetadata({ path })).toMatchObject({ isFile: true, isDirectory: false });
  });

  test('that are missing are an RpcError', async () => {
    const error = await errorOf(client.fsReadFile({ path: join(folder, 'missing') }));
    expect(error).toMatchObject({
      code: 'CODEX_RPC',
      rpcCode: -32603,
      message: expect.stringContaining('No such file or directory'),
    });
  });

  test('of 8 MiB arrive in one line', async () => {
    const path = join(folder, 'large');
    const bytes = Buffer.alloc(8 * 1024 * 1024, 'abcdefg');
    await writeFile(path, bytes);
    const { dataBase64 } = await client.fsReadFile({ path });
    expect(Buffer.from(dataBase64, 'base64').equals(bytes)).toBe(true);
  });
});

describe('many at once', () => {
  test('1,000 in parallel are all answered, each with its own answer', async () => {
    const path = (n: number) => join(folder, `missing-${n}`);
    const calls = Array.from({ length: 1_000 }, async (_, n) => {
      if (n % 2 === 0) return client.threadLoadedList();
      return errorOf(client.fsReadFile({ path: path(n) }));
    });
    for (const [n, answer] of (await Promise.all(calls)).entries()) {
      if (n % 2 === 0) expect(answer).toMatchObject({ data: [] });
      else expect(answer).toMatchObject({ code: 'CODEX_RPC', method: 'fs/readFile' });
    }
    expect(client.stats().requests).toEqual({ inFlight: 0, waiting: 0, retried: 0, unansweredByUs: 0 });
  });

  test('one that is given up harms no other', async () => {
    const controller = new AbortController();
    const slow = errorOf(client.commandExec({ command: ['sleep', '60'] }, { signal: controller.signal }));
    const other = client.modelList({});
    controller.abort('enough');
    expect(await slow).toBe('enough');
    expect(await other).toMatchObject({ data: expect.any(Array) });
    const late = await errorOf(client.commandExec({ command: ['sleep', '60'] }, { timeoutMs: 30 }));
    expect(late).toMatchObject({ code: 'CODEX_REQUEST_TIMEOUT', method: 'command/exec', timeoutMs: 30 });
    expect(await client.threadLoadedList()).toMatchObject({ data: [] });
  });

  test('text ids of the caller’s own are echoed by the server', async () => {
    function* ids() {
      for (let n = 0; ; n += 1) yield n % 2 === 0 ? `request ${n} \u2028` : n;
    }
    await using own = await AsyncClient.start({ ...provider.options, requestIds: ids() });
    for (let n = 0; n < 4; n += 1) expect(await own.threadLoadedList()).toMatchObject({ data: [] });
  });
});
