/** A server that writes what is no message ends its session as a crash does: supervised runs go on, or say so. */
import { ProtocolError } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { agentMessage } from '../runs/played-server.js';
import { keptAs, type PlayedLife, PlayedLives, userMessage } from './played-lives.js';

const PARAMS = { threadId: 't', input: 'x' };
const JOB = { idempotencyKey: 'job-7' };

/** It writes half a message, and is replaced. */
async function broken(lives: PlayedLives, life: PlayedLife): Promise<PlayedLife> {
  await life.server.piped.quiet();
  life.server.piped.sendText('{"method": "turn/sta\n');
  await life.client.closed;
  return lives.begin();
}

describe('L24 a server that writes a broken line', () => {
  test('rejects a turn that was sent, and those in line go on with the next server', async () => {
    await using lives = new PlayedLives();
    const life = lives.begin();
    const [first, second] = [0, 1].map(() => lives.runs.turnRun(PARAMS).result());
    const failed = expect(first).rejects.toThrow(ProtocolError);
    (await life.server.turn()).accept().started();
    const next = await broken(lives, life);
    await failed;
    (await next.server.turn()).accept().complete();
    expect((await second)?.status).toBe('completed');
  });

  test('keeps a turn with a key, and one that joined it', async () => {
    await using lives = new PlayedLives();
    const life = lives.begin();
    const results = [0, 1].map(() => lives.runs.turnRun(PARAMS, JOB).result());
    (await life.newTurn()).accept().started();
    const next = await broken(lives, life);
    const kept = keptAs('turn-1', 'interrupted', userMessage('job-7'));
    for (let looks = 0; looks < 2; looks += 1) await next.tell('idle', kept);
    expect(await Promise.all(results)).toMatchObject([
      { status: 'interrupted', recovered: true, joined: false },
      { status: 'interrupted', recovered: true, joined: true },
    ]);
  });

  test('is told to a loop that was handed something, and another loop goes on', async () => {
    await using lives = new PlayedLives();
    const life = lives.begin();
    const text = lives.runs.turnRun(PARAMS, JOB).text();
    const turn = (await life.newTurn()).accept().started().say('half');
    expect((await text.next()).value).toBe('half');
    void turn;
    const next = await broken(lives, life);
    await expect(text.next()).rejects.toThrow(ProtocolError);
    await next.tell('idle', keptAs('turn-1', 'interrupted', userMessage('job-7'), agentMessage('m1', 'all')));
    expect((await text.next()).value).toBe('all');
  });

  test('has the look for a key made once more', async () => {
    await using lives = new PlayedLives();
    const life = lives.begin();
    const result = lives.runs.turnRun(PARAMS, JOB).result();
    await life.server.next('thread/read');
    const next = await broken(lives, life);
    (await next.newTurn()).accept().complete();
    expect((await result).status).toBe('completed');
  });
});
