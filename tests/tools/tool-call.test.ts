import {
  AlreadyRespondedError,
  defineTools,
  InvalidArgumentError,
  ServerClosedError,
  StaleRequestError,
  type ToolDefinition,
} from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type PipedServer, readyServer } from '../helpers/piped-server.js';
import { answersTo, answerTo, calling, ended } from './calling.js';

const plain = { description: 'Does it.', input: { type: 'object' } } as const;

/** One call in hand. */
async function called(definition: ToolDefinition = plain) {
  const server: PipedServer = await readyServer();
  const calls = server.client.toolCalls(defineTools({ tool: definition }));
  server.send(calling({ id: 0, tool: 'tool', input: { a: 1 } }));
  const { value: call } = await calls.next();
  if (call === undefined) throw new Error('there is a call');
  return { server, call, calls };
}

const circular: Record<string, unknown> = {};
circular['itself'] = circular;

describe('respond', () => {
  const image = { type: 'inputImage', imageUrl: 'data:image/png;base64,AA==' } as const;

  test.each([
    ['a text', 'plain words', [{ type: 'inputText', text: 'plain words' }]],
    ['an empty text', '', [{ type: 'inputText', text: '' }]],
    ['content', [{ type: 'inputText', text: 'a' }, image], [{ type: 'inputText', text: 'a' }, image]],
    ['an object', { a: [1] }, [{ type: 'inputText', text: '{"a":[1]}' }]],
    ['an array of other things', [{ type: 'dog' }], [{ type: 'inputText', text: '[{"type":"dog"}]' }]],
    ['an empty array', [], [{ type: 'inputText', text: '[]' }]],
    ['null', null, [{ type: 'inputText', text: 'null' }]],
    ['a number', 0, [{ type: 'inputText', text: '0' }]],
    ['false', false, [{ type: 'inputText', text: 'false' }]],
  ])('sends %s', async (_, answer, contentItems) => {
    const { server, call } = await called();
    await call.respond(answer);
    expect(answersTo(server, 0)).toEqual([{ contentItems, success: true }]);
  });

  test.each<[unknown, string, string]>([
    [undefined, 'answer', 'a value that JSON can hold, got undefined'],
    [() => 1, 'answer', 'got a function'],
    [circular, 'answer', 'a value that JSON can hold'],
    [1n, 'answer', 'a value that JSON can hold'],
    [Promise.resolve('late'), 'answer', 'a value, not a promise of one: await it first'],
    [{ a: [Number.NaN] }, 'answer.a[0]', 'a finite number, got NaN'],
    [[image, { type: 'inputText' }], 'answer[1].text', 'a string, got undefined'],
    [
      [image, 'words'],
      'answer[1]',
      'a content item (inputText, inputImage, inputAudio) as beside it, got "words"',
    ],
  ])('refuses %s, and the call stays open', async (answer, argument, text) => {
    const { server, call } = await called();
    const error = await call.respond(answer as never).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InvalidArgumentError);
    expect(error).toMatchObject({ argument, message: expect.stringContaining(text) });
    await call.respond('then this');
    expect(await answerTo(server, 0)).toEqual({ success: true, text: 'then this' });
  });

  test('with an output schema sends what that makes of the value', async () => {
    const output = z.object({
      celsius: z.number().transform((value) => value * 2),
      unit: z.string().default('C'),
    });
    const { server, call } = await called({ ...plain, output });
    await call.respond({ celsius: 2 });
    expect((await answerTo(server, 0)).text).toBe('{"celsius":4,"unit":"C"}');
  });

  test('with an output schema sends a text that it lets through as it is, and an array as JSON', async () => {
    const { server, call } = await called({ ...plain, output: z.string() });
    await call.respond('words');
    expect((await answerTo(server, 0)).text).toBe('words');
    const other = await called({ ...plain, output: { type: 'array' } });
    await other.call.respond([image]);
    expect((await answerTo(other.server, 0)).text).toBe(JSON.stringify([image]));
  });

  test('with a plain output schema takes what is right once it is JSON', async () => {
    const output = { type: 'object', properties: { at: { type: 'string' } } };
    const { server, call } = await called({ ...plain, output });
    await expect(call.respond(new Date(0))).rejects.toThrow('expected object, got "1970-');
    await call.respond({ at: new Date(0) });
    expect((await answerTo(server, 0)).text).toBe('{"at":"1970-01-01T00:00:00.000Z"}');
  });

  test.each([
    ['a library', z.object({ n: z.int() })],
    ['a library that takes its time', z.object({ n: z.int().refine(async () => true) })],
    ['plain JSON', { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] }],
  ])(
    'refuses what the output schema of %s does not let through, and the call stays open',
    async (_, output) => {
      const { server, call } = await called({ ...plain, output });
      const wrong = call.respond({ n: 'x' });
      await expect(wrong).rejects.toThrow(
        /^answer: expected what the output schema of tool lets through; n: /,
      );
      await expect(call.respond(undefined as never)).rejects.toThrow('JSON can hold');
      await call.respond({ n: 1 });
      expect(await answerTo(server, 0)).toEqual({ success: true, text: '{"n":1}' });
    },
  );

  test('has answered when it returns: who leaves right after has not left it unanswered', async () => {
    const { server, call, calls } = await called({ ...plain, output: z.string() });
    const answered = call.respond('in time');
    await calls.return();
    await answered;
    expect(await answerTo(server, 0)).toEqual({ success: true, text: 'in time' });
  });
});

describe('fail', () => {
  test('answers with a reason that the model reads', async () => {
    const { server, call } = await called();
    await call.fail('no such city');
    expect(await answerTo(server, 0)).toEqual({ success: false, text: 'no such city' });
  });

  test.each([undefined, '', 5])('refuses %j for a reason', async (message) => {
    const { call } = await called();
    await expect(call.fail(message as never)).rejects.toThrow('message: expected a non-empty string');
  });
});

describe('a call', () => {
  test('says where it comes from', async () => {
    const { call } = await called();
    expect(call).toMatchObject({
      tool: 'tool',
      input: { a: 1 },
      threadId: 't',
      turnId: 'turn',
      callId: 'call 0',
    });
    expect(call.request).toMatchObject({ kind: 'request', id: 0, method: 'item/tool/call' });
    expect(call.issues).toBeUndefined();
  });

  test('L12 is answered once, whether by respond, fail or the client', async () => {
    const { server, call } = await called();
    await call.respond('one');
    await expect(call.respond('two')).rejects.toThrow(AlreadyRespondedError);
    await expect(call.fail('three')).rejects.toThrow(AlreadyRespondedError);
    await expect(server.client.respond(call.request, { contentItems: [], success: true })).rejects.toThrow(
      AlreadyRespondedError,
    );
    expect(answersTo(server, 0)).toHaveLength(1);
  });

  test('L12 is stale when its turn is over, and its signal fires', async () => {
    const { server, call } = await called();
    const { signal } = call;
    expect(signal.aborted).toBe(false);
    server.send(ended());
    await server.quiet();
    expect(signal.reason).toBeInstanceOf(StaleRequestError);
    await expect(call.respond('late')).rejects.toThrow(StaleRequestError);
    await expect(call.fail('late')).rejects.toThrow(StaleRequestError);
    expect(answersTo(server, 0)).toEqual([]);
  });

  test('L10 of a server that is gone is answered by nobody', async () => {
    const { server, call } = await called();
    server.end();
    await server.client.closed;
    expect(call.signal.aborted).toBe(true);
    await expect(call.respond('late')).rejects.toThrow(ServerClosedError);
  });
});
