/** L9 and L10 for runs: the server goes in the middle of a turn, and every run settles. */
import { ServerClosedError } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { collected, methodsOf, PlayedServer } from '../played-server.js';

describe('when the server goes in the middle of a turn', () => {
  test('L9 the loop gets everything that was received and then the error, and so does the result', async () => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' });
    const turn = (await server.turn()).accept().started().say('1', '2', '3');
    await run.next();
    turn.say('4');
    server.piped.end();
    await server.client.closed;
    const rest: string[] = [];
    const loop = (async () => {
      for await (const { method } of run) rest.push(method);
    })();
    await expect(loop).rejects.toThrow(ServerClosedError);
    expect(rest).toEqual(Array.from({ length: 4 }, () => 'item/agentMessage/delta'));
    await expect(run.result()).rejects.toThrow(ServerClosedError);
  });

  test('L9 a turn that had completed keeps its result', async () => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' });
    (await server.turn()).accept().started().complete();
    server.piped.end();
    await server.client.closed;
    expect(await methodsOf(run)).toEqual(['turn/started', 'turn/completed']);
    expect((await run.result()).status).toBe('completed');
  });

  test('L9 shutdown() is no clean end for a turn that was cut off', async () => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' });
    (await server.turn()).accept().started();
    await server.piped.quiet();
    await server.client.shutdown();
    expect((await run.next()).value?.method).toBe('turn/started');
    await expect(run.next()).rejects.toThrow(ServerClosedError);
    await expect(run.result()).rejects.toThrow(ServerClosedError);
  });
});

describe.each([
  ['the server goes', async (server: PlayedServer) => server.piped.end()],
  ['the client is shut down', (server: PlayedServer) => server.client.shutdown()],
] as const)('L10 when %s', (_, end) => {
  test('L10 a turn waits for ever because the server died: every run settles, running, in line, iterated, driven, left, read as text', async () => {
    await using server = new PlayedServer();
    const { client } = server;
    const running = client.turnRun({ threadId: 't', input: 'running' }).result();
    const iterated = client.turnRun({ threadId: 'i', input: 'iterated' });
    const waiting = client.turnRun({ threadId: 't', input: 'waiting' });
    const text = collected(client.turnRun({ threadId: 'x', input: 'text' }).text());
    const thread = client.threadRun({ turn: 'never answered' });
    const left = client.turnRun({ threadId: 'l', input: 'left' });
    for (let n = 0; n < 4; n += 1) (await server.turn()).accept().started();
    const loop = collected(iterated);
    await left.next();
    await left.return();
    const settled = Promise.allSettled([
      running,
      loop,
      iterated.result(),
      waiting.next(),
      waiting.result(),
      waiting.steer('x'),
      text,
      thread.next(),
      thread.result(),
      thread.text().next(),
      left.result(),
    ]);
    await end(server);
    const outcomes = await settled;
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'CODEX_SERVER_CLOSED' } });
    expect(server.sent('turn/start')).toBe(4);
  });

  test('L10 a run that is started afterwards fails the same way, in its loop as well', async () => {
    await using server = new PlayedServer();
    await end(server);
    await server.client.closed;
    const run = server.client.turnRun({ threadId: 't', input: 'x' });
    await expect(run.next()).rejects.toThrow(ServerClosedError);
    await expect(run.result()).rejects.toThrow(ServerClosedError);
    await expect(run.steer('x')).rejects.toThrow(ServerClosedError);
    await expect(collected(run.text())).rejects.toThrow(ServerClosedError);
    await expect(server.client.threadRun({ turn: 'x' }).result()).rejects.toThrow(ServerClosedError);
  });
});

test('messages of a turn that lack what the protocol promises end neither the host nor the run', async () => {
  await using server = new PlayedServer();
  const result = server.client.turnRun({ threadId: 't', input: 'x' }, { includeSubagents: true }).result();
  const turn = (await server.turn()).accept();
  for (const method of [
    'turn/started',
    'turn/completed',
    'item/started',
    'item/completed',
    'thread/status/changed',
    'thread/tokenUsage/updated',
    'item/agentMessage/delta',
    'thread/started',
  ]) {
    turn.send(method, {});
    server.piped.send({ method });
    server.piped.send({ method, params: { threadId: 'other' } });
  }
  turn.say('fine').complete();
  expect(await result).toMatchObject({ status: 'completed', agentMessages: [{ id: 'm1', text: 'fine' }] });
});
