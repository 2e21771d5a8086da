/** A command run against a server that the test plays: what the real one cannot be made to do. */
import { describe, expect, test } from 'vitest';
import type { CommandRunParams } from '../../../src/runs/command/command-params.js';
import type { CommandRun } from '../../../src/runs/command/command-run.js';
import { outcomeOf, PipedServer, type ReceivedMessage, turn } from '../../helpers/piped-server.js';

const PARAMS: CommandRunParams = { command: ['program'], processId: 'p' };

function delta(stream: string, text: string | Uint8Array, processId = 'p'): object {
  const deltaBase64 = Buffer.from(text).toString('base64');
  return {
    method: 'command/exec/outputDelta',
    params: { processId, stream, deltaBase64, capReached: false },
  };
}

function answer(request: ReceivedMessage, result: object = {}): object {
  return { id: request.id, result };
}

function exited(request: ReceivedMessage, exitCode = 0): object {
  return answer(request, { exitCode, stdout: '', stderr: '' });
}

/** A server with one command that runs. */
async function started(params: CommandRunParams = PARAMS, buffer: object = {}) {
  const server = new PipedServer({ buffer });
  const command = server.client.commandRun(params);
  const exec = await server.receivedWhere(({ method }) => method === 'command/exec');
  return { server, command, exec };
}

async function read(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

function sent(server: PipedServer, method: string): ReceivedMessage[] {
  return server.received.filter((message) => message.method === method);
}

describe('what a command run sends', () => {
  test('streams everything, and has no limits but those that are asked for', async () => {
    const { exec } = await started();
    const common = { command: ['program'], processId: 'p', streamStdin: true, streamStdoutStderr: true };
    expect(exec.params).toEqual({ ...common, disableTimeout: true, disableOutputCap: true });
    const limited = await started({ ...PARAMS, timeoutMs: 5, outputBytesCap: 6, input: '' });
    expect(limited.exec.params).toEqual({
      ...common,
      streamStdin: false,
      disableTimeout: false,
      disableOutputCap: false,
      timeoutMs: 5,
      outputBytesCap: 6,
    });
  });

  test('names each process anew', async () => {
    const server = new PipedServer();
    const commands = [1, 2].map(() => server.client.commandRun({ command: ['program'] }));
    const requests = await server.receivedRequests(2);
    expect(requests.map(({ params }) => params?.['processId'])).toEqual(
      commands.map(({ processId }) => processId),
    );
    expect(commands[0]?.processId).not.toBe(commands[1]?.processId);
  });

  test('sends one write after the other, each in pieces, and closes stdin last', async () => {
    const { server, command } = await started();
    const written = [command.write('a'.repeat(300_000)), command.write('b'), command.closeStdin()];
    const seen: unknown[] = [];
    for (let n = 0; n < 4; n += 1) {
      const request = (await server.receivedRequests(2 + n))[1 + n] ?? {};
      await server.quiet();
      expect(sent(server, 'command/exec/write')).toHaveLength(n + 1);
      const { deltaBase64, closeStdin } = request.params ?? {};
      seen.push(closeStdin ?? atob(String(deltaBase64)).length);
      server.send(answer(request));
    }
    await Promise.all(written);
    expect(seen).toEqual([262_144, 300_000 - 262_144, 1, true]);
  });

  test.each([
    ['params', 5],
    ['params.command', { command: 'ls -l' }],
    ['params.command', { command: [] }],
    ['params.command', { command: ['ls', 1] }],
    ['params.processId', { command: ['ls'], processId: '' }],
    ['params.tty', { command: ['ls'], tty: 'yes' }],
    ['params.size.rows', { command: ['ls'], tty: true, size: { rows: 0, cols: 1 } }],
    ['params.size.cols', { command: ['ls'], tty: true, size: { rows: 1 } }],
    ['params.input', { command: ['ls'], input: 5 }],
    ['params.streamStdin', { command: ['ls'], streamStdin: true }],
  ])('L20 refuses a bad %s and sends nothing (%#)', async (argument, params) => {
    const server = new PipedServer();
    const start = () => server.client.commandRun(params as CommandRunParams);
    expect(start).toThrow(expect.objectContaining({ code: 'CODEX_INVALID_ARGUMENT', argument }));
    await server.quiet();
    expect(server.received).toEqual([]);
  });

  test('L20 refuses bad options, data and sizes', async () => {
    const { server, command } = await started();
    const invalid = expect.objectContaining({ code: 'CODEX_INVALID_ARGUMENT' });
    expect(() => server.client.commandRun(PARAMS, { timeoutMs: -1 })).toThrow(invalid);
    await expect(command.write(5 as never)).rejects.toEqual(invalid);
    await expect(command.resize({ rows: 1, cols: 1.5 })).rejects.toEqual(invalid);
    expect(server.received).toHaveLength(1);
  });

  test('an abort before the start sends nothing', async () => {
    const server = new PipedServer();
    const reason = new Error('no');
    const command = server.client.commandRun(PARAMS, { signal: AbortSignal.abort(reason) });
    await expect(command.result()).rejects.toBe(reason);
    await expect(command.stdout.next()).rejects.toBe(reason);
    await command.return();
    expect(server.received).toEqual([]);
  });
});

describe('who gets the output', () => {
  test('L1 a chunk reaches one reader: the run, then each stream that is read by itself, and no filter', async () => {
    const { server, command, exec } = await started();
    const filtered = server.client.events({ methods: ['command/exec/outputDelta'] });
    server.send(
      delta('stdout', '1'),
      delta('stderr', '2'),
      delta('stdout', '3'),
      delta('stdout', 'x', 'other'),
    );
    const first = await command.next();
    expect(first.value).toMatchObject({ stream: 'stdout', chunk: Buffer.from('1') });
    expect((await command.stdout.next()).value).toEqual(Buffer.from('3'));
    expect((await command.next()).value).toMatchObject({ stream: 'stderr', chunk: Buffer.from('2') });
    expect((await filtered.next()).value?.params.processId).toBe('other');
    server.send(delta('stderr', '4'), delta('stdout', '5'), exited(exec));
    expect((await command.next()).value?.chunk).toEqual(Buffer.from('4'));
    expect(await command.next()).toEqual({ done: true, value: undefined });
    expect(await read(command.stdout)).toBe('5');
  });

  test('result() beside a loop that began later loses no chunk to it', async () => {
    const { server, command, exec } = await started();
    const result = command.result();
    server.send(delta('stdout', '1'), delta('stderr', 'e'));
    await server.quiet();
    const looped = read(command.stdout);
    server.send(delta('stdout', '2'), delta('stderr', 'f'), exited(exec, 4));
    expect(await looped).toBe('12');
    expect(await result).toEqual({ exitCode: 4, stdout: '', stderr: 'ef' });
  });

  test('a loop over the run takes over from result()', async () => {
    const { server, command, exec } = await started();
    const result = command.result();
    server.send(delta('stdout', '1'));
    await server.quiet();
    const looped = (async () => {
      let text = '';
      for await (const { chunk } of command) text += chunk;
      return text;
    })();
    await turn();
    server.send(delta('stderr', '2'), exited(exec));
    expect(await looped).toBe('12');
    expect(await result).toEqual({ exitCode: 0, stdout: '', stderr: '' });
  });

  test('result() gives the same text twice, and the chunks can be read after it', async () => {
    const { server, command, exec } = await started();
    server.send(delta('stdout', '1'), delta('stderr', '2'), exited(exec));
    const first = await command.result();
    expect(first).toEqual({ exitCode: 0, stdout: '1', stderr: '2' });
    expect(await command.result()).toEqual(first);
    expect(await command.stderr.text()).toBe('2');
  });

  test('text and lines join characters that were split between chunks', async () => {
    const bytes = Buffer.from('ä\u2028€\r\n😀\n\ufeffend');
    const { server, command, exec } = await started();
    for (const byte of bytes) {
      server.send(delta('stdout', Uint8Array.of(byte)), delta('stderr', Uint8Array.of(byte)));
    }
    server.send(exited(exec));
    expect(await command.stderr.text()).toBe(bytes.toString());
    const lines: string[] = [];
    for await (const line of command.stdout.lines()) lines.push(line);
    expect(lines).toEqual(['ä\u2028€', '😀', '\ufeffend']);
  });

  test('what a command that is over left unread slows nobody down, and can still be read', async () => {
    const { server, command, exec } = await started();
    server.send(delta('stdout', '1'), delta('stderr', '2'));
    await server.quiet();
    expect(server.client.stats().held.messages).toBe(2);
    expect((await command.stdout.next()).value).toEqual(Buffer.from('1'));
    server.send(exited(exec));
    await command.stdout.next();
    expect(server.client.stats().held.messages).toBe(0);
    expect(await command.stderr.text()).toBe('2');
  });
});

describe('a command that writes faster than it is read', () => {
  const FLOOD = 'x'.repeat(1_000);

  /** Chunks until the client stops reading. */
  async function flood(server: PipedServer, stream: string, count: number): Promise<void> {
    for (let n = 0; n < count; n += 1) server.send(delta(stream, FLOOD));
    await server.quiet();
  }

  test('L3 an unread command stops the reading at the high-water mark', async () => {
    const { server, command } = await started(PARAMS, { highWaterMark: 4 });
    await flood(server, 'stdout', 100);
    expect(server.client.stats()).toMatchObject({ paused: { now: true }, held: { messages: 4 } });
    expect((await command.next()).value?.chunk.length).toBe(1_000);
  });

  test('L5 a stream that nobody reads fails the reader of the other at maxBytes, and nothing is lost', async () => {
    const { server, command, exec } = await started(PARAMS, { highWaterMark: 4, maxBytes: 20_000 });
    const stdout = command.stdout.lines();
    server.send(delta('stdout', 'half'));
    const reading = stdout.next();
    reading.catch(() => {});
    await flood(server, 'stderr', 100);
    await expect(reading).rejects.toMatchObject({ code: 'CODEX_BACKPRESSURE' });
    const stderr = command.stderr.text();
    await flood(server, 'stderr', 10);
    server.send(delta('stdout', ' line\n'), exited(exec, 7));
    expect((await stdout.next()).value).toBe('half line');
    expect(await stderr).toHaveLength(110_000);
    expect((await command.result()).exitCode).toBe(7);
  });

  test('discard() lets the command flood a stream that is of no use', async () => {
    const { server, command, exec } = await started(PARAMS, { highWaterMark: 4, maxBytes: 20_000 });
    await flood(server, 'stderr', 3);
    command.stderr.discard();
    const reading = command.stdout.text();
    await flood(server, 'stderr', 100);
    server.send(delta('stdout', 'out'), exited(exec));
    expect(await reading).toBe('out');
    expect(await command.stderr.next()).toEqual({ done: true, value: undefined });
    expect(sent(server, 'command/exec/terminate')).toEqual([]);
    expect((await command.result()).exitCode).toBe(0);
  });

  test('L5 result() fails when other streams fill maxBytes, and succeeds when they were read', async () => {
    const { server, command, exec } = await started(PARAMS, { highWaterMark: 4, maxBytes: 20_000 });
    const main = server.client.events();
    const result = command.result();
    result.catch(() => {});
    server.send(delta('stdout', 'early'));
    for (let n = 0; n < 100; n += 1) server.send({ method: 'some/event', params: { text: FLOOD } });
    await server.quiet();
    await expect(result).rejects.toMatchObject({ code: 'CODEX_BACKPRESSURE' });
    const again = outcomeOf(command.result());
    for (let n = 0; n < 100; n += 1) await main.next();
    server.send(delta('stdout', ' late'), exited(exec, 3));
    await again;
    expect(await command.result()).toEqual({ exitCode: 3, stdout: 'early late', stderr: '' });
  });

  test('L4 a result that waits is a demand: it collects output past the high-water mark', async () => {
    const { server, command, exec } = await started(PARAMS, { highWaterMark: 4, maxBytes: 20_000 });
    const result = command.result();
    for (let n = 0; n < 20; n += 1) await flood(server, 'stdout', 5);
    server.send(exited(exec));
    expect((await result).stdout).toHaveLength(100_000);
  });
});

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
      await expect((command as CommandRun).write('x')).rejects.toEqual(closed);
    },
  );
});
