/** Which reply answers a request, and which rules are refused. */
import { gate, httpError, LocalModelProvider, type ModelReply, text } from 'codex-async-client/testing';
import { describe, expect, test } from 'vitest';
import { wrong } from '../wrong.js';
import { ask, hello, user } from './endpoint.js';

describe('when refuses', () => {
  test.each<[string, unknown, readonly ModelReply[], string]>([
    ['an empty match', {}, [text('a')], 'match: expected at least one of userText, threadId, toolOutput'],
    [
      'a misspelt condition',
      { userTxt: 'a' },
      [text('a')],
      'match.userTxt: unknown name; did you mean "userText"?',
    ],
    ['empty text', { userText: '' }, [text('a')], 'match.userText: expected a non-empty string'],
    ['a missing match', undefined, [text('a')], 'match: expected an object'],
    ['no reply', { userText: 'a' }, [], 'replies: expected one or more replies after the match'],
  ])('%s', async (_, match, replies, message) => {
    await using provider = await LocalModelProvider.start();
    expect(() => provider.when(wrong(match), ...replies)).toThrow(message);
  });
});

test('a reply is copied, so that changing the array afterwards changes nothing', async () => {
  await using provider = await LocalModelProvider.start();
  const reply = [text('before')];
  provider.enqueue(reply);
  reply[0] = text('after');
  const body = JSON.stringify({ model: 'm', input: [] });
  const response = await fetch(`${provider.baseUrl}/responses`, { method: 'POST', body });
  expect(await response.text()).toContain('before');
});

test('release opens the gates of every reply, whether it was reached or not', async () => {
  await using provider = await LocalModelProvider.start();
  const gates = [gate(), gate(), gate()] as const;
  provider.enqueue([gates[0], text('a', gates[1])]);
  provider.when({ userText: 'x' }, gates[2]);
  provider.release();
  expect(gates.map((one) => one.isOpen)).toEqual([true, true, true]);
});

test('a request that nobody scripted gets a failure that says so; a rule that is used up is no script', async () => {
  await using provider = await LocalModelProvider.start();
  provider.when({ userText: 'hello' }, text('a'));
  expect(await (await ask(provider, hello)).text()).toContain('"delta":"a"');
  const failed = await (await ask(provider, hello)).text();
  expect(failed).toContain('response.failed');
  expect(failed).toContain('nobody scripted this turn: the local model provider has no reply to request 1');
  expect(failed).toContain('give a defaultReply such as echo()');
});

test('a repeating rule begins again after the last one', async () => {
  await using provider = await LocalModelProvider.start({ defaultReply: httpError(418) });
  provider.when({ userText: 'hello', repeat: true }, text('a'), text('b'));
  const bodies = [];
  for (let turn = 0; turn < 3; turn += 1) bodies.push(await (await ask(provider, hello)).text());
  expect(bodies.map((body) => /"delta":"(\w)"/.exec(body)?.[1])).toEqual(['a', 'b', 'a']);
  expect((await ask(provider, { model: 'm', input: [user('bye')] })).status).toBe(418);
});
