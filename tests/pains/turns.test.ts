/** What users of such clients complain about, when it comes to turns and approvals. One test for each pain. */
import { deny, ServerClosedError, StaleRequestError } from 'codex-async-client';
import { expect, test } from 'vitest';
import { collected, PlayedServer, turnOf } from '../runs/played-server.js';

const THREAD = { id: 't', turns: [], status: { type: 'idle' } };

test('a turn waits for ever because turn/completed never comes: the server is asked, and the run ends', async () => {
  await using server = new PlayedServer();
  const run = server.client.turnRun({ threadId: 't', input: 'go' }, { idleTimeoutMs: 1 });
  const result = run.result();
  const turn = (await server.turn()).accept().started().say('all there is');
  server.answer(await server.next('thread/read'), { thread: THREAD });
  server.answer(await server.next('thread/read'), {
    thread: { ...THREAD, turns: [turnOf(turn.turnId, 'completed')] },
  });
  expect(await result).toMatchObject({ status: 'completed', recovered: true });
});

test('a turn waits for ever because the server died: the run fails, and so does the one in line', async () => {
  await using server = new PlayedServer();
  const run = server.client.turnRun({ threadId: 't', input: 'go' });
  const inLine = server.client.turnRun({ threadId: 't', input: 'later' });
  const outcomes = Promise.allSettled([run.result(), inLine.result()]);
  (await server.turn()).accept().started();
  server.piped.end();
  for (const outcome of await outcomes)
    expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(ServerClosedError) });
});

test('turn/start during a turn gives a phantom turn: the second run waits for the end of the first', async () => {
  await using server = new PlayedServer();
  const results = ['one', 'two'].map((input) => server.client.turnRun({ threadId: 't', input }).result());
  const first = (await server.turn()).accept().started();
  await server.piped.quiet();
  expect(server.sent('turn/start')).toBe(1);
  first.complete();
  (await server.turn()).accept().started().complete();
  expect((await Promise.all(results)).map(({ turn }) => turn.id)).toEqual(['turn-1', 'turn-2']);
});

test('steering fails with "expected active turn id X but found Y": Y is never steered in its place', async () => {
  await using server = new PlayedServer();
  const run = server.client.turnRun({ threadId: 't', input: 'go' });
  const result = run.result();
  const turn = (await server.turn()).accept().started();
  const steered = run.steer('rather this');
  const refused = await server.next('turn/steer');
  server.refuse(refused, `expected active turn id \`${turn.turnId}\` but found \`turn-9\``);
  await expect(steered).rejects.toThrow('turn-9');
  turn.complete();
  await result;
  expect(server.sent('turn/steer')).toBe(1);
});

test('interrupting races with the start or the end of the turn: it settles either way', async () => {
  await using server = new PlayedServer();
  const run = server.client.turnRun({ threadId: 't', input: 'go' });
  const result = run.result();
  const turn = (await server.turn()).accept();
  const interrupted = run.interrupt();
  server.refuse(await server.next('turn/interrupt'), 'no active turn to interrupt');
  turn.started();
  server.refuse(await server.next('turn/interrupt'), 'no active turn to interrupt');
  turn.complete();
  await interrupted;
  expect(await result).toMatchObject({ status: 'completed' });
});

test('an approval cannot be answered later: requests wait, and are answered in any order, after other calls', async () => {
  await using server = new PlayedServer();
  const run = server.client.turnRun({ threadId: 't', input: 'go' });
  const asked = collected(run).then((messages) => messages.filter(({ kind }) => kind === 'request'));
  (await server.turn()).accept().started().ask(0).ask('b').complete();
  const [first, second] = await asked;
  if (first?.kind !== 'request' || second?.kind !== 'request') throw new Error('two were asked');
  const call = server.client.request('thread/list', {});
  server.answer(await server.next('thread/list'), { data: [] });
  await call;
  await server.client.respond(second, deny(second));
  await server.client.respond(first, deny(first));
  const answers = server.piped.received.filter(({ method, id }) => method === undefined && id !== undefined);
  expect(answers.map(({ id }) => id)).toEqual(['b', 0]);
});

test('a stale approval is answered into the void: the answer is refused, and a signal says so before', async () => {
  await using server = new PlayedServer();
  const run = server.client.turnRun({ threadId: 't', input: 'go' });
  const turn = (await server.turn()).accept().started().ask(0);
  for await (const message of run) {
    if (message.kind === 'request') {
      const signal = server.client.signalOf(message);
      const withdrawn = new Promise((resolve) => signal.addEventListener('abort', resolve));
      turn.send('serverRequest/resolved', { requestId: 0 });
      await withdrawn;
      await expect(server.client.respond(message, deny(message))).rejects.toThrow(StaleRequestError);
      turn.complete();
    }
  }
  expect(server.piped.received.filter(({ id }) => id === 0)).toEqual([]);
});

test('availableDecisions are ignored: a denial is one of those that the server offers', async () => {
  await using server = new PlayedServer();
  const result = server.client.turnRun({ threadId: 't', input: 'go' }).result();
  const turn = (await server.turn()).accept().started();
  turn.ask(0, 'item/commandExecution/requestApproval', { availableDecisions: ['accept', 'cancel'] });
  expect(await server.answerTo(0)).toMatchObject({ result: { decision: 'cancel' } });
  turn.complete('interrupted');
  await result;
});

test('approvals are accepted by default: nobody in charge means no', async () => {
  await using server = new PlayedServer();
  const result = server.client.turnRun({ threadId: 't', input: 'go' }).result();
  const turn = (await server.turn()).accept().started().ask(0);
  expect(await server.answerTo(0)).toMatchObject({ result: { decision: 'decline' } });
  turn.complete();
  await result;
});

test('events of sub-agents leak into the run of their parent: they reach the main stream instead', async () => {
  await using server = new PlayedServer();
  const run = server.client.turnRun({ threadId: 't', input: 'go' });
  const turn = (await server.turn()).accept().started();
  const params = { threadId: 'sub-agent', turnId: 'its turn', itemId: 'i', delta: 'a secret of the child' };
  server.piped.send({ method: 'item/agentMessage/delta', params });
  turn.say('mine').complete();
  const messages = await collected(run);
  expect(messages.map(({ method }) => method)).toEqual([
    'turn/started',
    'item/agentMessage/delta',
    'turn/completed',
  ]);
  expect((await server.client.nextMessage())?.params).toEqual(params);
});
