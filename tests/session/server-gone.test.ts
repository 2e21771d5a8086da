/** The server goes while calls are pending: every one settles, with an error that tells how and why. */
import { ServerClosedError, type ServerMessage } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { startScripted } from '../helpers/scripted.js';
import { errorOf } from '../client/scripted-client.js';

describe('the server goes', () => {
  test('L10 every pending request rejects with the exit code and the end of stderr', async () => {
    const client = await startScripted('dies-when-told', [], { maxInFlightRequests: 3 });
    const calls = Array.from({ length: 10 }, () => errorOf(client.request('never/answered')));
    await client.notify('exit', { code: 7, stderr: 'out of memory\n' });
    for (const error of await Promise.all(calls)) {
      expect(error).toBeInstanceOf(ServerClosedError);
      expect(error).toMatchObject({ exitCode: 7, signal: null, stderrTail: 'out of memory' });
      expect(error).toMatchObject({ message: expect.stringContaining('exited with code 7') });
    }
    expect(await client.closed).toMatchObject({ exitCode: 7, expected: false });
    expect(client.state).toBe('closed');
  });

  test('L10 a server that is killed is named with the signal', async () => {
    const client = await startScripted('dies-when-told');
    const call = errorOf(client.request('never/answered'));
    await client.notify('kill');
    expect(await call).toMatchObject({ code: 'CODEX_SERVER_CLOSED', exitCode: null, signal: 'SIGKILL' });
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
    expect(await errorOf(client.respond(0, {}))).toBe(error);
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

  test('L8 writing to a stdin that the server closed fails the client, not the host', async () => {
    const uncaught: unknown[] = [];
    const note = (error: unknown) => uncaught.push(error);
    process.on('uncaughtExceptionMonitor', note);
    try {
      const client = await startScripted('closes-stdin', [], { shutdownGraceMs: 50 });
      for await (const line of client.takeStderr() ?? []) if (line === 'stdin is closed') break;
      const error = await errorOf(client.request('ping'));
      expect(error).toBeInstanceOf(ServerClosedError);
      expect(error).toMatchObject({ cause: { code: 'EPIPE' } });
      await client.closed;
      expect(uncaught).toEqual([]);
    } finally {
      process.off('uncaughtExceptionMonitor', note);
    }
  });

  test('L10 shutdown settles pending calls and later ones', async () => {
    const client = await startScripted('answers-only-pings');
    const call = errorOf(client.request('never/answered'));
    const read = client.nextMessage();
    await client.shutdown();
    expect(await call).toMatchObject({ code: 'CODEX_SERVER_CLOSED' });
    expect(await read).toBeUndefined();
    expect(await errorOf(client.request('ping'))).toMatchObject({ code: 'CODEX_SERVER_CLOSED' });
    expect(await client.closed).toMatchObject({ expected: true, error: undefined });
  });
});
