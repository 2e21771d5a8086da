import { toStandardJsonSchema } from '@valibot/to-json-schema';
import { type } from 'arktype';
import { AsyncClient, defineTools, InvalidArgumentError, type Tools } from 'codex-async-client';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { readyServer } from '../helpers/piped-server.js';
import { answersTo, answerTo, calling } from './calling.js';

const description = 'Says so.';
const say = { description, input: z.object({ words: z.string() }) };

describe('what the server is told', () => {
  test.each([
    ['zod', z.object({ city: z.string(), days: z.int().optional() })],
    ['ArkType', type({ city: 'string', 'days?': 'number.integer' })],
    [
      'Valibot',
      toStandardJsonSchema(v.object({ city: v.string(), days: v.optional(v.pipe(v.number(), v.integer())) })),
    ],
    [
      'JSON Schema',
      {
        type: 'object',
        properties: { city: { type: 'string' }, days: { type: 'integer' } },
        required: ['city'],
      },
    ],
  ] as const)('is the input side of a schema of %s', (_, input) => {
    const [spec] = defineTools({ weather: { description, input } }).specs;
    expect(spec).toMatchObject({
      type: 'function',
      name: 'weather',
      description,
      inputSchema: {
        type: 'object',
        properties: { city: { type: 'string' }, days: { type: 'integer' } },
        required: ['city'],
      },
    });
  });

  test('is the schema as it is said: nothing of it is made strict', () => {
    const input = {
      type: 'object',
      properties: { a: { type: 'string', pattern: '^a' } },
      additionalProperties: true,
    };
    expect(defineTools({ a: { description, input } }).specs).toEqual([
      { type: 'function', name: 'a', description, inputSchema: input },
    ]);
  });

  test('is a copy, so that a later change of the schema changes nothing', () => {
    const input: Record<string, unknown> = { type: 'object' };
    const { specs } = defineTools({ a: { description, input } });
    input['type'] = 'array';
    expect(specs).toMatchObject([{ inputSchema: { type: 'object' } }]);
  });

  test('is the definition that a reference at the root leads to', () => {
    const A = { type: 'object', properties: { next: { $ref: '#/$defs/A' } } };
    const { specs } = defineTools({ a: { description, input: { $ref: '#/$defs/A', $defs: { A } } } });
    expect(specs).toMatchObject([{ inputSchema: { ...A, $defs: { A } } }]);
  });

  test('is one namespace with its tools, where one is given', () => {
    const namespace = { name: 'crm', description: 'Customers.' };
    const { specs } = defineTools({ say: { ...say, deferLoading: true } }, { namespace });
    expect(specs).toMatchObject([
      { type: 'namespace', ...namespace, tools: [{ type: 'function', name: 'say', deferLoading: true }] },
    ]);
  });
});

describe('L20 what codex would not take is refused with its place', () => {
  const input = { type: 'object' };
  test.each<[unknown, unknown, string, string]>([
    [undefined, {}, 'definitions', 'an object with a definition for each tool, got undefined'],
    [[say], {}, 'definitions', 'an object'],
    [{}, {}, 'definitions', 'one tool at least'],
    [{ 'a b': say }, {}, 'definitions.a b', '1 to 128 letters, digits, "_" and "-", got "a b"'],
    [{ '': say }, {}, 'definitions.', '1 to 128 letters'],
    [{ ['x'.repeat(129)]: say }, {}, `definitions.${'x'.repeat(129)}`, '1 to 128 letters'],
    [{ mcp: say }, {}, 'definitions.mcp', 'codex keeps mcp'],
    [{ mcp__a: say }, {}, 'definitions.mcp__a', 'codex keeps mcp'],
    [{ a: undefined }, {}, 'definitions.a', 'expected an object, got undefined'],
    [{ a: { ...say, inptu: 1 } }, {}, 'definitions.a.inptu', 'did you mean "input"?'],
    [{ a: { input } }, {}, 'definitions.a.description', 'tells the model what it is for, got undefined'],
    [{ a: { description: ' ', input } }, {}, 'definitions.a.description', 'got " "'],
    [{ a: { description } }, {}, 'definitions.a.input', 'got undefined'],
    [{ a: { description, input: z.string() } }, {}, 'definitions.a.input.type', '"object"'],
    [{ a: { description, input: {} } }, {}, 'definitions.a.input.type', 'got undefined'],
    [{ a: { description, input: { $ref: '#/no' } } }, {}, 'definitions.a.input.type', 'got undefined'],
    [{ a: { description, input: () => 1 } }, {}, 'definitions.a.input', 'got a function'],
    [{ a: { description, input: v.object({}) } }, {}, 'definitions.a.input', 'toStandardJsonSchema(schema)'],
    [{ a: { ...say, output: 1 } }, {}, 'definitions.a.output', 'got 1'],
    [
      { a: { ...say, output: { '~standard': {} } } },
      {},
      'definitions.a.output["~standard"]',
      'with validate',
    ],
    [{ a: { ...say, deferLoading: 1 } }, {}, 'definitions.a.deferLoading', 'true or false'],
    [{ a: { ...say, deferLoading: true } }, {}, 'definitions.a.deferLoading', 'give options.namespace'],
    [{ a: say }, { space: 1 }, 'options.space', 'unknown name'],
    [{ a: say }, { namespace: 'crm' }, 'options.namespace', 'an object, got "crm"'],
    [{ a: say }, { namespace: { name: 'a.b', description } }, 'options.namespace.name', '1 to 64 letters'],
    [{ a: say }, { namespace: { name: 'x'.repeat(65), description } }, 'options.namespace.name', '1 to 64'],
    [{ a: say }, { namespace: { name: 'mcp', description } }, 'options.namespace.name', 'codex keeps mcp'],
    [{ a: say }, { namespace: { name: 'crm' } }, 'options.namespace.description', 'got undefined'],
  ])('%j %j', (definitions, options, argument, text) => {
    const define = () => Reflect.apply(defineTools, undefined, [definitions, options]);
    expect(define).toThrow(InvalidArgumentError);
    expect(define).toThrow(expect.objectContaining({ argument, message: expect.stringContaining(text) }));
  });
});

describe('match', () => {
  const tools = defineTools({ say });

  test('is the call in a loop over any stream, and undefined for all else', async () => {
    const server = await readyServer();
    const seen: unknown[] = [];
    server.send(
      { method: 'turn/started', params: { threadId: 't', turn: { id: 'turn' } } },
      calling({ id: 0, tool: 'other' }),
      calling({ id: 1, tool: 'say', namespace: 'crm' }),
      calling({ id: 2, tool: 'say', input: { words: 'Hi!' } }),
      { id: 3, method: 'item/tool/call', params: null },
    );
    for await (const message of server.client.events()) {
      const call = await tools.match(message);
      seen.push(call?.input);
      if (call?.tool === 'say' && call.issues === undefined) await call.respond(call.input.words);
      if (message.kind === 'request' && message.id === 3) break;
    }
    expect(seen).toEqual([undefined, undefined, undefined, { words: 'Hi!' }, undefined]);
    expect(await answerTo(server, 2)).toEqual({ success: true, text: 'Hi!' });
  });

  test('gives a call that does not fit with its issues, answered already, by its own tool', async () => {
    const server = await readyServer();
    server.send(calling({ id: 0, tool: 'say', input: { words: 5 } }));
    const message = await server.client.nextMessage();
    if (message === undefined) throw new Error('there is a message');
    const call = await tools.match(message);
    expect(call).toMatchObject({
      tool: 'say',
      callId: 'call 0',
      threadId: 't',
      turnId: 'turn',
      request: message,
    });
    expect(call?.input).toBeUndefined();
    expect(call?.issues).toMatchObject([{ path: ['words'] }]);
    expect(await answerTo(server, 0)).toMatchObject({ success: false });
    // Another look at the same message is no second answer.
    expect((await tools.match(message))?.issues).toHaveLength(1);
    expect(answersTo(server, 0)).toHaveLength(1);
  });

  test('finds the client of a message by itself, of any of several clients, also on a tap', async () => {
    const servers = [await readyServer(), await readyServer()];
    const taps = servers.map(({ client }) => client.tap({ methods: ['item/tool/call'] }));
    servers.forEach((server, index) => {
      server.send(calling({ id: 0, tool: 'say', input: { words: `to ${index}` } }));
    });
    for (const tap of taps) {
      const { value: message } = await tap.next();
      if (message === undefined || message.kind === 'gap') throw new Error('there is a call');
      const call = await tools.match(message);
      if (call?.issues === undefined) await call?.respond(call.input.words);
    }
    expect(await Promise.all(servers.map((server) => answerTo(server, 0)))).toMatchObject([
      { text: 'to 0' },
      { text: 'to 1' },
    ]);
  });

  test('says that a copy of a call came by no client', async () => {
    const server = await readyServer();
    server.send(calling({ id: 0, tool: 'say' }));
    const message = await server.client.nextMessage();
    const copied = tools.match(structuredClone(message) as never);
    await expect(copied).rejects.toThrow('message: expected a call as a client handed it out');
  });

  test('of what is no message is undefined', async () => {
    for (const value of [undefined, null, 5, 'item/tool/call', { method: 'item/tool/call' }])
      expect(await tools.match(value as never)).toBeUndefined();
  });
});

test('tools that defineTools did not make are refused', async () => {
  const server = await readyServer({ experimentalApi: true });
  const { specs, match } = defineTools({ say });
  const copy: Tools = { specs, match } as never;
  expect(() => server.client.toolCalls(copy)).toThrow('tools: expected tools made by defineTools()');
  const run = () => server.client.threadRun({ thread: { tools: copy }, turn: 'x' });
  expect(run).toThrow('params.thread.tools: expected tools made by defineTools()');
  const supervisor = AsyncClient.supervise({ codexPath: process.execPath, args: ['--version'] });
  expect(() => supervisor.toolCalls(copy)).toThrow('tools: expected tools made by defineTools()');
  await supervisor.shutdown();
});
