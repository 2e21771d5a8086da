/** The end of a turn whose run was left: whoever waits for `turn/completed` gets it, before and after the leaving. */
import type { TurnRun } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { PlayedServer, type PlayedTurn } from '../played-server.js';

/** A run whose first message was read. */
async function running(server: PlayedServer): Promise<{ run: TurnRun; turn: PlayedTurn }> {
  const run = server.client.turnRun({ threadId: 't', input: 'x' });
  const turn = (await server.turn()).accept().started();
  await run.next();
  return { run, turn };
}

const endOf = (server: PlayedServer, turnId = 'turn-1') =>
  server.client.events({ turnId, methods: ['turn/completed'] });

const INTERRUPTED = { params: { turn: { id: 'turn-1', status: 'interrupted' } } };

describe('turn/completed of a run that was left', () => {
  test('L1 L11 reaches a stream for it that was opened before', async () => {
    await using server = new PlayedServer();
    const { run, turn } = await running(server);
    const end = endOf(server);
    await run.return();
    turn.say('unheard').complete('interrupted');
    expect((await end.next()).value).toMatchObject(INTERRUPTED);
    expect((await run.result()).status).toBe('interrupted');
  });

  test('L1 L11 reaches a stream for it that is opened afterwards', async () => {
    await using server = new PlayedServer();
    const { run, turn } = await running(server);
    await run.return();
    const end = endOf(server).next();
    turn.say('unheard').complete('interrupted');
    expect((await end).value).toMatchObject(INTERRUPTED);
  });

  test('L1 L11 is not lost when it came before the stream for it was opened', async () => {
    await using server = new PlayedServer();
    const { run, turn } = await running(server);
    await run.return();
    turn.complete('interrupted');
    await run.result();
    expect((await endOf(server).next()).value).toMatchObject(INTERRUPTED);
  });

  test('L1 L11 is not lost when it was unread as the run was left', async () => {
    await using server = new PlayedServer();
    const { run, turn } = await running(server);
    turn.say('unread').complete('interrupted');
    await server.piped.quiet();
    await run.return();
    expect((await endOf(server).next()).value).toMatchObject(INTERRUPTED);
    expect(server.client.stats()).toMatchObject({ held: { messages: 0 }, messages: { discarded: 1 } });
  });

  test('L1 reaches the stream of its thread', async () => {
    await using server = new PlayedServer();
    const { run, turn } = await running(server);
    const thread = server.client.thread('t').events();
    await run.return();
    turn.complete('interrupted');
    expect((await thread.next()).value).toMatchObject({ method: 'turn/completed' });
  });

  test('reaches it also when the run was aborted', async () => {
    await using server = new PlayedServer();
    const abort = new AbortController();
    const run = server.client.turnRun({ threadId: 't', input: 'x' }, { signal: abort.signal });
    const failed = expect(run.result()).rejects.toBe('enough');
    const turn = (await server.turn()).accept().started();
    const end = endOf(server).next();
    await server.piped.quiet();
    abort.abort('enough');
    await failed;
    turn.complete('interrupted');
    expect((await end).value).toMatchObject(INTERRUPTED);
  });

  test('L1 is the run’s for as long as somebody may read it', async () => {
    await using server = new PlayedServer();
    const { run, turn } = await running(server);
    const end = endOf(server);
    turn.complete();
    expect((await run.next()).value?.method).toBe('turn/completed');
    await end.return();
  });
});
