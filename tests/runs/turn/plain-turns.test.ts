/** `turnStart` and `turnSteer`: what they take beyond the protocol, and what they send. */
import { expect, test } from 'vitest';
import { expectRefused, type Mistake } from '../mistakes.js';
import { PlayedServer } from '../played-server.js';

const image = { type: 'localImage', path: '/tmp/x.png' } as const;
const hello = { type: 'text', text: 'Hi!', text_elements: [] } as const;

const INPUTS = [
  ['a text', 'Hi!', [hello]],
  ['texts and items', ['Hi!', image], [hello, image]],
  ['an item without spans', [{ type: 'text', text: 'Hi!' }], [hello]],
  ['the items of the protocol', [hello], [hello]],
  ['nothing, where something else stands in its place', [], []],
] as const;

test.each(INPUTS)('turnStart takes %s', async (_, input, sent) => {
  await using server = new PlayedServer();
  const answer = server.client.turnStart({ threadId: 't', input, model: undefined }, { timeoutMs: 0 });
  const request = await server.next('turn/start');
  expect(request.params).toEqual({ threadId: 't', input: sent });
  server.answer(request, { turn: { id: 'turn-1' } });
  expect(await answer).toEqual({ turn: { id: 'turn-1' } });
});

test.each(INPUTS)('turnSteer takes %s', async (_, input, sent) => {
  await using server = new PlayedServer();
  const answer = server.client.turnSteer({ threadId: 't', expectedTurnId: 'turn-1', input });
  const request = await server.next('turn/steer');
  expect(request.params).toEqual({ threadId: 't', expectedTurnId: 'turn-1', input: sent });
  server.answer(request, { turnId: 'turn-1' });
  expect(await answer).toEqual({ turnId: 'turn-1' });
});

test('request() sends what it is given', async () => {
  await using server = new PlayedServer();
  const answer = server.client.request<string>('turn/start', { threadId: 't', input: 'Hi!' });
  const request = await server.next('turn/start');
  expect(request.params).toEqual({ threadId: 't', input: 'Hi!' });
  server.answer(request, {});
  await answer;
});

test('a turn that was started so makes its thread busy for runs', async () => {
  await using server = new PlayedServer();
  const answer = server.client.turnStart({ threadId: 't', input: 'Hi!' });
  const turn = (await server.turn()).accept().started();
  await answer;
  const run = server.client.turnRun({ threadId: 't', input: 'next' }).result();
  expect(server.sent('turn/start')).toBe(1);
  turn.complete();
  (await server.turn()).accept().complete();
  await run;
});

const MISTAKES: readonly Mistake[] = [
  ['turnStart', ['Hi!'], 'params'],
  ['turnStart', [], 'params'],
  ['turnStart', [{ threadId: 't' }], 'params.input'],
  ['turnStart', [{ threadId: 't', input: 5 }], 'params.input'],
  ['turnStart', [{ threadId: 't', input: ['x', 5] }], 'params.input[1]'],
  ['turnStart', [{ threadId: 't', input: 'x' }, { timeout: 1 }], 'options.timeout'],
  ['turnSteer', [{ threadId: 't', expectedTurnId: 'u', input: [{ text: 'x' }] }], 'params.input[0]'],
];

test.each(MISTAKES)('L20 %s(...%j) is refused and names %s', expectRefused);
