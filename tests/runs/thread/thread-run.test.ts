/** A thread and its first turn in one. */
import { AlreadyReadError, defineTools, RpcError, ThreadRunError, TurnFailedError } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { readyServer } from '../../helpers/piped-server.js';
import { expectRefused, type Mistake, untyped } from '../mistakes.js';
import { collected, methodsOf, PlayedServer } from '../played-server.js';

/** The answer to `thread/start`, of which the thread is a part. */
const STARTED = { thread: { id: 't', preview: '' }, model: 'm', cwd: '/tmp' };

describe('threadRun()', () => {
  test('starts the thread, then the turn, and its result has both', async () => {
    await using server = new PlayedServer();
    const run = server.client.threadRun({ thread: { cwd: '/tmp' }, turn: { input: 'hi', model: 'm' } });
    expect([run.thread, run.threadId, run.turnId]).toEqual([undefined, undefined, undefined]);
    const methods = methodsOf(run);
    const start = await server.next('thread/start');
    expect(start.params).toEqual({ cwd: '/tmp' });
    server.answer(start, STARTED);
    const turn = await server.turn();
    expect(turn.request.params).toMatchObject({ threadId: 't', model: 'm', input: [{ text: 'hi' }] });
    turn.accept().started().say('hello').complete();
    expect(await methods).toEqual(['turn/started', 'item/agentMessage/delta', 'turn/completed']);
    expect(await run.result()).toMatchObject({ thread: STARTED, threadId: 't', finalMessage: 'hello' });
    expect([run.thread, run.threadId, run.turnId]).toEqual([STARTED, 't', 'turn-1']);
  });

  test('sends the specs of tools as dynamicTools', async () => {
    await using server = new PlayedServer();
    const tools = defineTools({ look: { description: 'Looks.', input: { type: 'object' } } });
    const run = server.client.threadRun({ thread: { tools, cwd: '/tmp' }, turn: 'hi' });
    const start = await server.next('thread/start');
    expect(start.params).toEqual({ cwd: '/tmp', dynamicTools: tools.specs });
    await run.return();
  });

  test('L20 takes tools, or dynamicTools, and knows the one name where another is misspelt', async () => {
    const server = await readyServer({ experimentalApi: true });
    const tools = defineTools({ look: { description: 'Looks.', input: { type: 'object' } } });
    const both = { tools, dynamicTools: tools.specs };
    expect(() => server.client.threadRun({ thread: both, turn: 'hi' })).toThrow(
      'params.thread.dynamicTools: expected none beside params.thread.tools',
    );
    expect(() => server.client.threadRun({ thread: { tols: tools } as object, turn: 'hi' })).toThrow(
      'params.thread.tols: unknown name; did you mean "tools"?',
    );
    const without = await readyServer();
    expect(() => without.client.threadRun({ thread: { tools }, turn: 'hi' })).toThrow(
      'params.thread.tools: expected a client with the experimental API',
    );
  });

  test('keeps the thread in the error when its turn fails, and the thread can be used on', async () => {
    await using server = new PlayedServer();
    const result = server.client.threadRun({ turn: 'hi' }).result();
    server.answer(await server.next('thread/start'), STARTED);
    (await server.turn()).accept().complete('failed', 'no luck');
    const error: unknown = await result.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ThreadRunError);
    expect(error).toMatchObject({ thread: STARTED, threadId: 't', cause: expect.any(TurnFailedError) });
    if (!(error instanceof ThreadRunError)) return;
    const again = server.client.thread(error.thread).run('again').result();
    (await server.turn()).accept().complete();
    expect((await again).status).toBe('completed');
  });

  test('keeps the thread also when the server goes in the middle', async () => {
    await using server = new PlayedServer();
    const result = server.client.threadRun({ turn: 'hi' }).result();
    const failed = expect(result).rejects.toMatchObject({
      code: 'CODEX_THREAD_RUN',
      thread: STARTED,
      cause: { code: 'CODEX_SERVER_CLOSED' },
    });
    server.answer(await server.next('thread/start'), STARTED);
    (await server.turn()).accept().started();
    await server.piped.quiet();
    server.piped.end();
    await failed;
  });

  test('rejects with the RpcError of a refused thread/start everywhere', async () => {
    await using server = new PlayedServer();
    const run = server.client.threadRun({ turn: 'hi' });
    server.refuse(await server.next('thread/start'), 'no such model');
    await expect(run.result()).rejects.toThrow(RpcError);
    await expect(run.next()).rejects.toThrow(RpcError);
    await expect(run.steer('x')).rejects.toThrow(RpcError);
    await expect(run.interrupt()).rejects.toThrow(RpcError);
  });

  test('that is left before the thread was started sends no turn', async () => {
    await using server = new PlayedServer();
    const run = server.client.threadRun({ turn: 'hi' });
    const waiting = run.next();
    const start = await server.next('thread/start');
    await run.return();
    server.answer(start, STARTED);
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(await run.next()).toEqual({ done: true, value: undefined });
    await expect(run.result()).rejects.toMatchObject({ name: 'AbortError' });
    expect(run.threadId).toBe('t');
    expect(server.sent('turn/start')).toBe(0);
  });

  test('is left by await using, steered and interrupted like a turn run', async () => {
    await using server = new PlayedServer();
    {
      await using run = server.client.threadRun({ turn: 'hi' });
      server.answer(await server.next('thread/start'), STARTED);
      (await server.turn()).accept().started();
      const steered = run.steer('more');
      server.answer(await server.next('turn/steer'), { turnId: 'turn-1' });
      expect(await steered).toEqual({ turnId: 'turn-1' });
      const interrupted = run.interrupt();
      server.answer(await server.next('turn/interrupt'), {});
      await interrupted;
    }
    expect((await server.next('turn/interrupt')).params).toEqual({ threadId: 't', turnId: 'turn-1' });
  });

  test('gives up thread/start when its signal fires', async () => {
    await using server = new PlayedServer();
    const abort = new AbortController();
    const run = server.client.threadRun({ turn: 'hi' }, { signal: abort.signal });
    const failed = expect(run.result()).rejects.toBe('enough');
    await server.next('thread/start');
    abort.abort('enough');
    await failed;
    expect(server.sent('turn/start')).toBe(0);
  });

  test('keeps the whole answer to thread/start after an abort, in time or late', async () => {
    await using server = new PlayedServer();
    const abort = new AbortController();
    const runs = ['1', '2'].map((turn) => server.client.threadRun({ turn }, { signal: abort.signal }));
    const failed = Promise.all(runs.map((run) => expect(run.result()).rejects.toBe('enough')));
    const [first, second] = [await server.next('thread/start'), await server.next('thread/start')];
    server.answer(first, STARTED);
    const turn = (await server.turn()).accept().started();
    await server.piped.quiet();
    abort.abort('enough');
    await failed;
    server.answer(second, { ...STARTED, thread: { id: 'u' } });
    await server.piped.quiet();
    expect(runs.map((run) => run.thread)).toEqual([STARTED, { ...STARTED, thread: { id: 'u' } }]);
    expect(runs.map((run) => run.threadId)).toEqual(['t', 'u']);
    expect(server.sent('turn/start')).toBe(1);
    turn.complete('interrupted');
  });

  test('tells both ids with started(), before the turn is over', async () => {
    await using server = new PlayedServer();
    const run = server.client.threadRun({ turn: 'hi' });
    const started = run.started();
    server.answer(await server.next('thread/start'), STARTED);
    const turn = (await server.turn()).accept();
    expect(await started).toEqual({ threadId: 't', turnId: 'turn-1' });
    turn.complete();
    await run.result();
  });

  test('has started() reject as result() does', async () => {
    await using server = new PlayedServer();
    const [noThread, noTurn] = [1, 2].map((n) => server.client.threadRun({ turn: `${n}` }).started());
    const refused = expect(noThread).rejects.toThrow(RpcError);
    const unsuccessful = expect(noTurn).rejects.toMatchObject({ code: 'CODEX_THREAD_RUN', threadId: 't' });
    server.refuse(await server.next('thread/start'), 'no such model');
    server.answer(await server.next('thread/start'), STARTED);
    server.refuse((await server.turn()).request, 'no such model');
    await Promise.all([refused, unsuccessful]);
  });

  test('replays its text after result(), and a loop says why it gets nothing', async () => {
    await using server = new PlayedServer();
    const run = server.client.threadRun({ turn: 'hi' });
    const result = run.result();
    server.answer(await server.next('thread/start'), STARTED);
    (await server.turn()).accept().started().say('Hel', 'lo').complete();
    await result;
    expect(await collected(run.text())).toEqual(['Hello']);
    await expect(run.next()).rejects.toThrow(AlreadyReadError);
  });

  test('L11 that is left in the moment its thread is there interrupts the turn, or never starts it', async () => {
    await using server = new PlayedServer();
    const run = server.client.threadRun({ turn: 'x' });
    // Settles between the moment the turn is begun and the moment the run knows of it.
    const left = server.client.request('x/mark').then(() => run.return());
    const [start, mark] = [await server.next('thread/start'), await server.next('x/mark')];
    server.piped.send({ id: start.id, result: { thread: { id: 't' } } }, { id: mark.id, result: {} });
    await left;
    await server.piped.quiet();
    if (server.sent('turn/start') === 0) return;
    (await server.turn()).accept().started();
    expect((await server.next('turn/interrupt')).params).toEqual({ threadId: 't', turnId: 'turn-1' });
  });
});

const MISTAKES: readonly Mistake[] = [
  ['threadRun', [], 'params'],
  ['threadRun', ['hello'], 'params'],
  ['threadRun', [{ turn: 'x', threads: {} }], 'params.threads'],
  ['threadRun', [{ thread: {} }], 'params.turn.input'],
  ['threadRun', [{ turn: { input: [] } }], 'params.turn.input'],
  ['threadRun', [{ turn: { inputs: 'x' } }], 'params.turn.input'],
  ['threadRun', [{ turn: 'x', thread: 'y' }], 'params.thread'],
  ['threadRun', [{ turn: 'x' }, { detach: 1 }], 'options.detach'],
  ['threadRun', [{ turn: 'x' }, { coalesce: 'yes' }], 'options.coalesce'],
  ['threadRun', [{ turn: 'x' }, { maxHeldBytes: 2 ** 40 }], 'options.maxHeldBytes'],
];

test('L20 misspelt params of the thread and of the turn are refused where they were written', async () => {
  const server = await readyServer();
  const run = (params: object) => () => untyped(server.client).threadRun(params);
  expect(run({ turn: { input: 'x', outputSchem: {} } })).toThrow(
    'params.turn.outputSchem: unknown name; did you mean "outputSchema"?',
  );
  expect(run({ turn: { inputs: 'x' } })).toThrow('params.turn.inputs: unknown name; did you mean "input"?');
  expect(run({ turn: 'x', thread: { approvalPolcy: 'never' } })).toThrow('params.thread.approvalPolcy: ');
  expect(() => untyped(server.client).turnRun({ threadId: 't', input: 'x', modl: 'm' })).toThrow(
    'params.modl: ',
  );
  expect(() => untyped(server.client).turnRun({ thread: 't', input: 'x' })).toThrow(
    'params.thread: unknown name; did you mean "threadId"?',
  );
  const thread = server.client.thread('t');
  expect(() => thread.run({ input: 'x', modl: 'm' } as never)).toThrow('turn.modl: ');
  await expect(thread.read({ includeTurn: true } as never)).rejects.toThrow('params.includeTurn: ');
  expect(server.received).toHaveLength(2);
});

test.each(MISTAKES)('L20 %s(...%j) throws and names %s', expectRefused);
