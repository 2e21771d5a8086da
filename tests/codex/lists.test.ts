/** Lists on the real server: page by page, and the plain methods. */
import { AsyncClient } from 'codex-async-client';
import { echo, LocalModelProvider } from 'codex-async-client/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

let provider: LocalModelProvider;
let client: AsyncClient;

beforeAll(async () => {
  provider = await LocalModelProvider.start({ defaultReply: echo() });
  client = await AsyncClient.start({ ...provider.options, experimentalApi: true });
});

afterAll(async () => {
  await client?.shutdown();
  await provider?.close();
});

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

describe('paginate on the real server', () => {
  test('yields every thread once, over several pages', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 5; n += 1) {
      const { thread } = await client.threadStart({});
      ids.push(thread.id);
      await client.turnRun({ threadId: thread.id, input: `thread ${n}` }).result();
    }
    const listed = await all(client.paginate('thread/list', { limit: 2 }));
    expect(listed.map((thread) => thread.id).sort()).toEqual(ids.sort());
    const firstPage = await client.threadList({ limit: 2 });
    expect(firstPage.data).toHaveLength(2);
    expect(firstPage.nextCursor).not.toBeNull();
    const loaded = await all(client.paginate('thread/loaded/list', { limit: 1 }));
    expect(loaded.sort()).toEqual(ids);
    const turns = await all(client.paginate('thread/turns/list', { threadId: ids[0] ?? '', limit: 1 }));
    expect(turns).toHaveLength(1);
  });

  test('yields every model, whatever the size of a page, and goes on from a cursor', async () => {
    const { data } = await client.modelList();
    const models = await all(client.paginate('model/list', { limit: 1 }));
    expect(models.map((model) => model.id)).toEqual(data.map((model) => model.id));
    expect(models.length).toBeGreaterThan(1);
    const { nextCursor } = await client.modelList({ limit: 1 });
    const rest = await all(client.paginate('model/list', { limit: 1, cursor: nextCursor }));
    expect(rest.map((model) => model.id)).toEqual(data.slice(1).map((model) => model.id));
  });

  test('fails the loop with what the server refuses', async () => {
    const items = client.paginate('thread/list', { cursor: 'bogus' });
    await expect(all(items)).rejects.toMatchObject({ code: 'CODEX_RPC', method: 'thread/list' });
  });
});

test('appList, modelList and skillsList answer as their types say', async () => {
  expect(await client.appList({})).toEqual({ data: [], nextCursor: null });
  expect((await client.modelList({ limit: 1 })).data).toHaveLength(1);
  expect((await client.skillsList({})).data).toBeInstanceOf(Array);
});
