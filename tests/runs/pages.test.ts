/** Pages against a server that the test plays. */
import { describe, expect, test } from 'vitest';
import { PipedServer } from '../helpers/piped-server.js';

/** Answers each request for a page with the next of these. */
async function serve(server: PipedServer, ...pages: object[]): Promise<void> {
  for (const [index, result] of pages.entries()) {
    const request = (await server.receivedRequests(index + 1))[index];
    server.send({ id: request?.id, result });
  }
}

function page(data: readonly unknown[], nextCursor: string | null): object {
  return { data, nextCursor };
}

describe('paginate', () => {
  test('yields the items of every page, empty ones included, and passes the params on', async () => {
    const server = new PipedServer();
    const items: string[] = [];
    const served = serve(server, page(['a', 'b'], '1'), page([], '2'), page(['c'], null));
    for await (const id of server.client.paginate('thread/loaded/list', { limit: 2 })) items.push(id);
    await served;
    expect(items).toEqual(['a', 'b', 'c']);
    expect(server.received.map(({ params }) => params)).toEqual([
      { limit: 2 },
      { limit: 2, cursor: '1' },
      { limit: 2, cursor: '2' },
    ]);
  });

  test('asks for nothing before it is read, and for no page before the one before it is used up', async () => {
    const server = new PipedServer();
    const items = server.client.paginate('thread/loaded/list')[Symbol.asyncIterator]();
    await server.quiet();
    expect(server.received).toHaveLength(0);
    const served = serve(server, page(['a', 'b'], '1'), page(['c'], '2'));
    for (const requests of [1, 1, 2]) {
      await items.next();
      await server.quiet();
      expect(server.received).toHaveLength(requests);
    }
    await served;
    await items.return?.();
    await server.quiet();
    expect(server.received).toHaveLength(2);
  });

  test('leaving the loop asks for nothing more, and a second loop starts anew', async () => {
    const server = new PipedServer();
    const ids = server.client.paginate('thread/loaded/list');
    const served = serve(server, page(['a'], '1'), page(['a'], '1'));
    for (let loops = 1; loops <= 2; loops += 1) {
      for await (const id of ids) {
        expect(id).toBe('a');
        break;
      }
      await server.quiet();
      expect(server.received).toHaveLength(loops);
    }
    await served;
    expect(server.received.map(({ params }) => params)).toEqual([{}, {}]);
  });

  test('begins at the cursor that it is given, with the options of the requests', async () => {
    const server = new PipedServer();
    const trace = { traceparent: '00-1-2-01' };
    const items: string[] = [];
    const served = serve(server, page(['a'], '6'), page(['b'], null));
    const pages = server.client.paginate('thread/loaded/list', { cursor: '5', limit: 1 }, { trace });
    for await (const id of pages) items.push(id);
    await served;
    expect(items).toEqual(['a', 'b']);
    expect(server.received).toMatchObject([
      { params: { cursor: '5', limit: 1 }, trace },
      { params: { cursor: '6', limit: 1 }, trace },
    ]);
  });

  test('a cursor that repeats is an error, not a loop without end', async () => {
    const server = new PipedServer();
    const items = server.client.paginate('thread/loaded/list');
    const served = serve(server, page(['a'], '1'), page(['b'], '2'), page(['c'], '1'));
    const seen: string[] = [];
    const loop = (async () => {
      for await (const id of items) seen.push(id);
    })();
    await expect(loop).rejects.toMatchObject({
      code: 'CODEX_PROTOCOL',
      message: expect.stringContaining('thread/loaded/list gave the cursor "1" twice'),
    });
    await served;
    expect(seen).toEqual(['a', 'b', 'c']);
  });

  test('a cursor that is the one to begin at is an error at once: its page would come again', async () => {
    const server = new PipedServer();
    const items = server.client.paginate('thread/loaded/list', { cursor: '5' });
    const served = serve(server, page(['a'], '5'));
    const seen: string[] = [];
    const loop = (async () => {
      for await (const id of items) seen.push(id);
    })();
    await expect(loop).rejects.toMatchObject({ code: 'CODEX_PROTOCOL' });
    await served;
    expect([seen, server.received.length]).toEqual([['a'], 1]);
  });

  test('an answer that is no page is an error', async () => {
    const server = new PipedServer();
    const next = server.client.paginate('thread/loaded/list')[Symbol.asyncIterator]().next();
    await serve(server, { data: null });
    await expect(next).rejects.toMatchObject({
      code: 'CODEX_PROTOCOL',
      message: expect.stringContaining('thread/loaded/list answered without a page of data'),
    });
  });

  test('L20 names a method that has no pages, and sends nothing', async () => {
    const server = new PipedServer();
    const { client } = server;
    const invalid = (argument: string) =>
      expect.objectContaining({ code: 'CODEX_INVALID_ARGUMENT', argument });
    expect(() => client.paginate('thread/start' as 'thread/list')).toThrow(/"thread\/start" has no pages/);
    expect(() => client.paginate('thread/lists' as 'thread/list')).toThrow(/did you mean "thread\/list"/);
    expect(() => client.paginate('' as 'thread/list')).toThrow(invalid('method'));
    // @ts-expect-error a method is a name
    expect(() => client.paginate(5)).toThrow(
      /^method: 5 has no pages; these have: .*thread\/list, project\/list, .*model\/list/,
    );
    expect(() => client.paginate('thread/list', 5 as never)).toThrow(/^params: expected an object, got 5/);
    // @ts-expect-error the method needs a thread
    expect(() => client.paginate('thread/turns/list')).not.toThrow();
    expect(() => client.paginate('thread/list', {}, { timeoutMs: -1 })).toThrow(invalid('options.timeoutMs'));
    expect(server.received).toEqual([]);
  });
});
