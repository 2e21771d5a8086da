/** A run as its newest state: what a slow reader gets, the end, and leaving. */
import { type AsyncClient, ServerClosedError, type ServerMessage } from 'codex-async-client';
import { applyMessage, emptyView, type ThreadView } from 'codex-async-client/view';
import { expect, test } from 'vitest';
import { outcomeOf } from '../../helpers/piped-server.js';
import { agentMessage, collected, PlayedServer, turnOf } from '../played-server.js';

const run = (client: AsyncClient) => client.turnRun({ threadId: 't', input: 'x' });

function textOf(view: ThreadView | undefined): string {
  const items = view?.turns.at(-1)?.items ?? [];
  return items.map((item) => (item.type === 'agentMessage' ? item.text : '')).join('|');
}

test('L22 a slow reader gets the newest state, and no message is kept for it', async () => {
  await using server = new PlayedServer();
  const snapshots = run(server.client).snapshots();
  const first = snapshots.next();
  const turn = (await server.turn()).accept().started();
  expect((await first).value?.turns.at(-1)?.status).toBe('inProgress');
  for (let n = 0; n < 1_000; n += 1) turn.say(`${n} `);
  await server.piped.quiet();
  expect(server.client.stats().held.messages).toBe(0);
  const whole = Array.from({ length: 1_000 }, (_, n) => `${n} `).join('');
  expect(textOf((await snapshots.next()).value)).toBe(whole);
  const next = snapshots.next();
  expect(await outcomeOf(next)).toBe('pending');
  turn.item(agentMessage('m1', whole)).complete();
  await next;
  const last = (await collected(snapshots)).at(-1) ?? (await next).value;
  expect([textOf(last), last?.turns.at(-1)?.status]).toEqual([whole, 'completed']);
});

test('what is asked has the key that names it in front of every server', async () => {
  await using server = new PlayedServer();
  await using other = new PlayedServer();
  const keys = [];
  for (const { client, turn } of [server, other].map((one) => ({
    client: one.client,
    turn: () => one.turn(),
  }))) {
    const snapshots = run(client).snapshots();
    (await turn()).accept().started().ask(0);
    let view = (await snapshots.next()).value;
    while (view?.requests.length === 0) view = (await snapshots.next()).value;
    keys.push(view?.requests[0]?.key);
  }
  expect(keys).toEqual([expect.stringMatching(/^[^:]+:0$/), expect.stringMatching(/^[^:]+:0$/)]);
  expect(keys[0]).not.toBe(keys[1]);
});

test('the last state is what the messages fold to', async () => {
  await using server = new PlayedServer();
  const own = run(server.client);
  const states = collected(own.snapshots());
  const messages: ServerMessage[] = [];
  const turn = (await server.turn()).accept().started().say('a', 'b');
  turn.item(agentMessage('m1', 'ab')).complete();
  const all = await states;
  const result = await own.result();
  expect(textOf(all.at(-1))).toBe(result.finalMessage);
  const again = run(server.client);
  const read = collected(again).then((list) => messages.push(...list));
  (await server.turn()).accept().started().say('a', 'b').item(agentMessage('m1', 'ab')).complete();
  await read;
  const folded = messages.reduce(applyMessage, emptyView({ threadId: 't' }));
  expect(folded.turns.at(-1)?.items).toEqual(all.at(-1)?.turns.at(-1)?.items);
});

test('a failed turn ends it, and the state says so; a server that goes is an error after the last state', async () => {
  await using server = new PlayedServer();
  const states = collected(run(server.client).snapshots());
  (await server.turn()).accept().started().complete('failed');
  expect((await states).at(-1)?.turns.at(-1)?.status).toBe('failed');

  const cutOff = run(server.client).snapshots();
  const first = cutOff.next();
  (await server.turn()).accept().started().say('last words');
  await first;
  await server.piped.quiet();
  server.piped.end();
  expect(textOf((await cutOff.next()).value)).toBe('last words');
  await expect(cutOff.next()).rejects.toBeInstanceOf(ServerClosedError);
  expect(await cutOff.next()).toEqual({ done: true, value: undefined });
});

test('what is asked is in the state until it is answered, by its id', async () => {
  await using server = new PlayedServer();
  const snapshots = run(server.client).snapshots();
  const first = snapshots.next();
  const turn = (await server.turn()).accept().started();
  await first;
  server.piped.send({
    id: 7,
    method: 'item/fileChange/requestApproval',
    params: { threadId: 't', turnId: turn.turnId, itemId: 'i' },
  });
  const asked = (await snapshots.next()).value?.requests;
  expect(asked).toMatchObject([{ id: 7, method: 'item/fileChange/requestApproval' }]);
  await server.client.respondById(asked?.[0]?.id ?? 'none', { decision: 'accept' });
  turn.send('serverRequest/resolved', { requestId: 7 });
  expect((await snapshots.next()).value?.requests).toEqual([]);
  turn.complete();
});

test.each(['new/request', 'currentTime/read'])(
  'L16 what no state shows, such as %s, is denied, so that the turn goes on',
  async (method) => {
    await using server = new PlayedServer();
    const snapshots = run(server.client).snapshots();
    const first = snapshots.next();
    const turn = (await server.turn()).accept().started();
    await first;
    turn.ask(8, method);
    expect(await server.answerTo(8)).toMatchObject({ error: { code: -32601 } });
    turn.ask(9);
    turn.ask(9);
    turn.complete();
    await collected(snapshots);
    expect(server.piped.received.filter(({ id, method: sent }) => id === 9 && sent === undefined)).toEqual(
      [],
    );
  },
);

test('L16 what a sub-agent asks is denied, as no state of the run’s thread shows it', async () => {
  await using server = new PlayedServer();
  const states = collected(
    server.client.turnRun({ threadId: 't', input: 'x' }, { includeSubagents: true }).snapshots(),
  );
  const turn = (await server.turn()).accept().started();
  server.piped.send(
    {
      method: 'turn/started',
      params: { threadId: 'sub', turn: { ...turnOf('s'), rootTurnId: turn.turnId } },
    },
    {
      id: 8,
      method: 'item/fileChange/requestApproval',
      params: { threadId: 'sub', turnId: 's', itemId: 'i' },
    },
  );
  expect(await server.answerTo(8)).toMatchObject({ result: { decision: 'decline' } });
  turn.complete();
  await states;
});

test('L11 leaving it leaves the run, which interrupts the turn', async () => {
  await using server = new PlayedServer();
  for await (const view of startReading(server)) {
    expect(view.threadId).toBe('t');
    break;
  }
  expect((await server.next('turn/interrupt')).params).toMatchObject({ threadId: 't' });
});

function startReading(server: PlayedServer) {
  const snapshots = run(server.client).snapshots();
  void server.turn().then((turn) => turn.accept().started());
  return snapshots;
}

test('of a thread run, the state begins when the thread has a name', async () => {
  await using server = new PlayedServer();
  const states = collected(server.client.threadRun({ turn: 'hi' }).snapshots());
  server.answer(await server.next('thread/start'), { thread: { id: 't' } });
  (await server.turn()).accept().started().say('x', 'y').complete();
  const last = (await states).at(-1);
  expect([last?.threadId, textOf(last)]).toEqual(['t', 'xy']);
});
