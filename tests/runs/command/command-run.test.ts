/** A command in the user's hands: its name, its input in order, and an abort before it begins. */
import type { CommandRun } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { PipedServer } from '../../helpers/piped-server.js';
import { answer, exited, PARAMS, sent, started } from './started-command.js';

describe('a command run', () => {
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

  test('writes what fills a request in one piece, and nothing when there is nothing', async () => {
    const { server, command } = await started();
    const written = [command.write(''), command.write(new Uint8Array(262_144))];
    const write = (await server.receivedRequests(2))[1] ?? {};
    server.send(answer(write));
    await Promise.all(written);
    expect(sent(server, 'command/exec/write')).toHaveLength(1);
  });

  test('a write that is refused rejects, and holds up no later one', async () => {
    const { server, command } = await started();
    const refused = command.write('1');
    const taken = command.write('2');
    const first = (await server.receivedRequests(2))[1];
    server.send({ id: first?.id, error: { code: -32600, message: 'stdin is closed' } });
    await expect(refused).rejects.toMatchObject({ code: 'CODEX_RPC' });
    server.send(answer((await server.receivedRequests(3))[2] ?? {}));
    await taken;
  });

  test('closes stdin once, and a command that is over is no failure of that', async () => {
    const { server, command } = await started();
    const closed = [command.closeStdin(), command.closeStdin()];
    const { id } = (await server.receivedRequests(2))[1] ?? {};
    server.send({ id, error: { code: -32600, message: 'no active command/exec for process id "p"' } });
    await Promise.all(closed);
    await command.closeStdin();
    expect(sent(server, 'command/exec/write')).toHaveLength(1);
  });

  test.each([
    ['closeStdin', (command: CommandRun) => command.closeStdin()],
    ['terminate', (command: CommandRun) => command.terminate()],
  ])('%s() rejects with any other refusal', async (_, call) => {
    const { server, command } = await started();
    const refused = call(command);
    const { id } = (await server.receivedRequests(2))[1] ?? {};
    server.send({ id, error: { code: -32600, message: 'not allowed' } });
    await expect(refused).rejects.toThrow('not allowed');
  });

  test.each([
    ['resize', (command: CommandRun) => command.resize({ rows: 2, cols: 3 }), { size: { rows: 2, cols: 3 } }],
    ['terminate', (command: CommandRun) => command.terminate(), {}],
  ])('%s() is sent after the command, by its name', async (call, make, params) => {
    const server = new PipedServer({ maxInFlightRequests: 1 });
    const commands = Array.from({ length: 65 }, () => server.client.commandRun({ command: ['cat'] }));
    const last = commands[64];
    if (last === undefined) throw new Error('65 were made');
    const made = make(last);
    await server.quiet();
    const name = `command/exec/${call}`;
    expect(sent(server, name)).toEqual([]);
    server.send(exited(sent(server, 'command/exec')[0] ?? {}));
    const request = await server.receivedWhere(({ method }) => method === name);
    expect(request.params).toEqual({ processId: last.processId, ...params });
    expect(server.received.at(-2)?.params?.['processId']).toBe(last.processId);
    server.send(answer(request));
    await made;
  });

  test('its trace context is that of command/exec', async () => {
    const server = new PipedServer();
    const trace = { traceparent: '00-1-2-01' };
    server.client.commandRun(PARAMS, { trace });
    expect(await server.receivedWhere(({ method }) => method === 'command/exec')).toMatchObject({ trace });
  });

  test('L3 a result that is known is no demand', async () => {
    const { server, command, exec } = await started(PARAMS, { highWaterMark: 2 });
    server.send(exited(exec));
    await command.result();
    for (let n = 0; n < 4; n += 1) {
      server.send({ method: 'x/y', params: {} });
      await server.quiet();
    }
    const { times } = server.client.stats().paused;
    await command.result();
    expect(server.client.stats()).toMatchObject({ held: { messages: 2 }, paused: { now: true, times } });
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
