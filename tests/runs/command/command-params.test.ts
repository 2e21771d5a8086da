/** What a command run takes, and the params that it comes to. */
import { describe, expect, test } from 'vitest';
import type { CommandRunParams } from '../../../src/runs/command/command-params.js';
import { PipedServer } from '../../helpers/piped-server.js';
import { PARAMS, started } from './started-command.js';

describe('a command run', () => {
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
});
