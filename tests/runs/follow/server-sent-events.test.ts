/** Entries as server-sent events, read by a page of a few lines: over pipelines, over reconnects, and while nothing comes. */
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  ConcurrentReadError,
  InvalidArgumentError,
  type ServerMessage,
  type ServerSentEvents,
  type ServerSentEventsOptions,
  serverSentEvents,
  type ThreadEntry,
  type ThreadLog,
} from 'codex-async-client';
import { applyMessage, type ThreadView, viewOfThread } from 'codex-async-client/view';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { delta, deltas, wire } from '../../helpers/messages.js';
import { microtasks, type PipedServer, turn } from '../../helpers/piped-server.js';
import { thread } from '../../view/threads.js';
import { followed } from './followed.js';
import { Page } from './page.js';
import { toldThread } from './told-threads.js';

async function* entriesOf(...entries: readonly ThreadEntry[]): AsyncGenerator<ThreadEntry, undefined> {
  yield* entries;
}

/** Entries that are never told, and whether they were left. */
class SilentEntries implements AsyncIterableIterator<ThreadEntry> {
  reads = 0;
  isLeft = false;
  fail: (error: Error) => void = () => {};
  tell: (entry: ThreadEntry) => void = () => {};

  next(): Promise<IteratorResult<ThreadEntry>> {
    this.reads += 1;
    return new Promise((resolve, reject) => {
      this.fail = reject;
      this.tell = (value) => resolve({ done: false, value });
    });
  }

  async return(): Promise<IteratorResult<ThreadEntry>> {
    this.isLeft = true;
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator]() {
    return this;
  }
}

const entry = (n: number): ThreadEntry => ({ id: `e.${n}`, message: delta(n) });

async function textOf(events: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const piece of events) text += piece;
  return text;
}

describe('server-sent events', () => {
  test('have an id, a name where it is no message, and the data on one line', async () => {
    const view = viewOfThread(thread({ name: 'a\r\nb\u2028c' }));
    const message: ThreadEntry = {
      id: 'e.2',
      message: { ...delta(1), params: { ...delta(1).params, delta: '\n\r\n' } },
    };
    const entries = entriesOf({ id: 'e.gap', gap: { missed: null } }, { id: 'e.1', snapshot: view }, message);
    expect(await textOf(serverSentEvents(entries))).toBe(
      'id: e.gap\nevent: gap\ndata: {"missed":null}\n\n' +
        `id: e.1\nevent: snapshot\ndata: ${JSON.stringify(view)}\n\n` +
        `id: e.2\ndata: ${JSON.stringify(message.message)}\n\n`,
    );
    expect(JSON.stringify(message.message)).not.toMatch(/[\r\n]/);
  });

  test('write an entry as text once, for however many pages', async () => {
    let written = 0;
    const message = Object.assign(delta(1), {
      toJSON: () => {
        written += 1;
        return {};
      },
    });
    const shared: ThreadEntry = { id: 'e.1', message };
    await Promise.all([1, 2, 3].map(() => textOf(serverSentEvents(entriesOf(shared)))));
    expect(written).toBe(1);
  });

  test('are pulled: no entry is read before its event is wanted', async () => {
    const entries = new SilentEntries();
    const events = serverSentEvents(entries);
    await turn();
    expect(entries.reads).toBe(0);
    const first = events.next();
    await expect(events.next()).rejects.toThrow(ConcurrentReadError);
    entries.tell(entry(1));
    await first;
    await turn();
    expect(entries.reads).toBe(1);
  });

  test('fail as the entries do', async () => {
    const entries = new SilentEntries();
    const events = serverSentEvents(entries);
    const first = events.next();
    const gone = new Error('gone');
    entries.fail(gone);
    await expect(first).rejects.toBe(gone);
    expect((await events.next()).done).toBe(true);
  });

  test('fail with an entry that cannot be text', async () => {
    const message = Object.assign(delta(1), { size: 1n });
    await expect(serverSentEvents(entriesOf({ id: 'e', message })).next()).rejects.toThrow(TypeError);
  });

  test.each<[string, (events: ServerSentEvents) => unknown]>([
    ['return()', (events) => events.return()],
    ['await using', (events) => events[Symbol.asyncDispose]()],
  ])('that are left by %s leave the entries, without waiting for one', async (_, leave) => {
    const entries = new SilentEntries();
    const events = serverSentEvents(entries);
    const first = events.next();
    await leave(events);
    expect((await first).done).toBe(true);
    expect(entries.isLeft).toBe(true);
    entries.fail(new Error('nobody hears it'));
    await turn();
  });

  test.each<[unknown, unknown, string]>([
    [[], {}, 'entries: expected the entries of a followed thread, as read() gives them, got an array of 0'],
    [
      undefined,
      {},
      'entries: expected the entries of a followed thread, as read() gives them, got undefined',
    ],
    [entriesOf(), { keepAliveMs: -1 }, 'options.keepAliveMs: expected a whole number of milliseconds'],
    [entriesOf(), { keepAlive: 1 }, 'options.keepAlive: unknown name; did you mean "keepAliveMs"?'],
  ])('refuse %o and %o', (entries, options, message) => {
    const make = () => serverSentEvents(entries as never, options as ServerSentEventsOptions);
    expect(make).toThrow(InvalidArgumentError);
    expect(make).toThrow(message);
  });
});

describe('while nothing comes', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('a comment is sent after keepAliveMs without an entry, again and again, and no entry is lost', async () => {
    const entries = new SilentEntries();
    const events = serverSentEvents(entries, { keepAliveMs: 1_000 });
    for (let comments = 0; comments < 3; comments += 1) {
      const next = events.next();
      vi.advanceTimersByTime(1_000);
      expect((await next).value).toBe(':\n\n');
    }
    // It comes while nobody waits, and is handed out to the next who does.
    entries.tell(entry(1));
    await turn();
    expect((await events.next()).value).toContain('id: e.1\n');
    expect(entries.reads).toBe(1);
    const next = events.next();
    entries.tell(entry(2));
    expect((await next).value).toContain('id: e.2\n');
  });

  test('the time begins with each wait, and a fired timer does no harm to a reader that is busy', async () => {
    const entries = new SilentEntries();
    const events = serverSentEvents(entries, { keepAliveMs: 1_000 });
    const first = events.next();
    vi.advanceTimersByTime(999);
    entries.tell(entry(1));
    expect((await first).value).toContain('id: e.1\n');
    vi.advanceTimersByTime(5_000);
    const second = events.next();
    vi.advanceTimersByTime(999);
    entries.tell(entry(2));
    expect((await second).value).toContain('id: e.2\n');
    await events.return();
    expect(vi.getTimerCount()).toBe(0);
  });

  test('a failure between two comments is told to the next who reads', async () => {
    const entries = new SilentEntries();
    const events = serverSentEvents(entries, { keepAliveMs: 1_000 });
    const comment = events.next();
    vi.advanceTimersByTime(1_000);
    await comment;
    const gone = new Error('gone');
    entries.fail(gone);
    await turn();
    await expect(events.next()).rejects.toBe(gone);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('15 seconds is the default, and 0 is none', async () => {
    const [usual, none] = [new SilentEntries(), new SilentEntries()];
    const comment = serverSentEvents(usual).next();
    const silent = serverSentEvents(none, { keepAliveMs: 0 });
    void silent.next();
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(15_000);
    expect((await comment).value).toBe(':\n\n');
    await silent.return();
  });
});

describe('a page over real streams', () => {
  test('is written to by pipeline and by Readable.from, up to the end of the client', async () => {
    const { server, log } = await followed();
    const pages = [new Page(), new Page()] as const;
    const response = new PassThrough();
    response.on('data', (text: Buffer) => pages[0].receive(text.toString()));
    const piped = pipeline(serverSentEvents(log.read()), response);
    Readable.from(serverSentEvents(log.read())).on('data', (text: string) => pages[1].receive(text));
    server.send(...deltas(1, 50).map(wire));
    await server.quiet();
    await server.client.shutdown();
    await piped;
    await turn();
    for (const { view } of pages)
      expect(view?.turns[0]?.items).toMatchObject([{ text: expect.stringMatching(/^123.*50$/) }]);
  });

  test('that goes away is noticed by the next comment: nothing is left of it', async () => {
    const { log } = await followed();
    const isOver: Promise<unknown>[] = [];
    const site = createServer((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const events = serverSentEvents(log.read(), { keepAliveMs: 10 });
      isOver.push(pipeline(events, response).catch((error: unknown) => error));
    });
    site.listen(0, '127.0.0.1');
    await once(site, 'listening');
    const { port } = site.address() as AddressInfo;
    const page = request({ port, host: '127.0.0.1' }).end();
    const [response] = await once(page, 'response');
    await once(response, 'data');
    page.destroy();
    expect(await isOver[0]).toMatchObject({ code: 'ERR_STREAM_PREMATURE_CLOSE' });
    site.close();
  });
});

/** Each of them starts a client. */
const RUNS = Number(process.env['INTERLEAVING_RUNS'] ?? 600);

/** A browser's tab: it reads at its own pace, loses its connection, and comes back with the last id that it has. */
class Tab {
  readonly page = new Page();
  readonly #log: ThreadLog;
  #events: ServerSentEvents;

  constructor(log: ThreadLog) {
    this.#log = log;
    this.#events = serverSentEvents(log.read(), { keepAliveMs: 0 });
  }

  /** Whatever is on its way is lost. */
  async reconnect(lose: number): Promise<void> {
    const old = this.#events;
    for (let lost = 0; lost < lose; lost += 1) void old.next().catch(() => {});
    await old.return();
    this.page.connects();
    this.#events = serverSentEvents(this.#log.read({ after: this.page.lastId }), { keepAliveMs: 0 });
  }

  async read(jitter: number): Promise<boolean> {
    await microtasks(jitter);
    const { done, value } = await this.#events.next();
    if (done !== true) for (const half of [value.slice(0, 7), value.slice(7)]) this.page.receive(half);
    return done !== true;
  }

  async readToEnd(): Promise<void> {
    while (await this.read(0));
  }
}

type Doing =
  | { readonly does: 'send'; readonly count: number }
  | { readonly does: 'read'; readonly tab: number; readonly jitter: number }
  | { readonly does: 'reconnect'; readonly tab: number; readonly lose: number };

const tab = fc.nat({ max: 1 });
const doings: fc.Arbitrary<Doing[]> = fc.array(
  fc.oneof(
    fc.record({ does: fc.constant('send' as const), count: fc.integer({ min: 1, max: 8 }) }),
    fc.record({ does: fc.constant('read' as const), tab, jitter: fc.nat({ max: 4 }) }),
    fc.record({ does: fc.constant('reconnect' as const), tab, lose: fc.nat({ max: 1 }) }),
  ),
  { maxLength: 25 },
);

/** What a step does; a read that finds nothing waits beside the steps that follow. */
async function act(step: Doing, server: PipedServer, rest: ServerMessage[], tabs: readonly Tab[]) {
  if (step.does === 'send') {
    server.send(...rest.splice(0, step.count).map(wire));
    await turn();
    return;
  }
  const acting = tabs[step.tab];
  if (step.does === 'reconnect') await acting?.reconnect(step.lose);
  else await Promise.race([acting?.read(step.jitter).catch(() => {}), turn()]);
}

test('L25 after any disconnects, at any pace and with whatever is kept, a page shows what the thread is', async () => {
  await fc.assert(
    fc.asyncProperty(
      toldThread,
      doings,
      fc.integer({ min: 1, max: 5_000 }),
      async (messages, script, keepBytes) => {
        const { server, log } = await followed({ keepBytes });
        const tabs = [new Tab(log), new Tab(log)];
        const rest = [...messages];
        for (const step of script) await act(step, server, rest, tabs);
        for (const each of tabs) await each.reconnect(0);
        server.send(...rest.splice(0).map(wire));
        await server.quiet();
        const { snapshot } = (await log.read().next()).value as ThreadEntry;
        await server.client.shutdown();
        const { epoch } = snapshot as ThreadView;
        const whole = messages.reduce<ThreadView>(applyMessage, viewOfThread(thread(), { epoch }));
        expect(snapshot).toEqual(whole);
        for (const each of tabs) {
          await each.readToEnd();
          expect(each.page.view).toEqual(whole);
        }
      },
    ),
    { numRuns: RUNS / 10 },
  );
});
