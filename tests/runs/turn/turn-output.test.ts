/** The output of a turn: typed and checked by its schema, and what its result rejects with when it does not fit. */
import { OutputMismatchError, ThreadRunError } from 'codex-async-client';
import { describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { expectRefused, type Mistake } from '../mistakes.js';
import { agentMessage, collected, PlayedServer, type PlayedTurn } from '../played-server.js';

const Poem = z.object({ title: z.string(), lines: z.int().optional() });
const GOOD = '{"title":"Pond","lines":null}';
const BAD = '{"title":7,"lines":null}';

/** Runs a turn whose answer is a text, or that ends without one. */
async function runOf(server: PlayedServer, text: string | undefined, outputSchema = Poem) {
  const run = server.client.turnRun({ threadId: 't', input: 'x', outputSchema });
  const turn = await server.turn();
  turn.accept().started();
  if (text !== undefined) turn.item(agentMessage('m', text));
  return { run, turn };
}

const failure = (promise: Promise<unknown>) => promise.then(String, (error: unknown) => error);

describe('an output', () => {
  test('is what the schema makes of the final message; the schema goes out in strict form', async () => {
    await using server = new PlayedServer();
    const { run, turn } = await runOf(server, GOOD);
    turn.complete();
    const { output, finalMessage } = await run.result();
    expect(output?.title).toBe('Pond');
    expect({ output, finalMessage }).toEqual({ output: { title: 'Pond' }, finalMessage: GOOD });
    expect(turn.request.params?.['outputSchema']).toMatchObject({
      properties: { lines: { type: ['integer', 'null'] } },
      required: ['title', 'lines'],
      additionalProperties: false,
    });
  });

  test('is read once, however often the result is asked for', async () => {
    const checked = vi.fn(() => true);
    const schema = Poem.refine(checked);
    await using server = new PlayedServer();
    const { run, turn } = await runOf(server, GOOD, schema);
    turn.complete();
    const [one, other] = await Promise.all([run.result(), run.result()]);
    expect(one.output).toBe(other.output);
    expect((await run.result()).output).toBe(one.output);
    expect(checked).toHaveBeenCalledOnce();
  });

  test('of a thread, and of a turn by its handle, is the same', async () => {
    await using server = new PlayedServer();
    const first = server.client.threadRun({ turn: { input: 'x', outputSchema: Poem } }).result();
    server.answer(await server.next('thread/start'), { thread: { id: 't' } });
    (await server.turn()).accept().item(agentMessage('m', GOOD)).complete();
    const next = server.client.thread('t').run({ input: 'x', outputSchema: Poem }).result();
    (await server.turn()).accept().item(agentMessage('m', GOOD)).complete();
    expect([(await first).output, (await next).output]).toEqual([{ title: 'Pond' }, { title: 'Pond' }]);
  });

  test('of a turn that was interrupted is undefined', async () => {
    await using server = new PlayedServer();
    const { run, turn } = await runOf(server, '{"title":');
    turn.complete('interrupted');
    expect(await run.result()).toMatchObject({
      status: 'interrupted',
      output: undefined,
      finalMessage: '{"title":',
    });
  });

  test('of a turn that failed is not asked for', async () => {
    await using server = new PlayedServer();
    const { run, turn } = await runOf(server, BAD);
    turn.complete('failed', 'no luck');
    expect(await failure(run.result())).toMatchObject({
      code: 'CODEX_TURN_FAILED',
      result: { output: undefined },
    });
  });
});

describe('a final message that does not fit', () => {
  test.each<[string, string | undefined, object]>([
    ['the schema finds fault', BAD, { issues: [{ path: ['title'] }], text: BAD }],
    [
      'it is no JSON',
      'Sorry.',
      { issues: [{ message: expect.stringContaining('no JSON') }], cause: expect.any(SyntaxError) },
    ],
    ['there is none', undefined, { issues: [{ message: 'there is no final message' }], text: undefined }],
  ])('rejects the result with all that is known, when %s', async (_, text, expected) => {
    await using server = new PlayedServer();
    const { run, turn } = await runOf(server, text);
    turn.complete();
    const error = await failure(run.result());
    expect(error).toBeInstanceOf(OutputMismatchError);
    expect(error).toMatchObject({
      ...expected,
      result: { status: 'completed', finalMessage: text, output: undefined },
    });
  });

  test('is named in the message with the first issues', async () => {
    const Many = z.object({ a: z.string(), b: z.string(), c: z.string(), d: z.object({ e: z.string() }) });
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x', outputSchema: Many });
    (await server.turn()).accept().item(agentMessage('m', '{"a":1,"b":1,"c":1,"d":{"e":1}}')).complete();
    expect(String(await failure(run.result()))).toMatch(
      /asks for: a: .*; b: .*; c: .*; and 1 more; the final message is in/,
    );
  });

  test('matters to nobody who reads the run or its text', async () => {
    await using server = new PlayedServer();
    const play = (turn: PlayedTurn) => turn.accept().item(agentMessage('m', 'Sorry.')).complete();
    const read = server.client.turnRun({ threadId: 't', input: 'x', outputSchema: Poem });
    play(await server.turn());
    expect(await collected(read)).toHaveLength(2);
    const told = server.client.turnRun({ threadId: 't', input: 'x', outputSchema: Poem });
    const text = collected(told.text());
    play(await server.turn());
    expect(await text).toEqual(['Sorry.']);
    const first = server.client.threadRun({ turn: { input: 'x', outputSchema: Poem } });
    const firstText = collected(first.text());
    server.answer(await server.next('thread/start'), { thread: { id: 'u' } });
    play(await server.turn());
    expect(await firstText).toEqual(['Sorry.']);
  });

  test('is the cause of a thread run’s error, which has the thread', async () => {
    await using server = new PlayedServer();
    const result = server.client.threadRun({ turn: { input: 'x', outputSchema: Poem } }).result();
    const failed = failure(result);
    server.answer(await server.next('thread/start'), { thread: { id: 't' } });
    (await server.turn()).accept().item(agentMessage('m', BAD)).complete();
    const error = await failed;
    expect(error).toBeInstanceOf(ThreadRunError);
    expect(error).toMatchObject({ threadId: 't', cause: { code: 'CODEX_OUTPUT_MISMATCH', text: BAD } });
  });
});

describe('L20 a schema that cannot be asked for is refused before anything is sent', () => {
  const impossible = { type: 'object', properties: { tags: { type: 'object', additionalProperties: true } } };
  const where = 'outputSchema.properties.tags.additionalProperties';
  const refusals: Mistake[] = [
    ['turnRun', [{ threadId: 't', input: 'x', outputSchema: 'object' }], 'params.outputSchema'],
    ['threadRun', [{ turn: { input: 'x', outputSchema: 4 } }], 'params.turn.outputSchema'],
  ];
  test.each(refusals)('%s %j', async (...mistake) => {
    await expectRefused(...mistake);
  });

  test('with its place', async () => {
    await using server = new PlayedServer();
    const { client } = server;
    const turn = { input: 'x', outputSchema: impossible };
    expect(() => client.turnRun({ threadId: 't', ...turn })).toThrow(
      expect.objectContaining({ argument: `params.${where}` }),
    );
    expect(() => client.threadRun({ turn })).toThrow(
      expect.objectContaining({ argument: `params.turn.${where}` }),
    );
    expect(() => client.thread('t').run(turn)).toThrow(
      expect.objectContaining({ argument: `turn.${where}` }),
    );
    expect(server.piped.received).toEqual([]);
  });
});
