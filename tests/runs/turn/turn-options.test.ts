/** Bad input to runs and handles fails at once, names the argument, and sends nothing. */
import { type AsyncClient, InvalidArgumentError } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { PlayedServer } from '../played-server.js';

/** Calls `turnRun` and the like with what the types forbid, as a program without types would. */
type Untyped = Record<'turnRun' | 'threadRun' | 'thread', (...args: unknown[]) => unknown>;
const untyped = (client: AsyncClient): Untyped => ({
  turnRun: (...args) => Reflect.apply(client.turnRun, client, args),
  threadRun: (...args) => Reflect.apply(client.threadRun, client, args),
  thread: (...args) => Reflect.apply(client.thread, client, args),
});

const good = { threadId: 't', input: 'x' };

/** What is called, with what, and the argument that the error names. */
const MISTAKES: readonly (readonly [keyof Untyped, readonly unknown[], string])[] = [
  ['turnRun', [], 'params'],
  ['turnRun', [null], 'params'],
  ['turnRun', ['hello'], 'params'],
  ['turnRun', [{ input: 'x' }], 'params.threadId'],
  ['turnRun', [{ threadId: '', input: 'x' }], 'params.threadId'],
  ['turnRun', [{ threadId: 7, input: 'x' }], 'params.threadId'],
  ['turnRun', [{ threadId: 't' }], 'params.input'],
  ['turnRun', [{ threadId: 't', input: [] }], 'params.input'],
  ['turnRun', [{ threadId: 't', input: 5 }], 'params.input'],
  ['turnRun', [{ threadId: 't', input: { type: 'text', text: 'x' } }], 'params.input'],
  ['turnRun', [{ threadId: 't', input: ['x', 5] }], 'params.input[1]'],
  ['turnRun', [{ threadId: 't', input: [{ text: 'x' }] }], 'params.input[0]'],
  ['turnRun', [{ threadId: 't', input: [{ type: 'text' }] }], 'params.input[0].text'],
  ['turnRun', [good, null], 'options'],
  ['turnRun', [good, { timeoutMS: 5 }], 'options.timeoutMS'],
  ['turnRun', [good, { timeoutMs: -1 }], 'options.timeoutMs'],
  ['turnRun', [good, { startTimeoutMs: 1.5 }], 'options.startTimeoutMs'],
  ['turnRun', [good, { completionTimeoutMs: 5 }], 'options.completionTimeoutMs'],
  ['turnRun', [good, { whenBusy: 'queue' }], 'options.whenBusy'],
  ['turnRun', [good, { idleTimeoutMs: Number.NaN }], 'options.idleTimeoutMs'],
  ['turnRun', [good, { idleTimeoutMs: 2 ** 31 }], 'options.idleTimeoutMs'],
  ['turnRun', [good, { signal: {} }], 'options.signal'],
  ['turnRun', [good, { detach: 'yes' }], 'options.detach'],
  ['turnRun', [good, { includeSubagents: 1 }], 'options.includeSubagents'],
  ['turnRun', [good, { collectEvents: null }], 'options.collectEvents'],
  ['turnRun', [good, { trace: 'x' }], 'options.trace'],
  ['threadRun', [], 'params'],
  ['threadRun', ['hello'], 'params'],
  ['threadRun', [{ turn: 'x', threads: {} }], 'params.threads'],
  ['threadRun', [{ thread: {} }], 'params.input'],
  ['threadRun', [{ turn: { input: [] } }], 'params.input'],
  ['threadRun', [{ turn: 'x', thread: 'y' }], 'params.thread'],
  ['threadRun', [{ turn: 'x' }, { detach: 1 }], 'options.detach'],
  ['thread', [], 'thread'],
  ['thread', [''], 'thread'],
  ['thread', [7], 'thread'],
  ['thread', [null], 'thread'],
  ['thread', [{}], 'thread'],
  ['thread', [{ thread: {} }], 'thread'],
  ['thread', [{ thread: null }], 'thread'],
  ['thread', [{ id: 5 }], 'thread'],
];

describe('bad input', () => {
  test.each(MISTAKES)('L20 %s(...%j) throws and names %s', async (call, args, argument) => {
    await using server = new PlayedServer();
    const error = await failureOf(() => untyped(server.client)[call](...args));
    expect(error).toBeInstanceOf(InvalidArgumentError);
    const name = argument.slice(argument.lastIndexOf('.') + 1);
    expect(error).toMatchObject({ argument, message: expect.stringContaining(name) });
    expect(server.piped.received).toEqual([]);
  });

  test.each([
    ['steer', '', 'an empty text is text, and passes', false],
    ['steer', [], 'input', true],
    ['steer', [5], 'input[0]', true],
  ] as const)('%s(%j): %s', async (_, input, argument, isRefused) => {
    await using server = new PlayedServer();
    const run = server.client.turnRun(good);
    (await server.turn()).accept().started();
    const steered: Promise<unknown> = Reflect.apply(run.steer, run, [input]);
    if (isRefused) await expect(steered).rejects.toMatchObject({ code: 'CODEX_INVALID_ARGUMENT', argument });
    else server.answer(await server.next('turn/steer'), { turnId: 'turn-1' });
    await steered.catch(() => undefined);
    expect(server.sent('turn/steer')).toBe(isRefused ? 0 : 1);
  });
});

test('params that JSON cannot hold reject the run, and nothing is sent', async () => {
  await using server = new PlayedServer();
  const error = await failureOf(() => untyped(server.client).turnRun({ ...good, outputSchema: { bad: 1n } }));
  expect(error).toMatchObject({ code: 'CODEX_INVALID_ARGUMENT', argument: 'turn/start: params' });
  expect(server.piped.received).toEqual([]);
});

test('input may be a text, texts, and the items of the protocol, unknown ones included', async () => {
  await using server = new PlayedServer();
  const image = { type: 'image', url: 'data:image/png;base64,AA==' } as const;
  const localImage = { type: 'localImage', path: '/tmp/x.png' } as const;
  const newer: unknown = { type: 'hologram', depth: 3 };
  const input = ['look', { type: 'text', text: 'closely' }, image, localImage, newer];
  const run: { result(): Promise<unknown> } = Reflect.apply(server.client.turnRun, server.client, [
    { threadId: 't', input },
  ]);
  const result = run.result();
  const turn = await server.turn();
  expect(turn.request.params).toEqual({
    threadId: 't',
    input: [
      { type: 'text', text: 'look', text_elements: [] },
      { type: 'text', text: 'closely', text_elements: [] },
      image,
      localImage,
      newer,
    ],
  });
  turn.accept().complete();
  await result;
});

test('timeoutMs, trace and the other params of turn/start reach the request', async () => {
  await using server = new PlayedServer();
  const trace = { traceparent: '00-1-2-01' };
  const run = server.client.turnRun({ ...good, model: 'm', effort: 'low' }, { trace });
  const turn = await server.turn();
  expect(turn.request).toMatchObject({ trace, params: { threadId: 't', model: 'm', effort: 'low' } });
  turn.accept().complete();
  await run.result();
});

/** What a call throws, or what its run rejects with. */
async function failureOf(call: () => unknown): Promise<unknown> {
  try {
    const run = call();
    await (run as { result?: () => Promise<unknown> }).result?.();
    return undefined;
  } catch (error) {
    return error;
  }
}
