/** How a command ends: what was begun is ended at the server, what was not is never begun. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { outcomeOf, PipedServer } from '../../helpers/piped-server.js';
import { answer, delta, exited, PARAMS, sent, started } from './started-command.js';

afterEach(() => {
  vi.useRealTimers();
});

/** Long-running requests that hold a place while the server takes them. */
const STARTS = 64;

describe('how a command ends', () => {
  test('L11 leaving terminates it once, drops its output until it is over, and then frees its route', async () => {
    const { server, command, exec } = await started(PARAMS, { highWaterMark: 4 });
    server.send(delta('stdout', '1'), delta('stdout', '2'));
    await command.next();
    const left = Promise.all([command.return(), command.return(), command.stdout.return()]);
    const request = await server.receivedWhere(({ method }) => method === 'command/exec/terminate');
    for (let n = 0; n < 100; n += 1) server.send(delta('stdout', 'late'));
    server.send(answer(request));
    await left;
    expect(await command.next()).toEqual({ done: true, value: undefined });
    server.send(exited(exec, 137));
    expect(await command.result()).toEqual({ exitCode: 137, stdout: '', stderr: '' });
    expect(sent(server, 'command/exec/terminate')).toHaveLength(1);
    expect(server.client.stats().held.messages).toBe(0);
    server.send(delta('stdout', 'of another process with the same name'));
    expect((await server.client.nextMessage())?.method).toBe('command/exec/outputDelta');
  });

  test('L11 leaving a command that is over sends nothing', async () => {
    const { server, command, exec } = await started();
    server.send(delta('stdout', '1'), delta('stdout', '2'), exited(exec));
    for await (const _ of command) break;
    await command.terminate();
    await command[Symbol.asyncDispose]();
    expect(server.received).toHaveLength(1);
  });

  test('L11 an abort terminates it; what was received comes first, then its reason, everywhere', async () => {
    const server = new PipedServer();
    const abort = new AbortController();
    const command = server.client.commandRun(PARAMS, { signal: abort.signal });
    const exec = await server.receivedWhere(({ method }) => method === 'command/exec');
    server.send(delta('stdout', '1'), delta('stderr', 'e'));
    expect((await command.stdout.next()).value).toHaveLength(1);
    const waiting = command.stdout.next();
    const reason = new Error('enough');
    abort.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    const terminate = await server.receivedWhere(({ method }) => method === 'command/exec/terminate');
    expect(terminate.params).toEqual({ processId: 'p' });
    server.send(delta('stderr', 'late'), answer(terminate), exited(exec, 137));
    await server.quiet();
    expect((await command.stderr.next()).value).toEqual(Buffer.from('e'));
    await expect(command.stderr.next()).rejects.toBe(reason);
    await expect(command.result()).rejects.toBe(reason);
    await expect(command.next()).rejects.toBe(reason);
  });

  test('L11 a stream that is first read after the abort fails with its reason', async () => {
    const server = new PipedServer();
    const abort = new AbortController();
    const command = server.client.commandRun(PARAMS, { signal: abort.signal });
    await server.receivedWhere(({ method }) => method === 'command/exec');
    const reason = new Error('enough');
    abort.abort(reason);
    await expect(command.stdout.next()).rejects.toBe(reason);
    server.send(delta('stdout', 'late'));
    await server.quiet();
    expect(server.client.stats()).toMatchObject({ held: { messages: 0 }, messages: { discarded: 1 } });
  });

  test('L10 timeoutMs terminates it, and its result says so', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const server = new PipedServer();
    const command = server.client.commandRun(PARAMS, { timeoutMs: 5_000 });
    const result = outcomeOf(command.result());
    await server.receivedWhere(({ method }) => method === 'command/exec');
    vi.advanceTimersByTime(5_000);
    expect(await result).toMatchObject({
      code: 'CODEX_REQUEST_TIMEOUT',
      message: expect.stringContaining('not over within 5000 ms (timeoutMs)'),
      method: 'command/exec',
      timeoutMs: 5_000,
    });
    await server.receivedWhere(({ method }) => method === 'command/exec/terminate');
  });

  test('L10 has no time limit unless one is asked for, not that of other requests either', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const server = new PipedServer({ requestTimeoutMs: 1_000 });
    const result = server.client.commandRun(PARAMS).result();
    const exec = await server.receivedWhere(({ method }) => method === 'command/exec');
    vi.advanceTimersByTime(100_000);
    expect(await outcomeOf(result)).toBe('pending');
    server.send(exited(exec));
    expect((await result).exitCode).toBe(0);
  });

  test('terminate() after leaving settles with the server\u2019s answer', async () => {
    const { server, command } = await started();
    await command.return();
    const terminated = command.terminate();
    const requests = await server.receivedRequests(3);
    expect(await outcomeOf(terminated)).toBe('pending');
    server.send(...requests.slice(1).map((request) => answer(request)));
    await terminated;
  });

  test('terminate() of a command that ended meanwhile settles', async () => {
    const { server, command } = await started();
    const terminated = command.terminate();
    const { id } = await server.receivedWhere(({ method }) => method === 'command/exec/terminate');
    server.send({ id, error: { code: -32600, message: 'no active command/exec for process id "p"' } });
    await terminated;
  });

  test.each([
    ['the server goes', (server: PipedServer) => server.end()],
    ['the client is shut down', (server: PipedServer) => void server.client.shutdown()],
  ])(
    'L9 when %s, streams hand out what was received and then fail, and so does result()',
    async (_name, end) => {
      const { server, command } = await started();
      server.send(delta('stdout', '1'), delta('stderr', '2'));
      await server.quiet();
      const result = outcomeOf(command.result());
      end(server);
      await server.client.closed;
      expect(await result).toMatchObject({ code: 'CODEX_SERVER_CLOSED' });
      const closed = expect.objectContaining({ code: 'CODEX_SERVER_CLOSED' });
      for (const stream of [command.stdout, command.stderr]) {
        expect((await stream.next()).value).toHaveLength(1);
        await expect(stream.next()).rejects.toEqual(closed);
      }
      await expect(command.write('x')).rejects.toEqual(closed);
    },
  );
});

describe('a command that the server was too busy for', () => {
  const overloaded = { code: -32_001, message: 'Server overloaded; retry later.' };
  const unknown = { code: -32_600, message: 'no active command/exec for process id "p"' };

  test('L7 gets the input that came too early once more, in order, after the attempt that the server took', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const server = new PipedServer();
    const run = server.client.commandRun({ ...PARAMS, input: 'text' });
    const [exec, early] = await server.receivedRequests(2);
    server.send({ id: exec?.id, error: overloaded }, { id: early?.id, error: unknown });
    await server.quiet();
    expect(server.received).toHaveLength(2);
    vi.advanceTimersByTime(1_000);
    const again = (await server.receivedRequests(4)).slice(2);
    expect(again.map(({ method }) => method)).toEqual(['command/exec', 'command/exec/write']);
    expect(again[1]?.params).toEqual(early?.params);
    server.send(answer(again[1] ?? {}));
    const closing = (await server.receivedRequests(5))[4];
    expect(closing?.params).toMatchObject({ closeStdin: true });
    server.send(answer(closing ?? {}), exited(again[0] ?? {}));
    expect(await run.result()).toMatchObject({ exitCode: 0 });
  });

  test('L7 is resized and terminated when it is there', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const { server, command, exec } = await started();
    const resized = command.resize({ rows: 2, cols: 2 });
    const terminated = command.terminate();
    const told = (await server.receivedRequests(3)).slice(1);
    server.send({ id: exec.id, error: overloaded }, ...told.map(({ id }) => ({ id, error: unknown })));
    await server.quiet();
    vi.advanceTimersByTime(1_000);
    const again = (await server.receivedRequests(6)).slice(3);
    expect(again.map(({ method }) => method)).toEqual([
      'command/exec',
      'command/exec/resize',
      'command/exec/terminate',
    ]);
    server.send(...again.slice(1).map((request) => answer(request)));
    await Promise.all([resized, terminated]);
  });

  test('L10 that is given up during the pause never hears of its input, which rejects with the reason', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const { server, command, exec } = await started();
    const written = outcomeOf(command.write('text'));
    const [, early] = await server.receivedRequests(2);
    server.send({ id: exec.id, error: overloaded }, { id: early?.id, error: unknown });
    await server.quiet();
    await command.return();
    expect(await written).toMatchObject({ name: 'AbortError' });
    vi.advanceTimersByTime(10_000);
    await server.quiet();
    expect(server.received).toHaveLength(2);
  });
});

describe('a command that waits in line', () => {
  /** What was sent of one process, in order. */
  const sentOf = (server: PipedServer, processId: string) =>
    server.received
      .filter(({ params }) => params?.['processId'] === processId)
      .map(({ method, params }) => (params?.['closeStdin'] === true ? 'close' : method));

  /** Answers everything but the commands themselves, until nothing more comes. */
  async function answerWrites(server: PipedServer): Promise<void> {
    for (let seen = 0; seen < server.received.length; ) {
      const fresh = server.received.slice(seen);
      seen = server.received.length;
      for (const { id, method } of fresh) if (method !== 'command/exec') server.send({ id, result: {} });
      await server.quiet();
    }
  }

  test.each([64, 128])(
    'L8 gets its input after it was sent, with %i requests in flight',
    async (maxInFlightRequests) => {
      const server = new PipedServer({ maxInFlightRequests });
      const runs = Array.from({ length: STARTS + 2 }, () =>
        server.client.commandRun({ command: ['cat'], input: 'text' }),
      );
      await server.receivedRequests(STARTS);
      await server.quiet();
      await answerWrites(server);
      for (const { processId } of runs)
        expect(sentOf(server, processId)).toEqual(['command/exec', 'command/exec/write', 'close']);
    },
  );

  test.each(['left', 'aborted'])('L11 is never sent when it is %s', async (how) => {
    const server = new PipedServer();
    const abort = new AbortController();
    const others = Array.from({ length: STARTS }, () => server.client.commandRun({ command: ['cat'] }));
    const run = server.client.commandRun({ command: ['cat'] }, { signal: abort.signal });
    const [first] = await server.receivedRequests(STARTS);
    if (how === 'left') await run.return();
    else abort.abort();
    const message =
      how === 'left' ? 'the command was left while it waited for its turn; it was never sent' : /./;
    await expect(run.result()).rejects.toMatchObject({ name: 'AbortError' });
    await expect(run.result()).rejects.toThrow(message);
    server.send({ id: first?.id, result: { exitCode: 0, stdout: '', stderr: '' } });
    await others[0]?.result();
    await server.quiet();
    expect(sentOf(server, run.processId)).toEqual([]);
  });
});
