// Lists that come in pages: items in a loop, by hand, and given on as an async iterable.
import type { AsyncClient, PageItem, protocol } from 'codex-async-client';

export async function previews(client: AsyncClient, most: number): Promise<string[]> {
  const found: string[] = [];
  for await (const thread of client.paginate('thread/list', { limit: 50, archived: false })) {
    found.push(`${thread.id} ${thread.preview}`);
    if (found.length === most) break;
  }
  return found;
}

export async function firstModel(client: AsyncClient): Promise<PageItem<'model/list'> | undefined> {
  const models = client.paginate('model/list')[Symbol.asyncIterator]();
  const first = await models.next();
  return first.done === true ? undefined : first.value;
}

export const threads = (client: AsyncClient): AsyncIterable<protocol.Thread> =>
  client.paginate('thread/list');
