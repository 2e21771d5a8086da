/**
 * The provider's HTTP side, asked without codex: the events of a reply in order, backpressure, wrong
 * requests, the log of requests, and an end that leaves nothing behind.
 */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { get, request as httpRequest } from 'node:http';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import {
  gate,
  httpError,
  LocalModelProvider,
  type ModelRequest,
  repeatText,
  text,
  toolCall,
  usage,
} from 'codex-async-client/testing';
import { describe, expect, test } from 'vitest';
import { RequestTimeoutError, ServerClosedError } from '../../src/support/errors.js';

const user = (content: string) => ({
  type: 'message',
  role: 'user',
  content: [{ type: 'input_text', text: content }],
});

function ask(
  provider: LocalModelProvider,
  body: unknown,
  signal: AbortSignal | null = null,
): Promise<Response> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return fetch(`${provider.baseUrl}/responses`, { method: 'POST', body: text, signal });
}

async function eventsOf(response: Response): Promise<Record<string, unknown>[]> {
  const frames = (await response.text()).split('\n\n').filter((frame) => frame !== '');
  return frames.map((frame) => {
    const [name, data] = frame.split('\n');
    const event = JSON.parse(data?.slice('data: '.length) ?? '');
    expect(name).toBe(`event: ${event.type}`);
    return event;
  });
}

const hello = { model: 'm', input: [user('hello')] };

describe('a reply', () => {
  test('is a stream of events that begins with created and ends with completed', async () => {
    await using provider = await LocalModelProvider.start({
      usage: usage({ inputTokens: 3, outputTokens: 4 }),
    });
    provider.enqueue([text('a', 'b'), toolCall('exec_command', { cmd: 'ls' }, { callId: 'c1' })]);
    const events = await eventsOf(await ask(provider, hello));
    expect(events.map((event) => event['type'])).toEqual([
      'response.created',
      'response.output_item.added',
      'response.output_text.delta',
      'response.output_text.delta',
      'response.output_item.done',
      'response.output_item.done',
      'response.completed',
    ]);
    expect(events[5]).toMatchObject({
      output_index: 1,
      item: { type: 'function_call', call_id: 'c1', name: 'exec_command', arguments: '{"cmd":"ls"}' },
    });
    expect(events[6]).toMatchObject({
      response: { usage: { input_tokens: 3, output_tokens: 4, total_tokens: 7 } },
    });
  });

  test('of 400,000 pieces waits while its reader does not read, and is complete in the end', async () => {
    await using provider = await LocalModelProvider.start();
    const count = 400_000;
    provider.enqueue(text(repeatText('piece of some length ', count)));
    const client = httpRequest(`${provider.baseUrl}/responses`, { method: 'POST' });
    client.end(JSON.stringify(hello));
    const [response] = await once(client, 'response');
    const request = await provider.nextRequest();
    await standsStill(request);
    const sentWhilePaused = request.piecesSent;
    // 400,000 frames are some 70 MB; what the sockets' buffers took is a fraction of that.
    expect(sentWhilePaused).toBeGreaterThan(0);
    expect(sentWhilePaused).toBeLessThan(count / 4);
    let bytes = 0;
    for await (const chunk of response) bytes += chunk.length;
    expect(bytes).toBeGreaterThan(count * 21);
    expect(request.piecesSent).toBe(count);
    expect(await request.finished).toBe('sent');
  });

  test('has item ids that no other reply has', async () => {
    await using provider = await LocalModelProvider.start({ defaultReply: [text('a'), text('b')] });
    const replies = [await eventsOf(await ask(provider, hello)), await eventsOf(await ask(provider, hello))];
    const done = replies.flat().filter((event) => event['type'] === 'response.output_item.done');
    const ids = done.map((event) => (event['item'] as { id: string }).id); // the shape is the provider's own
    expect(new Set(ids).size).toBe(4);
  });

  test('of a repeating rule begins again after the last one', async () => {
    await using provider = await LocalModelProvider.start({ defaultReply: httpError(418) });
    provider.when({ userText: 'hello', repeat: true }, text('a'), text('b'));
    const bodies = [];
    for (let turn = 0; turn < 3; turn += 1) bodies.push(await (await ask(provider, hello)).text());
    expect(bodies.map((body) => /"delta":"(\w)"/.exec(body)?.[1])).toEqual(['a', 'b', 'a']);
    expect((await ask(provider, { model: 'm', input: [user('bye')] })).status).toBe(418);
  });

  test('is aborted when the peer hangs up at a gate', async () => {
    await using provider = await LocalModelProvider.start();
    const held = gate();
    provider.enqueue(held);
    const controller = new AbortController();
    const response = await ask(provider, hello, controller.signal);
    await held.reached;
    controller.abort();
    await expect(response.text()).rejects.toThrow('abort');
    expect(await provider.requests[0]?.finished).toBe('aborted');
  });
});

describe('a request', () => {
  test.each([
    ['that is no JSON', '{'],
    ['without an input', { model: 'm' }],
    ['without a model', { input: [] }],
    ['that is a list', []],
  ])('%s is refused with status 400 and takes no reply', async (_, body) => {
    await using provider = await LocalModelProvider.start({ replies: [text('kept')] });
    const response = await ask(provider, body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: { message: expect.stringContaining('Responses API') },
    });
    expect(provider.requests).toEqual([]);
    expect(provider.queuedReplies).toBe(1);
  });

  test('for another path is refused with status 404, and the list of models is there', async () => {
    await using provider = await LocalModelProvider.start({ model: 'my-model' });
    expect((await fetch(`${provider.baseUrl}/files`)).status).toBe(404);
    expect((await fetch(`${provider.baseUrl}/responses`)).status).toBe(404);
    const models = await fetch(`${provider.baseUrl}/models`);
    expect(await models.json()).toMatchObject({ data: [{ id: 'my-model' }] });
  });

  test('has as its user text what the user wrote, not the context that codex adds', async () => {
    await using provider = await LocalModelProvider.start();
    const added = [
      '<environment_context>\n<cwd>/</cwd></environment_context>',
      '<turn_aborted>\nx\n</turn_aborted>',
      '# AGENTS.md instructions for /x',
    ];
    await ask(provider, { model: 'm', input: [user('mine <b>too</b>'), ...added.map(user)] });
    await ask(provider, { model: 'm', input: [user('<b>mine</b>')] });
    await ask(provider, { model: 'm', input: added.map(user) });
    const texts = provider.requests.map((request) => request.userText);
    expect(texts).toEqual(['mine <b>too</b>', '<b>mine</b>', '']);
  });

  test('shows the newest tool outputs, whose content may be text or parts', async () => {
    await using provider = await LocalModelProvider.start();
    const output = (call_id: string, output: unknown) => ({ type: 'function_call_output', call_id, output });
    const parts = [{ type: 'input_text', text: 'b' }];
    const input = [output('old', 'x'), user('hello'), output('c1', 'a'), output('c2', parts)];
    await ask(provider, { model: 'm', input });
    expect(provider.requests[0]?.toolOutputs).toEqual([
      { callId: 'c1', text: 'a' },
      { callId: 'c2', text: 'b' },
    ]);
  });
});

describe('the log of requests', () => {
  test('keeps the newest ones up to its limit', async () => {
    await using provider = await LocalModelProvider.start({ keptRequests: 2 });
    for (const word of ['a', 'b', 'c']) await ask(provider, { model: 'm', input: [user(word)] });
    expect(provider.requests.map((request) => request.userText)).toEqual(['b', 'c']);
    expect((await provider.nextRequest()).userText).toBe('b');
  });

  test('hands each request to one waiting reader, in order', async () => {
    await using provider = await LocalModelProvider.start();
    const waiting = [provider.nextRequest(), provider.nextRequest()];
    for (const word of ['a', 'b', 'c']) await ask(provider, { model: 'm', input: [user(word)] });
    const texts = (await Promise.all([...waiting, provider.nextRequest()])).map(({ userText }) => userText);
    expect(texts).toEqual(['a', 'b', 'c']);
  });

  test('loses no request to a reader that gave up', async () => {
    await using provider = await LocalModelProvider.start();
    const controller = new AbortController();
    const aborted = provider.nextRequest({ signal: controller.signal });
    const timedOut = provider.nextRequest({ timeoutMs: 1 });
    controller.abort(new Error('enough'));
    await expect(aborted).rejects.toThrow('enough');
    await expect(timedOut).rejects.toThrow(RequestTimeoutError);
    await ask(provider, hello);
    expect((await provider.nextRequest()).userText).toBe('hello');
  });

  test('ends with an error for those who wait when the provider is closed', async () => {
    const provider = await LocalModelProvider.start();
    await ask(provider, hello);
    const [first, second] = [provider.nextRequest(), provider.nextRequest()];
    const outcome = expect(second).rejects.toThrow(ServerClosedError);
    await provider.close();
    expect((await first).userText).toBe('hello');
    await outcome;
    await expect(provider.nextRequest()).rejects.toThrow(ServerClosedError);
  });
});

describe('the end of a provider', () => {
  test('breaks off held replies, closes the port and removes the home; twice is once', async () => {
    const provider = await LocalModelProvider.start();
    const held = gate();
    provider.enqueue(text('a', held));
    const response = await ask(provider, hello);
    await held.reached;
    const [first, second] = [provider.close(), provider.close()];
    expect(first).toBe(second);
    await first;
    await expect(response.text()).rejects.toThrow();
    expect(await provider.requests[0]?.finished).toBe('aborted');
    const [error] = await once(get(provider.baseUrl), 'error');
    expect(error).toMatchObject({ code: 'ECONNREFUSED' });
    expect(existsSync(provider.options.codexHome)).toBe(false);
  });

  test('leaves a home in place that was given', async () => {
    await using other = await LocalModelProvider.start();
    const provider = await LocalModelProvider.start({ codexHome: other.options.codexHome });
    await provider.close();
    expect(existsSync(other.options.codexHome)).toBe(true);
  });

  test('leaves no handle: the process ends by itself', async () => {
    const program = fileURLToPath(new URL('provider-program.ts', import.meta.url));
    const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--import', 'tsx', program]);
    expect({ stdout, stderr }).toEqual({ stdout: 'closed\n', stderr: '' });
  });
});

/** Settles when no piece was sent over many turns of the event loop: the writer waits for its reader. */
async function standsStill(request: ModelRequest): Promise<void> {
  let sent = -1;
  while (sent !== request.piecesSent || sent === 0) {
    sent = request.piecesSent;
    for (let turn = 0; turn < 1_000; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  }
}
