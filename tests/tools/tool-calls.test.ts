import {
  type AsyncClient,
  ConcurrentReadError,
  defineTools,
  ServerClosedError,
  type StandardJsonSchema,
  type ToolCallOptions,
  type Tools,
} from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { microtasks, outcomeOf, type PipedServer, readyServer, turn } from '../helpers/piped-server.js';
import { answersTo, answerTo, calling, ended } from './calling.js';

const input = { type: 'object' } as const;
const described = { description: 'Does it.', input };
const one = defineTools({ one: described });
const two = defineTools({ two: described, three: described });
const LEFT = { success: false, text: 'The tool was not run to its end: its consumer has left.' };

/** The ids of calls that a stream hands out, as long as there are some at hand. */
async function idsOf(
  calls: AsyncIterator<{ readonly request: { readonly id: unknown } }>,
): Promise<unknown[]> {
  const ids: unknown[] = [];
  for (;;) {
    const read = await outcomeOf(calls.next());
    if (read === 'pending') return ids;
    // What settled here is what next() gives.
    const { value } = read as IteratorResult<{ readonly request: { readonly id: unknown } }, undefined>;
    if (value === undefined) return ids;
    ids.push(value.request.id);
  }
}

/** A schema that checks when it is told to. */
function slowSchema(): { schema: StandardJsonSchema<object>; checked: (issues?: string) => void } {
  let checked: (issues?: string) => void = () => {};
  const validate = (value: unknown) =>
    new Promise<{ value: object } | { issues: { message: string }[] }>((resolve) => {
      checked = (message) =>
        resolve(message === undefined ? { value: Object(value) } : { issues: [{ message }] });
    });
  const schema = {
    '~standard': { version: 1, vendor: 'slow', validate, jsonSchema: { input: () => input } },
  } as const;
  return { schema, checked: (issues) => checked(issues) };
}

/** What may read beside a stream of calls. */
type Others = (client: AsyncClient) => AsyncIterator<unknown>;

describe('L1 a call goes to the stream of its tool', () => {
  test.each<[string, Others]>([
    ['the main stream', (client) => client.events()],
    ['a stream of requests', (client) => client.events({ kind: 'request' })],
    [
      'a stream of the method, of the thread',
      (client) => client.events({ kind: 'request', methods: ['item/tool/call'], threadId: 't' }),
    ],
    ['a stream of the turn', (client) => client.events({ kind: 'request', turnId: 'turn', threadId: 't' })],
    ['a run that is iterated', (client) => client.turn({ threadId: 't', turnId: 'turn' })],
  ])('and not to %s, which has all others', async (_, open) => {
    const server = await readyServer();
    const other = open(server.client);
    const calls = server.client.toolCalls(one);
    server.send(calling({ id: 0, tool: 'one' }), calling({ id: 1, tool: 'two' }));
    const { value: call } = await calls.next();
    expect(call?.callId).toBe('call 0');
    expect(await other.next()).toMatchObject({ value: { id: 1 } });
    expect(await outcomeOf(calls.next())).toBe('pending');
  });

  test('and each of several sets has its own, also those of one name in two namespaces', async () => {
    const server = await readyServer();
    const description = 'Many.';
    const sets: Tools[] = [
      one,
      two,
      defineTools({ one: described }, { namespace: { name: 'a', description } }),
      defineTools({ one: described }, { namespace: { name: 'b', description } }),
    ];
    const streams = sets.map((set) => server.client.toolCalls(set));
    server.send(
      calling({ id: 0, tool: 'three' }),
      calling({ id: 1, tool: 'one', namespace: 'b' }),
      calling({ id: 2, tool: 'one' }),
      calling({ id: 3, tool: 'one', namespace: 'a' }),
      calling({ id: 4, tool: 'two' }),
      calling({ id: 5, tool: 'one', namespace: 'c' }),
    );
    await server.quiet();
    const ids: unknown[] = [];
    for (const stream of streams) ids.push(await idsOf(stream));
    expect(ids).toEqual([[2], [0, 4], [3], [1]]);
    expect(await server.client.nextMessage()).toMatchObject({ id: 5 });
  });

  test('that of its thread first, then the oldest', async () => {
    const server = await readyServer();
    const oldest = server.client.toolCalls(one);
    const younger = server.client.toolCalls(one);
    const ofThread = server.client.toolCalls(one, { threadId: 't' });
    server.send(calling({ id: 0, tool: 'one' }), calling({ id: 1, tool: 'one', threadId: 'u' }));
    await server.quiet();
    expect([await idsOf(ofThread), await idsOf(oldest), await idsOf(younger)]).toEqual([[0], [1], []]);
  });

  test('with those that are unread on the main stream', async () => {
    const server = await readyServer();
    server.send(
      calling({ id: 0, tool: 'two' }),
      calling({ id: 1, tool: 'one' }),
      calling({ id: 2, tool: 'one' }),
    );
    await server.quiet();
    expect(await idsOf(server.client.toolCalls(one))).toEqual([1, 2]);
    expect(await server.client.nextMessage()).toMatchObject({ id: 0 });
  });
});

test('L16 result() refuses no call that a stream takes, and every other one', async () => {
  const server = await readyServer();
  const calls = server.client.toolCalls(one);
  const result = server.client.turnRun({ threadId: 't', input: 'x' }).result();
  const { id } = await server.receivedWhere(({ method }) => method === 'turn/start');
  server.send({ id, result: { turn: { id: 'turn', status: 'inProgress', items: [] } } });
  server.send(calling({ id: 10, tool: 'one' }), calling({ id: 11, tool: 'two' }));
  const { value: call } = await calls.next();
  expect(await answerTo(server, 11)).toMatchObject({ success: false });
  await call?.respond('done');
  server.send(ended());
  expect(await result).toMatchObject({ status: 'interrupted' });
  expect(await answerTo(server, 10)).toEqual({ success: true, text: 'done' });
});

describe('a call that does not fit', () => {
  const city = defineTools({
    weather: {
      description: 'Weather.',
      input: z.object({ city: z.string(), days: z.int().max(3).optional() }),
    },
  });

  test('is answered with each place, and the next one is handed out', async () => {
    const server = await readyServer();
    const calls = server.client.toolCalls(city);
    server.send(
      calling({ id: 0, tool: 'weather', input: { days: 9 } }),
      calling({ id: 1, tool: 'weather', input: ['Jena'] }),
      calling({ id: 2, tool: 'weather', input: null }),
      calling({ id: 3, tool: 'weather', input: { city: 'Jena' } }),
    );
    expect(await idsOf(calls)).toEqual([3]);
    const { success, text } = await answerTo(server, 0);
    expect(success).toBe(false);
    expect(text).toContain('The arguments of weather do not fit its schema, so it was not run:\n- city: ');
    expect(text).toMatch(/\n- days: .*\nCall it again with arguments that fit\.$/);
    expect((await answerTo(server, 1)).text).toContain('expected an object of arguments, got an array of 1');
    expect((await answerTo(server, 2)).text).toContain('expected an object of arguments, got null');
  });

  test.each<[string, () => unknown, string]>([
    [
      'throws',
      () => {
        throw new Error('no database');
      },
      'could not check it: no database',
    ],
    ['rejects', () => Promise.reject(new Error('no network')), 'could not check it: no network'],
    [
      'throws what is no error',
      () => {
        throw 'a text';
      },
      'could not check it: a text',
    ],
    ['answers nonsense', () => undefined, 'expected a value or issues, got undefined'],
    ['answers nonsense later', async () => 5, 'expected a value or issues, got 5'],
    ['finds no issue that says anything', () => ({ issues: [null] }), 'expected one at least, each with'],
  ])('is one whose schema %s', async (_, validate, why) => {
    const schema = {
      '~standard': { version: 1, vendor: 'odd', validate, jsonSchema: { input: () => input } },
    };
    const server = await readyServer();
    const calls = server.client.toolCalls(
      defineTools({ odd: { description: 'Odd.', input: schema as never } }),
    );
    server.send(calling({ id: 0, tool: 'odd' }));
    expect(await idsOf(calls)).toEqual([]);
    expect(await answerTo(server, 0)).toMatchObject({ success: false, text: expect.stringContaining(why) });
  });

  test('names the first twenty of many places', async () => {
    const server = await readyServer();
    const numbers = defineTools({
      sum: { description: 'Sums.', input: z.object({ of: z.array(z.number()) }) },
    });
    const calls = server.client.toolCalls(numbers);
    server.send(calling({ id: 0, tool: 'sum', input: { of: Array.from({ length: 50 }, () => 'x') } }));
    expect(await idsOf(calls)).toEqual([]);
    const { text } = await answerTo(server, 0);
    expect(text.split('\n')).toHaveLength(23);
    expect(text).toContain('- of.19: ');
    expect(text).toContain('- and 30 more');
  });
});

describe('L11 leaving', () => {
  const leaves: [string, (calls: AsyncIterator<unknown>, controller: AbortController) => unknown][] = [
    ['return()', (calls) => calls.return?.()],
    ['its signal', (_, controller) => controller.abort()],
  ];

  test.each(leaves)(
    'by %s refuses what was handed out and not answered, once, and nothing else',
    async (_, leave) => {
      const server = await readyServer();
      const controller = new AbortController();
      const calls = server.client.toolCalls(one, { signal: controller.signal });
      server.send(...[0, 1, 2, 3].map((id) => calling({ id, tool: 'one', turnId: `turn ${id}` })));
      const [answered, open, stale] = [await calls.next(), await calls.next(), await calls.next()];
      await answered.value?.respond('done');
      server.send(ended('t', 'turn 2'));
      await server.quiet();
      expect(stale.value?.signal.aborted).toBe(true);
      await leave(calls, controller);
      expect(await answerTo(server, 1)).toEqual(LEFT);
      expect(await answerTo(server, 0)).toEqual({ success: true, text: 'done' });
      await expect(open.value?.respond('late')).rejects.toThrow('answered already');
      await turn();
      expect(answersTo(server, 2)).toEqual([]);
      expect(await calls.next()).toEqual({ done: true, value: undefined });
    },
  );

  test('by break, and by an error in the loop, refuses as well', async () => {
    const server = await readyServer();
    server.send(calling({ id: 0, tool: 'one' }), calling({ id: 1, tool: 'one' }));
    for await (const _ of server.client.toolCalls(one)) break;
    expect(await answerTo(server, 0)).toEqual(LEFT);
    server.send(calling({ id: 2, tool: 'one' }));
    const failing = (async () => {
      for await (const { request } of server.client.toolCalls(one)) throw new Error(`at ${request.id}`);
    })();
    await expect(failing).rejects.toThrow('at 2');
    expect(await answerTo(server, 2)).toEqual(LEFT);
  });

  test('by the end of its scope refuses as well', async () => {
    const server = await readyServer();
    server.send(calling({ id: 0, tool: 'one' }));
    {
      await using calls = server.client.toolCalls(one);
      await calls.next();
    }
    expect(await answerTo(server, 0)).toEqual(LEFT);
  });

  test('refuses what is unread where nobody would get it, so that no turn waits for ever', async () => {
    const server = await readyServer();
    const calls = server.client.toolCalls(one);
    server.send(calling({ id: 0, tool: 'one' }), calling({ id: 1, tool: 'one' }));
    await calls.next();
    await calls.return();
    expect(await answerTo(server, 1)).toEqual(LEFT);
  });

  test.each<[string, Others]>([
    ['another stream of the tool', (client) => client.toolCalls(one)],
    ['a stream of requests', (client) => client.events({ kind: 'request' })],
    ['the main stream, where somebody has it open', (client) => client.events()],
  ])('hands what is unread to %s', async (_, open) => {
    const server = await readyServer();
    const calls = server.client.toolCalls(one);
    const next = open(server.client);
    server.send(calling({ id: 0, tool: 'one' }));
    await server.quiet();
    await calls.return();
    const { value } = await next.next();
    expect(value).toMatchObject(Object(value).kind === 'request' ? { id: 0 } : { callId: 'call 0' });
    expect(answersTo(server, 0)).toEqual([]);
  });

  test('ends a read that waits, and one whose schema takes its time; its call is refused', async () => {
    const server = await readyServer();
    const { schema, checked } = slowSchema();
    const waiting = server.client.toolCalls(one);
    const checking = server.client.toolCalls(defineTools({ slow: { description: 'Slow.', input: schema } }));
    const reads = [waiting.next(), checking.next()];
    server.send(calling({ id: 0, tool: 'slow' }));
    await server.quiet();
    await Promise.all([waiting.return(), checking.return()]);
    expect(await Promise.all(reads)).toMatchObject([{ done: true }, { done: true }]);
    expect(await answerTo(server, 0)).toEqual(LEFT);
    checked('too late');
    await turn();
    expect(answersTo(server, 0)).toHaveLength(1);
  });

  test('while a call is on its way to the loop refuses that call, at whatever moment', async () => {
    for (let moment = 0; moment < 8; moment += 1) {
      const server = await readyServer();
      const calls = server.client.toolCalls(one);
      server.send(calling({ id: 0, tool: 'one' }));
      await server.quiet();
      const read = calls.next();
      await microtasks(moment);
      await calls.return();
      await read;
      await turn();
      expect(answersTo(server, 0), `after ${moment} microtasks`).toMatchObject([{ success: false }]);
    }
  });

  test('with a signal that has fired before takes nothing', async () => {
    const server = await readyServer();
    server.send(calling({ id: 0, tool: 'one' }));
    await server.quiet();
    const calls = server.client.toolCalls(one, { signal: AbortSignal.abort() });
    expect(await calls.next()).toEqual({ done: true, value: undefined });
    expect(await server.client.nextMessage()).toMatchObject({ id: 0 });
    expect(server.client.stats().streams).toHaveLength(1);
  });
});

describe('a call that nobody waits for any more', () => {
  test('is not handed out when its turn ended while it was unread, or while it was checked', async () => {
    const server = await readyServer();
    const { schema, checked } = slowSchema();
    const calls = server.client.toolCalls(
      defineTools({ one: described, slow: { description: 'S.', input: schema } }),
    );
    server.send(calling({ id: 0, tool: 'one' }), ended(), calling({ id: 1, tool: 'slow', turnId: 'next' }));
    const read = calls.next();
    await server.quiet();
    server.send(ended('t', 'next'), calling({ id: 2, tool: 'one', turnId: 'last' }));
    await server.quiet();
    checked();
    expect(await read).toMatchObject({ value: { callId: 'call 2' } });
  });

  test('is not handed out when somebody else answered it while it was checked', async () => {
    const server = await readyServer();
    const { schema, checked } = slowSchema();
    const calls = server.client.toolCalls(
      defineTools({ one: described, slow: { description: 'S.', input: schema } }),
    );
    const read = calls.next();
    server.send(calling({ id: 0, tool: 'slow' }), calling({ id: 1, tool: 'one' }));
    await server.quiet();
    await server.client.respondById(0, { contentItems: [], success: true });
    checked();
    expect(await read).toMatchObject({ value: { callId: 'call 1' } });
  });

  test('and whose schema never settles holds nothing up: the loop goes on, or ends with the server', async () => {
    const server = await readyServer();
    const { schema } = slowSchema();
    const calls = server.client.toolCalls(
      defineTools({ one: described, stuck: { description: 'S.', input: schema } }),
    );
    const read = calls.next();
    server.send(calling({ id: 0, tool: 'stuck' }));
    await server.quiet();
    server.send(calling({ id: 3, tool: 'stuck' }), ended(), calling({ id: 1, tool: 'one', turnId: 'next' }));
    expect(await outcomeOf(read)).toMatchObject({ value: { callId: 'call 1' } });
    server.send(calling({ id: 2, tool: 'stuck', turnId: 'next' }));
    const last = calls.next();
    await server.quiet();
    server.end();
    expect(await outcomeOf(last)).toBeInstanceOf(ServerClosedError);
  });
});

test('a call that the server sends again is handed out once', async () => {
  const server = await readyServer();
  const calls = server.client.toolCalls(one);
  server.send(calling({ id: 0, tool: 'one' }));
  const { value: call } = await calls.next();
  server.send(calling({ id: 0, tool: 'one' }), calling({ id: 1, tool: 'one' }));
  expect(await calls.next()).toMatchObject({ value: { callId: 'call 1' } });
  await call?.respond('done');
  expect(answersTo(server, 0)).toHaveLength(1);
});

test('L12 one that was sent again is handed out once, also where it goes to a narrower loop now', async () => {
  const server = await readyServer();
  const calls = server.client.toolCalls(one);
  server.send(calling({ id: 0, tool: 'one' }));
  const { value: call } = await calls.next();
  const narrower = server.client.toolCalls(one, { threadId: 't' });
  server.send(calling({ id: 0, tool: 'one' }));
  expect(await idsOf(narrower)).toEqual([]);
  await call?.respond('done');
  expect(await answerTo(server, 0)).toEqual({ success: true, text: 'done' });
});

test('L12 one that was sent again after another reader had it is handed out, as the same request', async () => {
  const server = await readyServer();
  server.send(calling({ id: 0, tool: 'one' }));
  await server.client.nextMessage();
  const calls = server.client.toolCalls(one);
  server.send(calling({ id: 0, tool: 'one' }));
  expect(await calls.next()).toMatchObject({ value: { callId: 'call 0', request: { replayed: true } } });
});

describe('L9 the end of the server', () => {
  async function reading(): Promise<{ server: PipedServer; read: Promise<unknown> }> {
    const server = await readyServer();
    return { server, read: server.client.toolCalls(one).next() };
  }

  test('ends the loop after shutdown()', async () => {
    const { server, read } = await reading();
    const down = server.client.shutdown();
    server.end();
    await down;
    expect(await read).toEqual({ done: true, value: undefined });
  });

  test('is an error when it went by itself', async () => {
    const { server, read } = await reading();
    server.end();
    await expect(read).rejects.toThrow(ServerClosedError);
  });
});

test('has one reader at a time', async () => {
  const server = await readyServer();
  const calls = server.client.toolCalls(one);
  const first = calls.next();
  await expect(calls.next()).rejects.toThrow(ConcurrentReadError);
  await calls.return();
  expect(await first).toEqual({ done: true, value: undefined });
});

test('L20 bad options are refused, with what is expected', async () => {
  const server = await readyServer();
  const open = (options: unknown) => () => server.client.toolCalls(one, options as ToolCallOptions);
  expect(open({ thread: 't' })).toThrow('options.thread: unknown name');
  expect(open({ threadId: '' })).toThrow('options.threadId: expected a non-empty string');
  expect(open({ signal: 1 })).toThrow('options.signal: expected an AbortSignal');
  expect(open({ name: 1 })).toThrow('options.name: expected a non-empty string');
  expect(open({ maxHeldBytes: 0 })).toThrow('options.maxHeldBytes: expected a whole number of bytes');
  expect(open({ maxHeldBytes: 1e12 })).toThrow('buffer.maxBytes');
  expect(open(5)).toThrow('options: expected an object');
  expect(server.client.stats().streams).toHaveLength(1);
});

test('stats() show the stream under its name, with its bound', async () => {
  const server = await readyServer();
  server.client.toolCalls(two);
  server.client.toolCalls(one, { name: 'mine', maxHeldBytes: 1_000 });
  expect(server.client.stats().streams.slice(1)).toMatchObject([
    { name: 'toolCalls(two, three)' },
    { name: 'mine', maxHeldBytes: 1_000 },
  ]);
});

test('L3 a loop that does not read holds the server back at its bound, and loses no call', async () => {
  const server = await readyServer();
  const calls = server.client.toolCalls(one, { maxHeldBytes: 1_000 });
  const words = 'x'.repeat(400);
  const send = (id: number) => server.send(calling({ id, tool: 'one', input: { words } }));
  for (let id = 0; id < 8; id += 1) {
    send(id);
    await server.quiet();
  }
  expect(server.client.stats().paused.now).toBe(true);
  expect(await idsOf(calls)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});
