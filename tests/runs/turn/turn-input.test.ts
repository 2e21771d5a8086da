/** The input of a turn: what passes, as what, and what is refused before anything is sent. */
import { expect, test } from 'vitest';
import { expectRefused, type Mistake } from '../mistakes.js';
import { PlayedServer } from '../played-server.js';

const good = { threadId: 't', input: 'x' };

const MISTAKES: readonly Mistake[] = [
  ['turnRun', [{ threadId: 't' }], 'params.input'],
  ['turnRun', [{ threadId: 't', input: [] }], 'params.input'],
  ['turnRun', [{ threadId: 't', input: 5 }], 'params.input'],
  ['turnRun', [{ threadId: 't', input: { type: 'text', text: 'x' } }], 'params.input'],
  ['turnRun', [{ threadId: 't', input: ['x', 5] }], 'params.input[1]'],
  ['turnRun', [{ threadId: 't', input: [{ text: 'x' }] }], 'params.input[0]'],
  ['turnRun', [{ threadId: 't', input: [{ type: 'text' }] }], 'params.input[0].text'],
];

test.each(MISTAKES)('L20 %s(...%j) throws and names %s', expectRefused);

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

test('input may be a text, texts, and the items of the protocol, unknown ones included', async () => {
  await using server = new PlayedServer();
  const image = { type: 'image', url: 'data:image/png;base64,AA==' } as const;
  const localImage = { type: 'localImage', path: '/tmp/x.png' } as const;
  const newer: unknown = { type: 'hologram', depth: 3 };
  const spans = { type: 'text', text: '@me', text_elements: [{ byteRange: { start: 0, end: 3 } }] };
  const input = ['look', { type: 'text', text: 'closely' }, spans, image, localImage, newer];
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
      spans,
      image,
      localImage,
      newer,
    ],
  });
  turn.accept().complete();
  await result;
});
