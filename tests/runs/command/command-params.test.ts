/** What a command run takes, and the params that it comes to. */
import { describe, expect, test } from 'vitest';
import type { CommandRunParams } from '../../../src/runs/command/command-params.js';
import { PipedServer } from '../../helpers/piped-server.js';
import { SAYS_WHAT_WAS_EXPECTED } from '../mistakes.js';
import { answer, PARAMS, started } from './started-command.js';

describe('a command run', () => {
  test('streams everything, and has no limits but those that are asked for', async () => {
    const { exec } = await started();
    const common = { command: ['program'], processId: 'p', streamStdin: true, streamStdoutStderr: true };
    expect(exec.params).toEqual({ ...common, disableTimeout: true, disableOutputCap: true });
    const limited = await started({ ...PARAMS, timeoutMs: 5, outputBytesCap: 6, input: '' });
    await limited.server.quiet();
    expect(limited.server.received).toHaveLength(1);
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
    [
      { disableTimeout: false, disableOutputCap: false },
      { disableTimeout: false, disableOutputCap: false },
    ],
    [
      { timeoutMs: null, outputBytesCap: null },
      { disableTimeout: true, disableOutputCap: true },
    ],
    [
      { timeoutMs: 0, outputBytesCap: 0 },
      { disableTimeout: false, disableOutputCap: false },
    ],
    [
      { tty: true, size: null },
      { tty: true, size: null },
    ],
    [
      { tty: true, size: { rows: 1, cols: 65_535 } },
      { tty: true, size: { rows: 1, cols: 65_535 } },
    ],
  ])('passes %j on', async (params, passed) => {
    const { exec } = await started({ ...PARAMS, ...params });
    expect(exec.params).toMatchObject(passed);
  });

  test.each(['in', new Uint8Array([105, 110])])('writes its input %j and closes stdin', async (input) => {
    const { server, exec } = await started({ ...PARAMS, input });
    expect(exec.params).toMatchObject({ streamStdin: true });
    expect(exec.params).not.toHaveProperty('input');
    const [, write = {}] = await server.receivedRequests(2);
    expect(write).toMatchObject({
      method: 'command/exec/write',
      params: { processId: 'p', deltaBase64: 'aW4=' },
    });
    server.send(answer(write));
    const close = (await server.receivedRequests(3))[2];
    expect(close).toMatchObject({
      method: 'command/exec/write',
      params: { processId: 'p', closeStdin: true },
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
    ['params.size.cols', { command: ['ls'], tty: true, size: { rows: 1, cols: 65_536 } }],
    ['params.size.columns', { command: ['ls'], tty: true, size: { rows: 1, cols: 1, columns: 1 } }],
    ['params.input', { command: ['ls'], input: 5 }],
    ['params.streamStdin', { command: ['ls'], streamStdin: true }],
    ['params.streamStdoutStderr', { command: ['ls'], streamStdoutStderr: false }],
  ])('L20 refuses a bad %s and sends nothing (%#)', async (argument, params) => {
    const server = new PipedServer();
    const start = () => server.client.commandRun(params as CommandRunParams);
    const message = expect.stringMatching(SAYS_WHAT_WAS_EXPECTED);
    expect(start).toThrow(expect.objectContaining({ code: 'CODEX_INVALID_ARGUMENT', argument, message }));
    await server.quiet();
    expect(server.received).toEqual([]);
  });

  test('L20 a command in one text is refused with the way to a shell', () => {
    const { client } = new PipedServer();
    expect(() => client.commandRun({ command: 'ls' as never })).toThrow(
      /^params\.command: expected a non-empty array of strings.*for a shell, \["sh", "-c", command\], got "ls"/,
    );
    expect(() => client.commandRun({ command: ['ls'], tty: true, size: { rows: 1 } as never })).toThrow(
      /^params\.size\.cols: expected a whole number of character cells, got undefined/,
    );
  });

  test('L20 refuses bad options, data and sizes', async () => {
    const { server, command } = await started();
    const invalid = expect.objectContaining({ code: 'CODEX_INVALID_ARGUMENT' });
    expect(() => server.client.commandRun(PARAMS, { timeoutMs: -1 })).toThrow(invalid);
    await expect(command.write(5 as never)).rejects.toThrow(
      /^data: expected a string or a Uint8Array, got 5/,
    );
    await expect(command.resize({ rows: 1, cols: 1.5 })).rejects.toThrow(
      /^size\.cols: expected a whole number of character cells, 1 to 65535, got 1.5/,
    );
    expect(server.received).toHaveLength(1);
  });
});
