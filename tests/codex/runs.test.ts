/** Turn runs and thread runs on the real server. */
import { relative } from 'node:path';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  RpcError,
  ServerClosedError,
  type ServerMessage,
  ThreadRunError,
  TurnFailedError,
} from 'codex-async-client';
import { failure, gate, httpError, reasoning, repeatText, text, usage } from 'codex-async-client/testing';
import { describe, expect, test } from 'vitest';
import { collected, methodsOf } from '../runs/played-server.js';
import { codexWithModel } from './codex-with-model.js';

/** A PNG of one transparent pixel. */
const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

describe('a turn run', () => {
  test('yields the turn’s messages in order and comes to a whole result', async () => {
    await using codex = await codexWithModel();
    const tokens = { inputTokens: 70, cachedInputTokens: 30, outputTokens: 20, reasoningOutputTokens: 5 };
    codex.provider.enqueue([reasoning('hm'), text('Hel', 'lo'), text('Bye'), usage(tokens)]);
    const threadId = await codex.newThread();
    const run = codex.client.turnRun({ threadId, input: 'hi' });
    const methods = await methodsOf(run);
    expect(methods.filter((method) => method.startsWith('turn/'))).toEqual([
      'turn/started',
      'turn/completed',
    ]);
    expect(methods.at(-1)).toBe('turn/completed');
    expect(methods.filter((method) => method === 'item/agentMessage/delta')).toHaveLength(3);
    const result = await run.result();
    expect(result.items.map(({ type }) => type)).toEqual([
      'userMessage',
      'reasoning',
      'agentMessage',
      'agentMessage',
    ]);
    expect(result.agentMessages.map(({ text }) => text)).toEqual(['Hello', 'Bye']);
    expect(result).toMatchObject({
      status: 'completed',
      finalMessage: 'Bye',
      recovered: false,
      raw: {
        start: { turn: { id: run.turnId } },
        started: { turn: { id: run.turnId } },
        completed: { turn: { id: run.turnId, status: 'completed' } },
      },
      usage: { last: { ...tokens, totalTokens: 90 } },
    });
  });

  test('has text() give every piece of the model as it was sent', async () => {
    await using codex = await codexWithModel();
    const pieces = ['one', ' two\n', '\u2028', '三', ' 🙂'];
    codex.provider.enqueue(text(...pieces));
    const run = codex.client.turnRun({ threadId: await codex.newThread(), input: 'hi' });
    expect(await collected(run.text())).toEqual(pieces);
  });

  test('pipes 20,000 pieces into a slow writable through a small buffer, complete and in order', async () => {
    await using codex = await codexWithModel({ buffer: { highWaterMark: 32 } });
    codex.provider.enqueue(text(repeatText('ab', 20_000), 'end'));
    let written = '';
    const slow = new Writable({
      highWaterMark: 64,
      decodeStrings: false,
      write: (piece: string, _encoding, done) => {
        written += piece;
        setImmediate(done);
      },
    });
    const run = codex.client.turnRun({ threadId: await codex.newThread(), input: 'hi' });
    await pipeline(run.text(), slow);
    expect(written).toBe(`${'ab'.repeat(20_000)}end`);
    expect(codex.client.stats().paused.times).toBeGreaterThan(0);
  });

  test('sends texts and images by URL and by path, also one from the folder of the server, to the model', async () => {
    await using codex = await codexWithModel();
    const url = `data:image/png;base64,${PIXEL}`;
    const path = `${codex.provider.options.codexHome}/pixel.png`;
    await codex.client.fsWriteFile({ path, dataBase64: PIXEL });
    const images = [path, relative(process.cwd(), path)].map(
      (each) => ({ type: 'localImage', path: each }) as const,
    );
    const input = ['look at', { type: 'image', url }, 'and', ...images] as const;
    await codex.client.turnRun({ threadId: await codex.newThread(), input }).result();
    const sent = JSON.stringify(codex.provider.requests[0]?.body.input);
    expect(sent).toContain('look at');
    expect(sent.split('"type":"input_image"')).toHaveLength(4);
    expect(sent.split(PIXEL)).toHaveLength(4);
  });

  test('that fails ends its stream, and result() rejects with the turn and its items', async () => {
    await using codex = await codexWithModel();
    codex.provider.enqueue([text('partial'), failure({ code: 'rate_limit_exceeded', message: 'slow down' })]);
    const run = codex.client.turnRun({ threadId: await codex.newThread(), input: 'hi' });
    expect((await methodsOf(run)).at(-1)).toBe('turn/completed');
    const error: unknown = await run.result().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TurnFailedError);
    expect(error).toMatchObject({
      result: {
        status: 'failed',
        items: [{ type: 'userMessage' }, { type: 'agentMessage', text: 'partial' }],
        raw: { turn: { status: 'failed', error: { codexErrorInfo: 'rateLimitExceeded' } } },
      },
    });
  });

  test('rejects with the RpcError of a thread that does not exist', async () => {
    await using codex = await codexWithModel();
    const threadId = '01990c5e-7e4b-7d11-b2a5-3f0a6c1d2e4f';
    const run = codex.client.turnRun({ threadId, input: 'hi' });
    await expect(run.result()).rejects.toThrow(RpcError);
    await expect(run.next()).rejects.toThrow(/thread not found: .*; resume it first/);
  });
});

describe('one turn at a time', () => {
  test('L14 a second run on a busy thread waits, and the model never sees two at once', async () => {
    await using codex = await codexWithModel();
    const middle = gate();
    codex.provider.when({ userText: 'first' }, text('one', middle, '!'));
    codex.provider.when({ userText: 'second' }, text('two'));
    const threadId = await codex.newThread();
    const first = codex.client.turnRun({ threadId, input: 'first' }).result();
    const second = codex.client.turnRun({ threadId, input: 'second' });
    const secondResult = second.result();
    await middle.reached;
    // The first turn is held; another thread runs a whole turn meanwhile, and the second run still waits.
    await codex.client.turnRun({ threadId: await codex.newThread(), input: 'elsewhere' }).result();
    expect(second.turnId).toBeUndefined();
    middle.open();
    expect((await first).finalMessage).toBe('one!');
    expect((await secondResult).finalMessage).toBe('two');
    expect(codex.provider.requests.map(({ userText }) => userText)).toEqual(['first', 'elsewhere', 'second']);
  });

  test('L11 leaving the loop interrupts the turn; the next run of the thread starts afterwards', async () => {
    await using codex = await codexWithModel();
    codex.provider.enqueue(text('endless', gate()), text('after'));
    const threadId = await codex.newThread();
    const run = codex.client.turnRun({ threadId, input: 'go' });
    for await (const { method } of run) if (method === 'item/agentMessage/delta') break;
    const next = await codex.client.turnRun({ threadId, input: 'next' }).result();
    expect(next).toMatchObject({ status: 'completed', finalMessage: 'after' });
    const result = await run.result();
    expect(result.status).toBe('interrupted');
    expect(result.agentMessages.map(({ text }) => text)).toEqual(['endless']);
    expect(await codex.provider.requests[0]?.finished).toBe('aborted');
  });

  test('L11 detach lets the turn run on to its end', async () => {
    await using codex = await codexWithModel();
    const middle = gate();
    codex.provider.enqueue(text('half', middle, ' whole'));
    const run = codex.client.turnRun({ threadId: await codex.newThread(), input: 'go' }, { detach: true });
    for await (const { method } of run) if (method === 'item/agentMessage/delta') break;
    middle.open();
    expect(await run.result()).toMatchObject({ status: 'completed', finalMessage: 'half whole' });
  });

  test('a run that is aborted right after its start leaves no turn running', async () => {
    await using codex = await codexWithModel();
    codex.provider.when({ userText: 'go' }, text('endless', gate()));
    const threadId = await codex.newThread();
    const abort = new AbortController();
    const run = codex.client.turnRun({ threadId, input: 'go' }, { signal: abort.signal });
    const failed = expect(run.result()).rejects.toThrow('enough');
    abort.abort(new Error('enough'));
    await failed;
    expect((await codex.client.turnRun({ threadId, input: 'next' }).result()).status).toBe('completed');
    const { thread } = await codex.client.threadRead({ threadId });
    expect(thread.status.type).toBe('idle');
  });

  test('timeoutMs interrupts a turn that takes too long', async () => {
    await using codex = await codexWithModel();
    codex.provider.when({ userText: 'go' }, text('endless', gate()));
    const threadId = await codex.newThread();
    const run = codex.client.turnRun({ threadId, input: 'go' }, { timeoutMs: 50 });
    await expect(run.result()).rejects.toMatchObject({ code: 'CODEX_REQUEST_TIMEOUT' });
    expect((await codex.client.turnRun({ threadId, input: 'next' }).result()).status).toBe('completed');
  });
});

test('L9 shutdown() in the middle of a turn: everything received is handed out, then the error', async () => {
  await using codex = await codexWithModel();
  codex.provider.enqueue(text('a', 'b', 'c', gate(), 'd'));
  const threadId = await codex.newThread();
  const run = codex.client.turnRun({ threadId, input: 'go' });
  const queued = codex.client.turnRun({ threadId, input: 'next' });
  const queuedFails = expect(queued.result()).rejects.toThrow(ServerClosedError);
  const seen: ServerMessage[] = [];
  const loop = (async () => {
    for await (const message of run) {
      seen.push(message);
      if (message.method === 'item/agentMessage/delta' && message.params.delta === 'c')
        await codex.client.shutdown();
    }
  })();
  await expect(loop).rejects.toThrow(ServerClosedError);
  const deltas = seen.flatMap((m) => (m.method === 'item/agentMessage/delta' ? [m.params.delta] : []));
  expect(deltas).toEqual(['a', 'b', 'c']);
  expect(seen.map(({ method }) => method)).not.toContain('turn/completed');
  await expect(run.result()).rejects.toMatchObject({
    code: 'CODEX_SERVER_CLOSED',
    result: { status: 'inProgress', agentMessages: [{ text: 'abc' }], items: [{ type: 'userMessage' }] },
  });
  await queuedFails;
  await expect(queued.next()).rejects.toThrow(ServerClosedError);
  expect(codex.provider.requests).toHaveLength(1);
});

test('L13 shutdown({ drainMs }) lets a running turn end, starts none, and then ends codex', async () => {
  await using codex = await codexWithModel();
  const held = gate();
  codex.provider.enqueue(text('a', held, 'b'));
  const threadId = await codex.newThread();
  const result = codex.client.turnRun({ threadId, input: 'go' }).result();
  const inLine = codex.client.turnRun({ threadId, input: 'next' }).result();
  await codex.provider.nextRequest();
  const down = codex.client.shutdown({ drainMs: 60_000 });
  await expect(inLine).rejects.toThrow(ServerClosedError);
  held.open();
  expect(await result).toMatchObject({ status: 'completed', finalMessage: 'ab' });
  await down;
  expect(await codex.client.closed).toMatchObject({ expected: true, exitCode: 0 });
  expect(codex.provider.requests).toHaveLength(1);
});

describe('steering and interrupting', () => {
  test('steer() adds input to the running turn', async () => {
    await using codex = await codexWithModel();
    codex.provider.enqueue(text('working', gate()), text('steered'));
    const run = codex.client.turnRun({ threadId: await codex.newThread(), input: 'go' });
    for await (const message of run) {
      if (message.method === 'item/agentMessage/delta' && message.params.delta === 'working')
        expect(await run.steer('rather this')).toEqual({ turnId: run.turnId });
    }
    expect((await run.result()).finalMessage).toBe('steered');
    expect(codex.provider.requests.map(({ userText }) => userText)).toEqual(['go', 'rather this']);
  });

  test('interrupt() right after the start waits until the server can be told, every time', async () => {
    await using codex = await codexWithModel();
    codex.provider.when({ userText: 'go', repeat: true }, text('endless', gate()));
    const threadId = await codex.newThread();
    for (let round = 0; round < 10; round += 1) {
      const run = codex.client.turnRun({ threadId, input: 'go' });
      const result = run.result();
      await new Promise((resolve) => setImmediate(resolve));
      await run.interrupt();
      expect((await result).status).toBe('interrupted');
    }
  });

  test('steer() after the turn is over rejects with the server’s error', async () => {
    await using codex = await codexWithModel();
    const run = codex.client.turnRun({ threadId: await codex.newThread(), input: 'go' });
    await run.result();
    await expect(run.steer('too late')).rejects.toThrow(RpcError);
    await run.interrupt();
  });
});

describe('a thread run', () => {
  test('starts a thread with its first turn, and the thread goes on in a handle', async () => {
    await using codex = await codexWithModel();
    const result = await codex.client.threadRun({ turn: 'hello' }).result();
    expect(result.finalMessage).toBe('Echo: hello');
    const thread = codex.client.thread(result);
    expect((await thread.run('again').result()).finalMessage).toBe('Echo: again');
    await thread.setName('a name');
    const read = await thread.read({ includeTurns: true });
    expect(read.thread).toMatchObject({ name: 'a name', turns: [{}, {}] });
    const fork = await thread.fork();
    expect(fork.id).not.toBe(thread.id);
    expect((await fork.run('in the fork').result()).finalMessage).toBe('Echo: in the fork');
    await thread.archive();
    await thread.unarchive();
    expect((await thread.resume()).thread.id).toBe(thread.id);
  });

  test('keeps the thread when the turn fails', async () => {
    await using codex = await codexWithModel();
    codex.provider.enqueue(httpError(500));
    const error: unknown = await codex.client
      .threadRun({ turn: 'hello' })
      .result()
      .catch((reason: unknown) => reason);
    if (!(error instanceof ThreadRunError)) throw error;
    expect(error.cause).toBeInstanceOf(TurnFailedError);
    const again = await codex.client.thread(error.thread).run('again').result();
    expect(again.finalMessage).toBe('Echo: again');
  });

  test('works on an ephemeral thread', async () => {
    await using codex = await codexWithModel();
    const run = codex.client.threadRun({ thread: { ephemeral: true }, turn: 'hello' });
    expect(await collected(run.text())).toEqual(['Echo: ', 'hello']);
    expect((await run.result()).thread.thread.ephemeral).toBe(true);
  });
});
