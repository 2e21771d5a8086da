/** L14: a compaction takes the thread's line; its turn is known by its item. */
import { TurnFailedError } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { PlayedServer, type PlayedTurn, turnOf } from '../played-server.js';
import { startedByHand } from './by-hand.js';

/** Sends notifications of the thread. */
function tell(server: PlayedServer, ...messages: [method: string, params: object][]): void {
  for (const [method, params] of messages)
    server.piped.send({ method, params: { threadId: 't', ...params } });
}

const item = { type: 'contextCompaction', id: 'c' };

/** The compaction's turn begins. */
function begin(server: PlayedServer, turnId = 'c-turn'): void {
  tell(server, ['turn/started', { turn: turnOf(turnId) }], ['item/started', { turnId, item }]);
}

const end = (server: PlayedServer, ...[status, error, turnId = 'c-turn']: EndOf) =>
  tell(server, ['turn/completed', { turn: turnOf(turnId, status, error) }]);
type EndOf = [status: 'completed' | 'interrupted' | 'failed', error?: string, turnId?: string];

/** The request was taken. */
async function taken(server: PlayedServer): Promise<void> {
  server.answer(await server.next('thread/compact/start'), {});
}

describe('compact()', () => {
  test('settles when its turn is over, with what that came to', async () => {
    await using server = new PlayedServer();
    const compacted = server.client.thread('t').compact();
    await taken(server);
    begin(server);
    const tokenUsage = { last: { totalTokens: 7_000 }, total: { totalTokens: 220 } };
    tell(server, ['thread/tokenUsage/updated', { turnId: 'c-turn', tokenUsage }]);
    end(server, 'completed');
    const raw = { start: undefined, turn: { id: 'c-turn' } };
    expect(await compacted).toMatchObject({ status: 'completed', usage: tokenUsage, raw, joined: false });
  });

  test('settles also when the turn begins before the answer comes', async () => {
    await using server = new PlayedServer();
    const compacted = server.client.thread('t').compact();
    const request = await server.next('thread/compact/start');
    begin(server);
    server.answer(request, {});
    end(server, 'completed');
    expect(await compacted).toMatchObject({ status: 'completed' });
  });

  test('L14 waits for the turns before it, of ours and of others, and later turns wait for it', async () => {
    await using server = new PlayedServer();
    const byHand: PlayedTurn = await startedByHand(server);
    const first = server.client.turnRun({ threadId: 't', input: '1' }).result();
    const compacted = server.client.thread('t').compact();
    const last = server.client.turnRun({ threadId: 't', input: '2' }).result();
    byHand.complete();
    const turn = (await server.turn()).accept().started();
    await server.piped.quiet();
    expect(server.sent('thread/compact/start')).toBe(0);
    turn.complete();
    await taken(server);
    begin(server);
    await server.piped.quiet();
    expect(server.sent('turn/start')).toBe(2);
    end(server, 'completed');
    (await server.turn()).accept().started().complete();
    const statuses = (await Promise.all([first, compacted, last])).map(({ status }) => status);
    expect(statuses).toEqual(['completed', 'completed', 'completed']);
  });

  test('rejects with its result when it failed', async () => {
    await using server = new PlayedServer();
    const compacted = server.client.thread('t').compact();
    compacted.catch(() => undefined);
    await taken(server);
    begin(server);
    end(server, 'failed', 'no room');
    await expect(compacted).rejects.toBeInstanceOf(TurnFailedError);
    await expect(compacted).rejects.toThrow('no room');
  });

  test('rejects with the refusal', async () => {
    await using server = new PlayedServer();
    const compacted = server.client.thread('t').compact();
    compacted.catch(() => undefined);
    server.refuse(await server.next('thread/compact/start'), 'thread not found: t');
    await expect(compacted).rejects.toMatchObject({ code: 'CODEX_RPC' });
  });

  test('does not take for its own what another started in the gap before it', async () => {
    await using server = new PlayedServer();
    const compacted = server.client.thread('t').compact();
    const request = await server.next('thread/compact/start');
    tell(server, ['turn/started', { turn: turnOf('foreign') }]);
    tell(server, ['turn/completed', { turn: turnOf('foreign', 'interrupted') }]);
    server.answer(request, {});
    begin(server);
    end(server, 'completed');
    expect(await compacted).toMatchObject({ status: 'completed', raw: { turn: { id: 'c-turn' } } });
  });

  test('is asked about when its turn never begins', async () => {
    await using server = new PlayedServer();
    const compacted = server.client.thread('t').compact({ idleTimeoutMs: 1 });
    compacted.catch(() => undefined);
    await taken(server);
    server.answer(await server.next('thread/read'), { thread: { id: 't', status: { type: 'idle' } } });
    await expect(compacted).rejects.toThrow('the compaction never began');
    await expect(compacted).rejects.toMatchObject({ code: 'CODEX_PROTOCOL' });
  });

  test('is asked about also when a turn came and went that is not known to be it', async () => {
    await using server = new PlayedServer();
    const compacted = server.client.thread('t').compact({ idleTimeoutMs: 1 });
    compacted.catch(() => undefined);
    await taken(server);
    tell(server, ['turn/started', { turn: turnOf('other') }]);
    end(server, 'interrupted', undefined, 'other');
    server.answer(await server.next('thread/read'), { thread: { id: 't', status: { type: 'idle' } } });
    await expect(compacted).rejects.toThrow('the compaction never began');
  });
});

test('what a turn before it says late does not make it another', async () => {
  await using server = new PlayedServer();
  const compacted = server.client.thread('t').compact();
  await taken(server);
  tell(server, ['turn/started', { turn: turnOf('c-turn') }]);
  end(server, 'completed', undefined, 'earlier');
  tell(server, ['item/started', { turnId: 'c-turn', item }]);
  end(server, 'completed');
  expect(await compacted).toMatchObject({ raw: { started: { turn: { id: 'c-turn' } } } });
});

describe('the turn of another that begins in the gap', () => {
  const others: [method: string, params: object][] = [
    ['turn/started', { turn: turnOf('other') }],
    ['item/started', { turnId: 'other', item: { type: 'userMessage', id: 'u' } }],
  ];
  const interrupted = (server: PlayedServer) =>
    server.piped.received
      .filter(({ method }) => method === 'turn/interrupt')
      .map(({ params }) => params?.['turnId']);

  test('is not taken for it by a compaction of its own, and goes where it would have gone', async () => {
    await using server = new PlayedServer();
    const main = server.client.events();
    const compacted = server.client.thread('t').compact();
    await taken(server);
    tell(server, ...others, ['item/started', { turnId: 'other', item }]);
    end(server, 'interrupted', undefined, 'other');
    begin(server);
    end(server, 'completed');
    expect(await compacted).toMatchObject({ status: 'completed', raw: { turn: { id: 'c-turn' } } });
    const got: string[] = [];
    for (let message = 0; message < 4; message += 1) got.push(String((await main.next()).value?.method));
    expect(got).toEqual(['turn/started', 'item/started', 'item/started', 'turn/completed']);
  });

  test('is not interrupted when the request was not answered in time; the compaction is', async () => {
    await using server = new PlayedServer({ requestTimeoutMs: 1 });
    const compacted = server.client.thread('t').compact();
    compacted.catch(() => undefined);
    await server.next('thread/compact/start');
    tell(server, ...others.slice(0, 1));
    await expect(compacted).rejects.toMatchObject({ code: 'CODEX_REQUEST_TIMEOUT' });
    tell(server, ...others.slice(1));
    await server.piped.quiet();
    expect(interrupted(server)).toEqual([]);
    end(server, 'interrupted', undefined, 'other');
    begin(server);
    await server.next('turn/interrupt');
    expect(interrupted(server)).toEqual(['c-turn']);
  });

  test('does not end one that was aborted: that is interrupted when it begins', async () => {
    await using server = new PlayedServer();
    const abort = new AbortController();
    const compacted = server.client.thread('t').compact({ signal: abort.signal });
    compacted.catch(() => undefined);
    await taken(server);
    tell(server, ...others.slice(0, 1));
    await server.piped.quiet();
    abort.abort(new Error('enough'));
    end(server, 'interrupted', undefined, 'other');
    begin(server);
    await server.next('turn/interrupt');
    expect(interrupted(server)).toEqual(['c-turn']);
  });
});

describe('an abort', () => {
  test.each(['before', 'after'])('interrupts the turn %s it has a name', async (when) => {
    await using server = new PlayedServer();
    const abort = new AbortController();
    const compacted = server.client.thread('t').compact({ signal: abort.signal });
    compacted.catch(() => undefined);
    await taken(server);
    if (when === 'before') abort.abort(new Error('enough'));
    begin(server);
    await server.piped.quiet();
    abort.abort(new Error('enough'));
    await expect(compacted).rejects.toThrow('enough');
    const interrupt = await server.next('turn/interrupt');
    expect(interrupt.params).toEqual({ threadId: 't', turnId: 'c-turn' });
    server.answer(interrupt, {});
    end(server, 'interrupted');
    // The line goes on.
    const next = server.client.turnRun({ threadId: 't', input: 'x' }).result();
    (await server.turn()).accept().started().complete();
    await next;
  });

  test('takes it out of the line while it waits', async () => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' }).result();
    const turn = (await server.turn()).accept().started();
    const abort = new AbortController();
    const compacted = server.client.thread('t').compact({ signal: abort.signal });
    compacted.catch(() => undefined);
    abort.abort(new Error('enough'));
    await expect(compacted).rejects.toThrow('enough');
    turn.complete();
    await run;
    await server.piped.quiet();
    expect(server.sent('thread/compact/start')).toBe(0);
  });
});

test.each([
  [{ timeoutMs: -1 }, 'options.timeoutMs'],
  [{ idleTimeoutMs: 'long' }, 'options.idleTimeoutMs'],
  [{ signal: {} }, 'options.signal'],
  [{ detach: true }, 'options.detach'],
])('L20 %j is refused, and nothing is sent', async (options, argument) => {
  await using server = new PlayedServer();
  // Not in the types.
  const compacted = server.client.thread('t').compact(options as never);
  await expect(compacted).rejects.toMatchObject({ code: 'CODEX_INVALID_ARGUMENT', argument });
  expect(server.piped.received).toEqual([]);
});
