/** What the system is asked to run for some options. */
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { serverCommand } from '../../../src/app-server/launch/server-command.js';
import type { AppServerOptions } from '../../../src/app-server/launch/server-options.js';

describe('the command', () => {
  it('is codex with config, app-server and args, in this order, so that args has the last word', () => {
    const command = serverCommand({
      codexPath: './codex',
      config: { model: 'x' },
      args: ['-c', 'model="later"'],
      cwd: '/work',
      env: { ADDED: '1' },
    });
    expect(command).toMatchObject({
      file: resolve('codex'),
      args: ['-c', 'model="x"', 'app-server', '-c', 'model="later"'],
      cwd: '/work',
      env: { ADDED: '1' },
      origin: 'from options.codexPath',
    });
  });

  it('is codex app-server alone, in the current folder, without options', () => {
    expect(serverCommand({})).toMatchObject({ args: ['app-server'], cwd: undefined });
  });

  it.each<[string, boolean, AppServerOptions]>([
    ['codex', true, {}],
    ['a codex that is named', true, { codexPath: '/opt/bin/codex' }],
    ['codex as a whole command', true, { command: ['codex', 'app-server'] }],
    ['a codex that may be elsewhere', false, { command: ['ssh', 'host', 'codex', 'app-server'] }],
    ['a wrapper', false, { codexPath: '/opt/bin/codex-in-docker' }],
  ])('of %s sees our files: %s', (_what, isLocal, options) => {
    expect(serverCommand(options).isLocal).toBe(isLocal);
  });

  it('is the one that was given, as it is; no codex is looked for', () => {
    const command = serverCommand({ command: ['ssh', 'host', 'a b'], env: { PATH: '' } });
    expect(command).toMatchObject({ file: 'ssh', args: ['host', 'a b'], origin: 'from options.command' });
  });
});
