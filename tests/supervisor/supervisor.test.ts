/** A supervisor as its users have it; what its parts do is tested with them. */
import { AsyncClient, InvalidArgumentError, ServerClosedError } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { scriptedCommand } from '../helpers/scripted.js';
import { PipedLives } from './piped-lives.js';

describe('a supervisor', () => {
  test('starts a server of its own, and ends it with its scope', async () => {
    await using supervisor = AsyncClient.supervise({ command: scriptedCommand('echo-params') });
    expect(supervisor.stats().state).toBe('starting');
    const client = await supervisor.client();
    expect(supervisor.stats()).toMatchObject({
      state: 'living',
      restarts: 0,
      client: { requests: { inFlight: 0 } },
    });
    await supervisor.shutdown();
    expect(client.state).toBe('closed');
    expect(supervisor.stats()).toEqual({ state: 'shutDown', restarts: 0, client: undefined });
  });

  test('gives up a server that ends in its handshake, with what it wrote', async () => {
    const supervisor = AsyncClient.supervise({
      command: scriptedCommand('exits-in-handshake'),
      restart: { maxRestarts: 1 },
    });
    const failure = await supervisor.client().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ServerClosedError);
    expect(failure).toMatchObject({
      message: expect.stringContaining('after 1 restarts within 60000 ms'),
      cause: { code: 'CODEX_HANDSHAKE' },
    });
    await supervisor.shutdown();
  });

  test('counts its restarts, and the counters are those of the client that lives', async () => {
    const lives = new PipedLives();
    await lives.crash();
    const { value } = await lives.supervisor.restarts().next();
    expect(value?.number).toBe(1);
    const client = await lives.supervisor.client();
    expect(lives.supervisor.stats()).toEqual({ state: 'living', restarts: 1, client: client.stats() });
    await lives.supervisor.shutdown();
  });
});

describe('L20: bad input is refused before anything is sent', () => {
  test('by every method that takes some', async () => {
    const lives = new PipedLives();
    const { supervisor } = lives;
    const server = await lives.server(1);
    await supervisor.client();
    const sent = server.received.length;
    expect(() => supervisor.turnRun({ threadId: '', input: 'x' })).toThrow(InvalidArgumentError);
    expect(() => supervisor.threadRun({ turn: 7 as never })).toThrow(InvalidArgumentError);
    expect(() => supervisor.thread('')).toThrow(InvalidArgumentError);
    expect(() => supervisor.thread('t', { answers: true } as object)).toThrow(
      'options.answers: unknown name',
    );
    expect(() => supervisor.thread('t').follow({ keepBytes: 0 })).toThrow(InvalidArgumentError);
    await expect(supervisor.resume('')).rejects.toThrow('threadId: expected a non-empty string');
    await expect(supervisor.resume('t', { modle: 'x' } as object)).rejects.toThrow(InvalidArgumentError);
    await expect(supervisor.shutdown({ drainMs: -1 })).rejects.toThrow('options.drainMs');
    await expect(supervisor.shutdown({ drain: 1 } as object)).rejects.toThrow('options.drain: unknown name');
    expect(server.received.length).toBe(sent);
    expect(supervisor.stats().state).toBe('living');
    await supervisor.shutdown();
  });

  test('also while there is no server', async () => {
    const lives = new PipedLives();
    expect(lives.supervisor.stats().state).toBe('starting');
    expect(() => lives.supervisor.turnRun({ threadId: 't', input: '' }, { timeoutMs: -1 })).toThrow(
      InvalidArgumentError,
    );
    expect(() => lives.supervisor.threadRun({ turn: 'x', thred: {} } as never)).toThrow(InvalidArgumentError);
    await lives.supervisor.shutdown();
  });
});
