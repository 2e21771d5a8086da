/** L20: what the server's queue cannot carry is refused by name, before anything is sent. */
import { expect, test } from 'vitest';
import { queuedParamsOf } from '../../../src/runs/turn/queued-params.js';
import { readyServer } from '../../helpers/piped-server.js';
import { PlayedServer } from '../played-server.js';

const QUEUE = { whenBusy: 'queue' } as const;
const TURN = { threadId: 't', input: 'x' };

test.each([
  ['model', 'gpt'],
  ['cwd', '/tmp'],
  ['effort', 'low'],
  ['outputSchema', { type: 'object', properties: { a: { type: 'string' } } }],
])('L20 %s is refused with what is carried', async (name, value) => {
  await using server = new PlayedServer();
  const params = { ...TURN, [name]: value };
  expect(() => server.client.turnRun(params, QUEUE)).toThrow(
    new RegExp(
      `^params\\.${name}: a turn in the server's queue .* no params but threadId, input, clientUserMessageId`,
    ),
  );
  expect(() => server.client.thread('t').run({ ...params }, QUEUE)).toThrow(`turn.${name}: a turn`);
  expect(() => server.client.threadRun({ turn: { ...params } }, QUEUE)).toThrow(/threadId|params\.turn\./);
  await server.piped.quiet();
  expect(server.piped.received).toEqual([]);
});

test('L20 a client without experimentalApi has no queue, and one that has not shaken hands yet may have', async () => {
  const server = await readyServer();
  expect(() => server.client.turnRun(TURN, QUEUE)).toThrow(
    /options\.whenBusy: "queue" needs .* experimentalApi: true/,
  );
  server.end();
  const other = await readyServer({ experimentalApi: true });
  const run = other.client.turnRun(TURN, QUEUE);
  run.result().catch(() => {});
  await other.receivedWhere(({ method }) => method === 'thread/queue/add');
  other.end();
});

test('L20 an id that is no text is refused', async () => {
  await using server = new PlayedServer();
  const turn = { ...TURN, clientUserMessageId: '' };
  expect(() => server.client.turnRun(turn, QUEUE)).toThrow(/params\.clientUserMessageId: expected/);
});

test('what is null is as good as left out, and each turn without an id gets one of its own', () => {
  const params = { threadId: 't', input: [], model: null, clientUserMessageId: null };
  const [one, other] = [queuedParamsOf(params), queuedParamsOf(params)];
  expect(Object.keys(one)).toEqual(['threadId', 'input', 'clientUserMessageId']);
  expect(one.clientUserMessageId).not.toBe(other.clientUserMessageId);
});
