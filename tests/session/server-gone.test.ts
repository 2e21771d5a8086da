/** The server goes while calls are pending: every one settles, with an error that tells how and why. */
import { fileURLToPath } from 'node:url';
import { AsyncClient, ServerClosedError, type ServerMessage } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { errorOf } from '../client/scripted-client.js';
import { startScripted } from '../helpers/scripted.js';

const SESSION = 'transcripts/short-session.jsonl';
const fixture = (path: string) => fileURLToPath(new URL(`../../fixtures/${path}`, import.meta.url));

describe('the server goes', () => {
  test('L10 every pending request rejects with the exit code and the end of stderr', async () => {
    const client = await startScripted('dies-when-told', [], { maxInFlightRequests: 3 });
    const calls = Array.from({ length: 10 }, () => errorOf(client.request('never/answered')));
    await client.notify('exit', { code: 7, stderr: 'out of memory\n' });
    for (const error of await Promise.all(calls)) {
      expect(error).toBeInstanceOf(ServerClosedError);
      expect(error).toMatchObject({ exitCode: 7, signal: null, stderrTail: 'out of memory' });
      expect(error).toMatchObject({ message: expect.stringContaining('exited with code 7') });
      const said = expect.stringContaining('the end of its stderr:\nout of memory');
      expect(error).toMatchObject({ message: said });
    }
    expect(await client.closed).toMatchObject({ exitCode: 7, expected: false });
    expect(client.state).toBe('closed');
  });

  test('L10 closed tells how the server went, never rejects, and has the error of the calls', async () => {
    const client = await startScripted('dies-when-told');
    const error = await errorOf(client.request('kill'));
    expect(error).toMatchObject({ code: 'CODEX_SERVER_CLOSED', exitCode: null, signal: 'SIGKILL' });
    expect(String(error)).toMatch(/was ended by SIGKILL; start a new client/);
    expect(await client.closed).toEqual({
      exitCode: null,
      signal: 'SIGKILL',
      stderrTail: '',
      expected: false,
      error,
    });
  });

  test('L10 an exit with code 0 is still the end of pending calls', async () => {
    const client = await startScripted('dies-when-told');
    const call = errorOf(client.request('never/answered'));
    await client.notify('exit', { code: 0 });
    expect(await call).toMatchObject({ code: 'CODEX_SERVER_CLOSED', exitCode: 0 });
  });

  test('L10 calls afterwards reject with the same error', async () => {
    const client = await startScripted('dies-when-told');
    const pending = errorOf(client.request('never/answered'));
    await client.notify('exit', { code: 1 });
    const error = await pending;
    await client.closed;
    expect(await errorOf(client.request('ping'))).toBe(error);
    expect(await errorOf(client.notify('ping'))).toBe(error);
    expect(await errorOf(client.respondById(0, {}))).toBe(error);
    expect(await errorOf(client.nextMessage())).toBe(error);
    expect(await errorOf(client.events().next())).toBe(error);
  });

  test('L9 a whole last line without its line end counts; half of one does not', async () => {
    const whole = await startScripted('dies-when-told');
    const call = whole.request('never/answered');
    await whole.notify('exit', {
      code: 0,
      stdout: '{"method":"a/b","params":{}}\n{"id":2,"result":"last words"}',
    });
    expect(await call).toBe('last words');
    expect(await whole.nextMessage()).toMatchObject({ method: 'a/b' });

    const half = await startScripted('dies-when-told');
    const lost = errorOf(half.request('never/answered'));
    await half.notify('exit', { code: 0, stdout: '{"id":2,"result":"last wor' });
    expect(await lost).toMatchObject({ code: 'CODEX_SERVER_CLOSED', exitCode: 0 });
  });

  test('L9 everything received is handed out first, then the stream throws', async () => {
    const client = await startScripted('dies-when-told');
    const lines = Array.from({ length: 500 }, (_, n) => `{"method":"some/event","params":{"n":${n}}}\n`);
    await client.notify('exit', { code: 4, stdout: lines.join('') });
    await client.closed;
    const seen: ServerMessage[] = [];
    const reading = (async () => {
      for await (const message of client.events()) seen.push(message);
    })();
    expect(await errorOf(reading)).toMatchObject({ code: 'CODEX_SERVER_CLOSED', exitCode: 4 });
    expect(seen.map(({ params }) => params)).toEqual(lines.map((_, n) => ({ n })));
  });

  test('L8 EPIPE on the stdin of the server crashes the host: it is the error of the calls instead', async () => {
    const uncaught: unknown[] = [];
    const note = (error: unknown) => uncaught.push(error);
    process.on('uncaughtExceptionMonitor', note);
    try {
      const client = await startScripted('closes-stdin', [], { shutdownGraceMs: 50 });
      for await (const line of client.takeStderr() ?? []) if (line === 'stdin is closed') break;
      const run = client.turnRun({ threadId: 't', input: 'go' });
      const errors = [client.notify('a'), client.request('b'), run.result()].map(errorOf);
      for (const error of await Promise.all(errors)) {
        expect(error).toBeInstanceOf(ServerClosedError);
        expect(error).toMatchObject({ cause: { code: 'EPIPE' } });
      }
      expect((await client.closed).error).toMatchObject({ cause: { code: 'EPIPE' } });
      await expect(client.notify('x/note')).rejects.toBeInstanceOf(ServerClosedError);
      expect(uncaught).toEqual([]);
    } finally {
      process.off('uncaughtExceptionMonitor', note);
    }
  });

  test('L9 exit code 0 in the middle of a turn is an error of that turn, after all its messages', async () => {
    // Up to the agent's first words: the turn has begun and is not over.
    const client = await AsyncClient.spawn({
      command: ['/bin/sh', fixture('servers/fault-plays.sh'), fixture(SESSION), '600', 'exit:0'],
      requestIds: [6],
    });
    const run = client.turnRun({ threadId: 'T', input: 'go' });
    const methods: string[] = [];
    const loop = (async () => {
      for await (const { method } of run) methods.push(method);
    })();
    const [ofLoop, ofResult] = await Promise.all([errorOf(loop), errorOf(run.result())]);
    expect(methods).toEqual(['turn/started', 'item/agentMessage/delta']);
    expect(ofLoop).toBeInstanceOf(ServerClosedError);
    expect(ofResult).toBe(ofLoop);
    expect(ofResult).toMatchObject({ exitCode: 0, signal: null, stderrTail: 'last words after 600 bytes' });
  });

  test('stderr that nobody reads blocks the server, or eats memory: it is drained, and little of it is kept', async () => {
    const bytes = 8 * 1024 * 1024;
    const client = await AsyncClient.spawn({
      command: [
        '/bin/sh',
        fixture('servers/fault-plays.sh'),
        fixture(SESSION),
        '0',
        `floods-stderr:${bytes}`,
      ],
    });
    const { stderrTail, exitCode } = await client.closed;
    expect(exitCode).toBe(6);
    expect(client.stats().stderr.receivedBytes).toBeGreaterThan(bytes);
    expect(Buffer.byteLength(stderrTail)).toBeLessThanOrEqual(16 * 1024);
    expect(stderrTail).toContain('last words');
  });
});
