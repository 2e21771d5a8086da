/** Tools of the client under a real codex: what the model is told, and that each call is answered once. */
import { AsyncClient, defineTools, StaleRequestError } from 'codex-async-client';
import { LocalModelProvider, text, toolCall } from 'codex-async-client/testing';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { codexWithModel } from './codex-with-model.js';

const weather = {
  description: 'The weather of a city.',
  input: z.object({ city: z.string().min(2), days: z.int().default(1) }),
  output: z.object({ celsius: z.number() }),
} as const;
const tools = defineTools({ weather });
const clock = defineTools({ time: { description: 'The time.', input: { type: 'object', properties: {} } } });

const EXPERIMENTAL = { experimentalApi: true } as const;

/** What the model was told that the tools said. */
function outputs({ requests }: LocalModelProvider): string[] {
  return requests.at(-1)?.toolOutputs.map(({ text }) => text) ?? [];
}

describe('defined tools', () => {
  test('are told to the model, and a call goes to the loop with its type, beside result()', async () => {
    await using codex = await codexWithModel(EXPERIMENTAL);
    codex.provider.enqueue(toolCall('weather', { city: 'Jena' }), text('It is warm.'));
    const calls = codex.client.toolCalls(tools);
    const result = codex.client.threadRun({ thread: { tools }, turn: 'How warm is it?' }).result();
    const { value: call } = await calls.next();
    expect(call).toMatchObject({ tool: 'weather', input: { city: 'Jena', days: 1 } });
    await call?.respond({ celsius: 21.5 });
    expect((await result).finalMessage).toBe('It is warm.');
    expect(outputs(codex.provider)).toEqual(['{"celsius":21.5}']);
    const [first] = codex.provider.requests;
    expect(first?.toolNames).toContain('weather');
    expect(JSON.stringify(first?.body)).toContain('"required":["city"]');
    expect(codex.client.stats().requests.unansweredByUs).toBe(0);
  });

  test('a call that does not fit is mended by the model, and only the mended one is handed out', async () => {
    await using codex = await codexWithModel(EXPERIMENTAL);
    codex.provider.enqueue(
      toolCall('weather', { city: 'J' }),
      toolCall('weather', { city: 'Jena' }),
      text('ok'),
    );
    const calls = codex.client.toolCalls(tools);
    const result = codex.client.threadRun({ thread: { tools }, turn: 'go' }).result();
    const { value: call } = await calls.next();
    expect(call?.input.city).toBe('Jena');
    const refusal = outputs(codex.provider).at(-1);
    expect(refusal).toMatch(/^The arguments of weather do not fit its schema, so it was not run:\n- city: /);
    await call?.respond({ celsius: 1 });
    const { items } = await result;
    const succeeded = items.map((item) => (item.type === 'dynamicToolCall' ? item.success : undefined));
    expect(succeeded.filter((success) => success !== undefined)).toEqual([false, true]);
  });

  test('an interrupt fires the signal of a call, and its answer is stale', async () => {
    await using codex = await codexWithModel(EXPERIMENTAL);
    codex.provider.enqueue(toolCall('weather', { city: 'Jena' }), text('never said'));
    const calls = codex.client.toolCalls(tools);
    const run = codex.client.threadRun({ thread: { tools }, turn: 'go' });
    const result = run.result();
    const { value: call } = await calls.next();
    expect(call?.signal.aborted).toBe(false);
    await run.interrupt();
    expect((await result).status).toBe('interrupted');
    expect(call?.signal.reason).toBeInstanceOf(StaleRequestError);
    await expect(call?.respond({ celsius: 1 })).rejects.toThrow(StaleRequestError);
  });

  test('two sets on one thread each get their own, beside an iterated run, which has what is in neither', async () => {
    await using codex = await codexWithModel(EXPERIMENTAL);
    const third = { type: 'function', name: 'third', description: 'Of nobody.', inputSchema: {} } as const;
    codex.provider.enqueue(
      toolCall('time', {}),
      toolCall('weather', { city: 'Jena' }),
      toolCall('third', {}),
      text('ok'),
    );
    const dynamicTools = [...tools.specs, ...clock.specs, third];
    const threadId = await codex.newThread({ dynamicTools });
    const times = codex.client.toolCalls(clock, { threadId });
    const weathers = codex.client.toolCalls(tools, { threadId });
    const answering = Promise.all([
      (async () => {
        for await (const call of times) await call.respond('noon');
      })(),
      (async () => {
        for await (const call of weathers) await call.respond({ celsius: 3 });
      })(),
    ]);
    const run = codex.client.turnRun({ threadId, input: 'go' });
    for await (const message of run) {
      if (message.method !== 'item/tool/call') continue;
      expect(message.params.tool).toBe('third');
      expect(await tools.match(message)).toBeUndefined();
      await codex.client.respond(message, { contentItems: [], success: true });
    }
    const said = codex.provider.requests.flatMap(({ toolOutputs }) => toolOutputs.map(({ text }) => text));
    expect(said.slice(0, 2)).toEqual(['noon', '{"celsius":3}']);
    await codex.client.shutdown();
    await answering;
  });

  test('match() finds a call in the loop of a run, and answers one that does not fit', async () => {
    await using codex = await codexWithModel(EXPERIMENTAL);
    codex.provider.enqueue(toolCall('weather', {}), toolCall('weather', { city: 'Jena' }), text('ok'));
    const seen: unknown[] = [];
    for await (const message of codex.client.threadRun({ thread: { tools }, turn: 'go' })) {
      const call = await tools.match(message);
      if (call?.tool === 'weather') {
        seen.push(call.issues?.length ?? call.input);
        if (call.issues === undefined) await call.respond({ celsius: 4 });
      }
    }
    expect(seen).toEqual([1, { city: 'Jena', days: 1 }]);
  });

  test('in a namespace are found by it, also those that the model has to search for', async () => {
    const input = { type: 'object', properties: { id: { type: 'integer' } }, required: ['id'] } as const;
    const crm = defineTools(
      {
        find: { description: 'Finds.', input },
        merge: { description: 'Merges.', input, deferLoading: true },
      },
      { namespace: { name: 'crm', description: 'Customers.' } },
    );
    await using codex = await codexWithModel(EXPERIMENTAL);
    codex.provider.enqueue(
      toolCall('find', { id: 1 }, { namespace: 'crm' }),
      toolCall('find', { id: 'x' }, { namespace: 'crm' }),
      text('ok'),
    );
    const answering = (async () => {
      let answered = 0;
      for await (const call of codex.client.toolCalls(crm)) {
        await call.respond(call.input);
        answered += 1;
      }
      return answered;
    })();
    await codex.client.threadRun({ thread: { tools: crm }, turn: 'go' }).result();
    const said = codex.provider.requests.flatMap(({ toolOutputs }) => toolOutputs.map(({ text }) => text));
    expect(said).toEqual(['{"id":1}', expect.stringContaining('- id: expected integer, got "x"')]);
    expect(codex.provider.requests[0]?.toolNames).toEqual(
      expect.arrayContaining(['crm.find', 'tool_search']),
    );
    await codex.client.shutdown();
    expect(await answering).toBe(1);
  });

  test('are refused before anything is sent where the client has no experimental API', async () => {
    await using codex = await codexWithModel();
    expect(() => codex.client.threadRun({ thread: { tools }, turn: 'go' })).toThrow(
      'params.thread.tools: expected a client with the experimental API',
    );
    await expect(codex.client.threadStart({ dynamicTools: tools.specs })).rejects.toThrow(
      'experimentalApi: true',
    );
    expect(await codex.client.threadLoadedList({})).toMatchObject({ data: [] });
  });

  test('every name and definition that is let through, codex takes', async () => {
    await using codex = await codexWithModel(EXPERIMENTAL);
    const input = { type: 'object' } as const;
    const description = 'd';
    const names = ['a', '1', '-', 'a_B-9', 'x'.repeat(128), 'shell', 'functions'];
    const odd = defineTools(Object.fromEntries(names.map((name) => [name, { description, input }])));
    const namespace = { name: 'n'.repeat(64), description };
    const spaced = defineTools({ a: { description, input, deferLoading: true } }, { namespace });
    await codex.newThread({ dynamicTools: [...odd.specs, ...spaced.specs] });
  });
});

test('a loop of a supervisor goes on with the next server', async () => {
  await using provider = await LocalModelProvider.start();
  await using supervisor = AsyncClient.supervise({ ...provider.options, ...EXPERIMENTAL });
  const calls = supervisor.toolCalls(tools);
  provider.enqueue(toolCall('weather', { city: 'Jena' }));
  const first = supervisor.threadRun({ thread: { tools }, turn: 'go' });
  const lost = first.result().catch((error: unknown) => error);
  const { value: call } = await calls.next();
  const client = await supervisor.client();
  process.kill(client.pid ?? 0, 'SIGKILL');
  await client.closed;
  expect(call?.signal.aborted).toBe(true);
  await lost;
  provider.enqueue(toolCall('weather', { city: 'Erfurt' }), text('It is cold.'));
  const threadId = first.threadId ?? '';
  const second = supervisor.turnRun({ threadId, input: 'again' }).result();
  const { value: next } = await calls.next();
  expect(next?.input.city).toBe('Erfurt');
  await next?.respond({ celsius: -3 });
  expect((await second).finalMessage).toBe('It is cold.');
});
