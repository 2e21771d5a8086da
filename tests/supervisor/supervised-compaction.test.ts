/** L14, L24: a compaction in the line of a supervised thread. */
import { ServerClosedError } from 'codex-async-client';
import { expect, test } from 'vitest';
import { turnOf } from '../runs/played-server.js';
import { type PlayedLife, PlayedLives } from './played-lives.js';

/** Takes the request, and plays its turn. */
async function compacted({ server }: PlayedLife): Promise<void> {
  server.answer(await server.next('thread/compact/start'), {});
  const item = { type: 'contextCompaction', id: 'c' };
  for (const [method, params] of [
    ['turn/started', { turn: turnOf('c-turn') }],
    ['item/started', { turnId: 'c-turn', item }],
    ['turn/completed', { turn: turnOf('c-turn', 'completed') }],
  ] as const)
    server.piped.send({ method, params: { threadId: 't', ...params } });
}

test('L14 waits for the turns before it, and later ones wait for it; the thread is resumed first', async () => {
  await using lives = new PlayedLives();
  const life = lives.begin();
  const first = lives.runs.turnRun({ threadId: 't', input: '1' }).result();
  const compaction = lives.runs.compact('t', {});
  const last = lives.runs.turnRun({ threadId: 't', input: '2' }).result();
  const turn = (await life.server.turn()).accept().started();
  await life.server.piped.quiet();
  expect([life.server.sent('thread/compact/start'), life.threads.asked]).toEqual([0, ['t']]);
  turn.complete();
  await compacted(life);
  expect(await compaction).toMatchObject({ status: 'completed' });
  (await life.server.turn()).accept().complete();
  expect(life.threads.asked).toEqual(['t', 't', 't']);
  await Promise.all([first, last]);
});

test('L24 waits for the next server, and is not begun again when its own goes', async () => {
  await using lives = new PlayedLives();
  const waiting = lives.runs.compact('t', {});
  const life = lives.begin();
  await compacted(life);
  await waiting;
  const cut = lives.runs.compact('t', {});
  cut.catch(() => undefined);
  life.server.answer(await life.server.next('thread/compact/start'), {});
  const next = await lives.restart();
  await expect(cut).rejects.toBeInstanceOf(ServerClosedError);
  await next.server.piped.quiet();
  expect(next.server.sent('thread/compact/start')).toBe(0);
});

test('is not sent any more when it is given up before there is a server', async () => {
  await using lives = new PlayedLives();
  const abort = new AbortController();
  const compaction = lives.runs.compact('t', { signal: abort.signal });
  compaction.catch(() => undefined);
  abort.abort(new Error('enough'));
  await expect(compaction).rejects.toThrow('enough');
  const result = lives.runs.turnRun({ threadId: 't', input: 'x' }).result();
  const life = lives.begin();
  (await life.server.turn()).accept().complete();
  await result;
  expect(life.server.sent('thread/compact/start')).toBe(0);
});

test('is interrupted when it is given up at the server', async () => {
  await using lives = new PlayedLives();
  const life = lives.begin();
  const abort = new AbortController();
  const compaction = lives.runs.compact('t', { signal: abort.signal });
  compaction.catch(() => undefined);
  life.server.answer(await life.server.next('thread/compact/start'), {});
  const item = { type: 'contextCompaction', id: 'c' };
  life.server.piped.send({ method: 'item/started', params: { threadId: 't', turnId: 'c-turn', item } });
  await life.server.piped.quiet();
  abort.abort(new Error('enough'));
  await expect(compaction).rejects.toThrow('enough');
  const { params } = await life.server.next('turn/interrupt');
  expect(params).toEqual({ threadId: 't', turnId: 'c-turn' });
});

test('L20 a bad option is refused', async () => {
  await using lives = new PlayedLives();
  expect(() => lives.runs.compact('t', { timeoutMs: -1 })).toThrow('options.timeoutMs');
});
