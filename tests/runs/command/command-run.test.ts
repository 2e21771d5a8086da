/** A command in the user's hands: its name, its input in order, and an abort before it begins. */
import { describe, expect, test } from 'vitest';
import { PipedServer } from '../../helpers/piped-server.js';
import { answer, PARAMS, sent, started } from './started-command.js';

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
