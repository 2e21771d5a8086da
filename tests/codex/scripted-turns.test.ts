/**
 * The local provider under a real `codex app-server`: what a scripted reply says is what codex tells its
 * client, and the client can act in the middle of a reply. Nothing here waits for time.
 */
import { existsSync } from 'node:fs';
import {
  commentary,
  disconnect,
  echo,
  failure,
  finalAnswer,
  gate,
  httpError,
  LocalModelProvider,
  rawEvent,
  rawReasoning,
  reasoning,
  repeatText,
  text,
  usage,
} from 'codex-async-client/testing';
import { describe, expect, test } from 'vitest';
import { RawAppServer } from './raw-app-server.js';

describe('a scripted turn of a real codex', () => {
  test('streams the pieces of a text as the same deltas', async () => {
    await using provider = await LocalModelProvider.start();
    await using server = await RawAppServer.start(provider.options);
    const pieces = ['Hello ', 'wörld', ' \u2028', '\n', '🙂', ' "quoted"\\'];
    provider.enqueue(text(...pieces));
    const threadId = await server.startThread();
    const turn = await server.runTurn(threadId, 'hi');
    expect(turn['status']).toBe('completed');
    expect(server.deltas(threadId)).toEqual(pieces);
    expect(server.all('item/completed').at(-1)?.['item']).toMatchObject({
      type: 'agentMessage',
      text: pieces.join(''),
    });
  });

  test('that nobody scripted fails with an error that says so, at once and without a retry', async () => {
    await using provider = await LocalModelProvider.start({ replies: [text('first')] });
    await using server = await RawAppServer.start(provider.options);
    const threadId = await server.startThread();
    expect(await server.runTurn(threadId, 'one')).toMatchObject({ status: 'completed' });
    const { status, error } = await server.runTurn(threadId, 'two');
    expect(status).toBe('failed');
    expect(error).toMatchObject({
      message: expect.stringMatching(
        /^nobody scripted this turn: .* no reply to request 1, "two"; add one with enqueue\(\)/,
      ),
    });
    expect(provider.requests).toHaveLength(2);
  });

  test('hands the user text, the thread and the turn to the script', async () => {
    await using provider = await LocalModelProvider.start();
    await using server = await RawAppServer.start(provider.options);
    const threadId = await server.startThread();
    const turn = await server.runTurn(threadId, 'what is up?');
    const request = await provider.nextRequest();
    expect(request).toMatchObject({ index: 0, userText: 'what is up?', threadId, turnId: turn['id'] });
    expect(request.toolNames).toEqual(expect.arrayContaining(['exec_command', 'apply_patch']));
    expect(request.headers['authorization']).toBeUndefined();
    expect(await request.finished).toBe('sent');
  });

  test('echoes the newest user text where that is the default reply', async () => {
    await using provider = await LocalModelProvider.start({ defaultReply: echo() });
    await using server = await RawAppServer.start(provider.options);
    const threadId = await server.startThread();
    await server.runTurn(threadId, 'one two');
    await server.runTurn(threadId, 'three');
    expect(server.deltas(threadId)).toEqual(['Echo: ', 'one', ' two', 'Echo: ', 'three']);
  });

  test('tells remarks on the way from the final answer', async () => {
    await using provider = await LocalModelProvider.start({
      replies: [[commentary('looking'), finalAnswer('found')]],
    });
    await using server = await RawAppServer.start(provider.options);
    await server.runTurn(await server.startThread(), 'hi');
    const messages = server.all('item/completed').map((params) => params['item']);
    expect(messages.slice(-2)).toMatchObject([
      { text: 'looking', phase: 'commentary' },
      { text: 'found', phase: 'final_answer' },
    ]);
  });

  test('streams reasoning, both as summary and as raw text', async () => {
    await using provider = await LocalModelProvider.start();
    await using server = await RawAppServer.start(provider.options);
    provider.enqueue([reasoning('think ', 'hard'), rawReasoning('raw ', 'thought'), text('done')]);
    await server.runTurn(await server.startThread(), 'hi');
    expect(server.all('item/reasoning/summaryTextDelta').map((params) => params['delta'])).toEqual([
      'think ',
      'hard',
    ]);
    expect(server.all('item/reasoning/textDelta').map((params) => params['delta'])).toEqual([
      'raw ',
      'thought',
    ]);
    const items = server.all('item/completed').map((params) => params['item']);
    expect(items.filter((item) => item.type === 'reasoning')).toMatchObject([
      { summary: ['think hard'], content: [] },
      { summary: [], content: ['raw thought'] },
    ]);
  });

  test('reports the scripted token usage', async () => {
    await using provider = await LocalModelProvider.start();
    await using server = await RawAppServer.start(provider.options);
    const tokens = { inputTokens: 70, cachedInputTokens: 30, outputTokens: 20, reasoningOutputTokens: 5 };
    provider.enqueue([text('hi'), usage(tokens)]);
    await server.runTurn(await server.startThread(), 'hi');
    const updated = await server.first('thread/tokenUsage/updated');
    expect(updated['tokenUsage'].last).toMatchObject({ ...tokens, totalTokens: 90 });
  });

  test('passes the output schema of a turn to the model', async () => {
    await using provider = await LocalModelProvider.start({ replies: [text('{"a":"b"}')] });
    await using server = await RawAppServer.start(provider.options);
    const outputSchema = {
      type: 'object',
      properties: { a: { type: 'string' } },
      additionalProperties: false,
    };
    await server.runTurn(await server.startThread(), 'hi', { outputSchema });
    expect(provider.requests[0]?.body.text?.format).toMatchObject({
      type: 'json_schema',
      schema: outputSchema,
    });
  });

  test('streams a flood of equal pieces completely', async () => {
    await using provider = await LocalModelProvider.start({
      replies: [text(repeatText('ab', 20_000), 'end')],
    });
    await using server = await RawAppServer.start(provider.options);
    const threadId = await server.startThread();
    await server.runTurn(threadId, 'hi');
    const deltas = server.deltas(threadId);
    expect(deltas).toHaveLength(20_001);
    expect(deltas.join('')).toBe(`${'ab'.repeat(20_000)}end`);
    expect(provider.requests[0]?.piecesSent).toBe(20_001);
  });

  test('gives each of two threads the text of its own rule, and the queue to the rest', async () => {
    await using provider = await LocalModelProvider.start();
    await using server = await RawAppServer.start(provider.options);
    provider.when({ userText: 'apple' }, text('red'));
    provider.when({ userText: 'lemon' }, text('yellow'), text('sour'));
    provider.enqueue(text('queued'));
    const [apple, lemon] = [await server.startThread(), await server.startThread()];
    await Promise.all([server.runTurn(apple, 'an apple'), server.runTurn(lemon, 'a lemon')]);
    await server.runTurn(lemon, 'a lemon again');
    await server.runTurn(apple, 'an apple again');
    expect(server.deltas(apple)).toEqual(['red', 'queued']);
    expect(server.deltas(lemon)).toEqual(['yellow', 'sour']);
  });
});

describe('a turn that goes wrong on purpose', () => {
  test.each([
    ['rate_limit_exceeded', 'rateLimitExceeded'],
    ['insufficient_quota', 'usageLimitExceeded'],
    ['context_length_exceeded', 'contextWindowExceeded'],
    ['server_is_overloaded', 'serverOverloaded'],
  ])('fails with %s as %s', async (code, codexErrorInfo) => {
    await using provider = await LocalModelProvider.start();
    await using server = await RawAppServer.start(provider.options);
    provider.enqueue([text('partial'), failure({ code, message: 'scripted' })]);
    const turn = await server.runTurn(await server.startThread(), 'hi');
    expect(turn).toMatchObject({ status: 'failed', error: { codexErrorInfo } });
    expect(server.deltas()).toEqual(['partial']);
    expect(provider.requests).toHaveLength(1);
  });

  test.each([
    [500, 'internalServerError'],
    [429, { responseTooManyFailedAttempts: { httpStatusCode: 429 } }],
    [401, { httpConnectionFailed: { httpStatusCode: 401 } }],
  ])('fails with HTTP status %i, without a retry', async (status, codexErrorInfo) => {
    await using provider = await LocalModelProvider.start({ replies: [httpError(status)] });
    await using server = await RawAppServer.start(provider.options);
    const turn = await server.runTurn(await server.startThread(), 'hi');
    expect(turn).toMatchObject({ status: 'failed', error: { codexErrorInfo } });
    expect(provider.requests).toHaveLength(1);
  });

  test('fails when the connection breaks off after a piece', async () => {
    await using provider = await LocalModelProvider.start({ replies: [[text('partial'), disconnect()]] });
    await using server = await RawAppServer.start(provider.options);
    const turn = await server.runTurn(await server.startThread(), 'hi');
    expect(turn['status']).toBe('failed');
    expect(turn['error'].message).toContain('stream disconnected');
    expect(server.deltas()).toEqual(['partial']);
    expect(await provider.requests[0]?.finished).toBe('cut');
  });

  test('fails with a raw event that has no step of its own', async () => {
    const response = { id: 'r', incomplete_details: { reason: 'max_output_tokens' } };
    const incomplete = rawEvent({ type: 'response.incomplete', response });
    await using provider = await LocalModelProvider.start({ replies: [incomplete] });
    await using server = await RawAppServer.start(provider.options);
    const turn = await server.runTurn(await server.startThread(), 'hi');
    expect(turn['error'].message).toContain('max_output_tokens');
  });
});

describe('a reply held at a gate', () => {
  test('lets a client interrupt the turn in the middle of a text', async () => {
    await using provider = await LocalModelProvider.start();
    await using server = await RawAppServer.start(provider.options);
    const middle = gate();
    provider.enqueue(text('first', middle, 'second'));
    const threadId = await server.startThread();
    const turnId = await server.startTurn(threadId, 'hi');
    await middle.reached;
    await server.first('item/agentMessage/delta', threadId);
    expect(await server.request('turn/interrupt', { threadId, turnId })).toEqual({});
    const { turn } = await server.first('turn/completed', threadId);
    expect(turn.status).toBe('interrupted');
    expect(server.deltas(threadId)).toEqual(['first']);
    expect(await provider.requests[0]?.finished).toBe('aborted');
    expect(middle.isOpen).toBe(false);
  });

  test('goes on where it was when the gate opens', async () => {
    await using provider = await LocalModelProvider.start();
    await using server = await RawAppServer.start(provider.options);
    const middle = gate();
    provider.enqueue([text('first'), middle, text('second')]);
    const threadId = await server.startThread();
    await server.startTurn(threadId, 'hi');
    await server.first('item/completed', threadId);
    await middle.reached;
    expect(server.all('turn/completed')).toEqual([]);
    middle.open();
    await server.first('turn/completed', threadId);
    expect(server.deltas(threadId)).toEqual(['first', 'second']);
  });

  test('is given up when the client steers the turn, and the next request carries the new text', async () => {
    await using provider = await LocalModelProvider.start();
    await using server = await RawAppServer.start(provider.options);
    provider.enqueue(text('working', gate(), 'never said'), text('steered'));
    const threadId = await server.startThread();
    const turnId = await server.startTurn(threadId, 'go');
    // Codex drops what it has not handed on yet when it is steered.
    await server.first('item/agentMessage/delta', threadId);
    const input = [{ type: 'text', text: 'rather this' }];
    await server.request('turn/steer', { threadId, input, expectedTurnId: turnId });
    await server.first('turn/completed', threadId);
    expect(provider.requests.map((request) => request.userText)).toEqual(['go', 'rather this']);
    expect(server.deltas(threadId)).toEqual(['working', 'steered']);
    expect(await provider.requests[0]?.finished).toBe('aborted');
  });
});

describe('the home of codex', () => {
  test('is a folder of its own that is gone after close', async () => {
    const provider = await LocalModelProvider.start();
    const server = await RawAppServer.start(provider.options);
    const { thread } = await server.request('thread/start', {});
    expect(thread.path.startsWith(provider.options.codexHome)).toBe(true);
    await server.runTurn(thread.id, 'hi');
    await server.stop();
    await provider.close();
    expect(existsSync(provider.options.codexHome)).toBe(false);
  });
});
