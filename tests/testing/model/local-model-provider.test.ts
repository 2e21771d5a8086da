/** The provider as a whole: what it refuses to start with, what it answers besides replies, and an end that leaves nothing behind. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { get } from 'node:http';
import { promisify } from 'node:util';
import { gate, LocalModelProvider, type LocalModelProviderOptions, text } from 'codex-async-client/testing';
import { describe, expect, test } from 'vitest';
import { InvalidArgumentError } from '../../../src/support/errors.js';
import { programFile } from '../../helpers/programs.js';
import { wrong } from '../wrong.js';
import { ask, hello } from './endpoint.js';

describe('start refuses', () => {
  test.each<[string, unknown, string]>([
    ['an unknown option', { replys: [] }, 'options.replys: unknown name; did you mean "replies"?'],
    ['replies that are no list', { replies: text('a') }, 'options.replies: expected an array of replies'],
    ['a bad reply', { replies: [text('a'), 5] }, 'options.replies[1]: expected a reply step'],
    ['a bad default reply', { defaultReply: 'echo' }, 'options.defaultReply: expected a reply step'],
    [
      'another step as usage',
      { usage: text('a') },
      'options.usage: expected usage({ inputTokens, outputTokens })',
    ],
    [
      'a limit of zero',
      { keptRequests: 0 },
      'options.keptRequests: expected a whole number of requests, 1 or more, got 0',
    ],
    ['config that is no object', { config: 'model=x' }, 'options.config: expected a plain object'],
    ['an empty model name', { model: '' }, 'options.model: expected a non-empty string'],
  ])('%s', async (_, options, message) => {
    const start = LocalModelProvider.start(wrong<LocalModelProviderOptions>(options));
    await expect(start).rejects.toThrow(InvalidArgumentError);
    await expect(start).rejects.toThrow(message);
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
    const program = programFile('tests/testing/model/provider-program.ts');
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [program]);
    expect({ stdout, stderr }).toEqual({ stdout: 'closed\n', stderr: '' });
  });
});
