/** Bad options: refused before anything is spawned, in words that name option, value and what was expected. */
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import {
  APP_SERVER_OPTION_NAMES,
  type AppServerOptions,
} from '../../../src/app-server/launch/server-options.js';
import { checkAppServerOptions } from '../../../src/app-server/launch/server-options-check.js';
import { InvalidArgumentError } from '../../../src/support/errors.js';

const THIS_FILE = fileURLToPath(import.meta.url);

function errorOf(options: unknown): InvalidArgumentError {
  try {
    checkAppServerOptions(options as AppServerOptions);
  } catch (error) {
    if (error instanceof InvalidArgumentError) return error;
    throw error;
  }
  throw new Error('the options were accepted');
}

describe('server options', () => {
  it('accepts nothing, undefined everywhere, and every option with a good value', () => {
    checkAppServerOptions({});
    checkAppServerOptions(Object.fromEntries(APP_SERVER_OPTION_NAMES.map((name) => [name, undefined])));
    checkAppServerOptions({
      codexPath: 'codex',
      args: ['--listen', 'stdio://'],
      cwd: tmpdir(),
      env: { A: 'b', C: undefined },
      codexHome: tmpdir(),
      config: { model: 'x' },
      shutdownGraceMs: 0,
    });
    checkAppServerOptions({ args: ['--enable', 'proxy'] });
    checkAppServerOptions({ command: ['proxy', 'codex', 'app-server'] });
    checkAppServerOptions({
      command: ['ssh', 'host', 'codex', 'app-server'],
      codexHome: '/on/the/host',
      env: process.env,
    });
  });

  it.each<[unknown, string, string]>([
    [{ codexPath: '' }, 'options.codexPath', 'options.codexPath: expected a non-empty string, got ""'],
    [{ codexPath: 5 }, 'options.codexPath', 'options.codexPath: expected a non-empty string, got 5'],
    [
      { codexPath: 'a\0b' },
      'options.codexPath',
      'options.codexPath: expected text without NUL characters, got "a\\u0000b"',
    ],
    [{ args: '-c x' }, 'options.args', 'options.args: expected an array of strings, got "-c x"'],
    [
      { args: ['-c', 'x=1', 'proxy', '--sock', '/s'] },
      'options.args',
      'options.args: `codex app-server proxy` carries the WebSocket of a server that runs; give it to AsyncClient.connect as { proxy: [...] }, or leave "proxy" out to start a server',
    ],
    [
      { command: ['ssh', 'host', 'codex', 'app-server', 'proxy'] },
      'options.command',
      'options.command: `codex app-server proxy` carries the WebSocket of a server that runs; give it to AsyncClient.connect as { proxy: [...] }, or leave "proxy" out to start a server',
    ],
    [{ args: [1] }, 'options.args', 'options.args: expected an array of strings, got an array of 1'],
    [
      { args: ['a', '\0'] },
      'options.args[1]',
      'options.args[1]: expected text without NUL characters, got "\\u0000"',
    ],
    [
      { command: 'codex app-server' },
      'options.command',
      'options.command: expected an array of strings, got "codex app-server"',
    ],
    [
      { command: [] },
      'options.command',
      'options.command: expected the whole argv, its first entry the program to run, got an array of 0',
    ],
    [
      { command: ['codex'], config: {} },
      'options.command',
      'options.command: it is the whole argv, so config cannot be given with it; write it into command',
    ],
    [
      { command: ['codex'], codexPath: 'codex' },
      'options.command',
      'options.command: it is the whole argv, so codexPath cannot be given with it; write it into command',
    ],
    [
      { command: ['codex'], args: [] },
      'options.command',
      'options.command: it is the whole argv, so args cannot be given with it; write it into command',
    ],
    [
      { command: [''] },
      'options.command',
      'options.command: expected the whole argv, its first entry the program to run, got an array of 1',
    ],
    [
      { command: ['codex', 'a\0'] },
      'options.command[1]',
      'options.command[1]: expected text without NUL characters, got "a\\u0000"',
    ],
    [{ cwd: 'a\0' }, 'options.cwd', 'options.cwd: expected text without NUL characters, got "a\\u0000"'],
    [{ cwd: 5 }, 'options.cwd', 'options.cwd: expected a non-empty string, got 5'],
    [{ codexHome: 5 }, 'options.codexHome', 'options.codexHome: expected a non-empty string, got 5'],
    [
      { codexHome: 'a\0' },
      'options.codexHome',
      'options.codexHome: expected text without NUL characters, got "a\\u0000"',
    ],
    [
      { command: ['ssh'], codexHome: '' },
      'options.codexHome',
      'options.codexHome: expected a non-empty string, got ""',
    ],
    [
      { command: ['ssh'], codexHome: 'a\0' },
      'options.codexHome',
      'options.codexHome: expected text without NUL characters, got "a\\u0000"',
    ],
    [{ cwd: '' }, 'options.cwd', 'options.cwd: expected a non-empty string, got ""'],
    [
      { cwd: '/no/such/folder' },
      'options.cwd',
      'options.cwd: expected a folder that exists, got "/no/such/folder": there is no such folder',
    ],
    [
      { cwd: THIS_FILE },
      'options.cwd',
      `options.cwd: expected a folder that exists, got ${JSON.stringify(THIS_FILE)}: that is not a folder`,
    ],
    [
      { cwd: `${THIS_FILE}/x` },
      'options.cwd',
      `options.cwd: expected a folder that exists, got ${JSON.stringify(`${THIS_FILE}/x`)}: it cannot be looked at (ENOTDIR)`,
    ],
    [
      { codexHome: '/no/such/home' },
      'options.codexHome',
      'options.codexHome: expected a folder that exists, got "/no/such/home": there is no such folder',
    ],
    [
      { codexHome: tmpdir(), env: { CODEX_HOME: '/x' } },
      'options.codexHome',
      'options.codexHome: options.env.CODEX_HOME is given too; give one of them',
    ],
    [{ env: ['A=b'] }, 'options.env', 'options.env: expected an object of strings, got an array of 1'],
    [{ env: null }, 'options.env', 'options.env: expected an object of strings, got null'],
    [{ env: 'A=b' }, 'options.env', 'options.env: expected an object of strings, got a string'],
    [{ env: () => ({}) }, 'options.env', 'options.env: expected an object of strings, got a function'],
    [
      { env: { '': 'b' } },
      'options.env',
      'options.env: expected variable names that are not empty and hold no "=" or NUL, got ""',
    ],
    [
      { env: { 'A\0': 'b' } },
      'options.env',
      'options.env: expected variable names that are not empty and hold no "=" or NUL, got "A\\u0000"',
    ],
    [{ env: { A: 5 } }, 'options.env.A', 'options.env.A: expected a string or undefined, got a number'],
    [{ env: { A: null } }, 'options.env.A', 'options.env.A: expected a string or undefined, got null'],
    [
      { env: { A: ['b'] } },
      'options.env.A',
      'options.env.A: expected a string or undefined, got an array of 1',
    ],
    [
      { env: { A: { b: 'c' } } },
      'options.env.A',
      'options.env.A: expected a string or undefined, got an object',
    ],
    [
      { env: { A: () => 'b' } },
      'options.env.A',
      'options.env.A: expected a string or undefined, got a function',
    ],
    [{ env: { A: 'b\0' } }, 'options.env.A', 'options.env.A: expected text without NUL characters'],
    [
      { env: { 'A=B': 'c' } },
      'options.env',
      'options.env: expected variable names that are not empty and hold no "=" or NUL, got "A=B"',
    ],
    [
      { config: { model: null } },
      'options.config.model',
      'options.config.model: expected a string, a finite number, true, false, an array or a plain object, got null',
    ],
    [
      { shutdownGraceMs: -1 },
      'options.shutdownGraceMs',
      'options.shutdownGraceMs: expected a whole number of milliseconds, 0 to 2147483647, got -1',
    ],
    [
      { shutdownGraceMs: Number.POSITIVE_INFINITY },
      'options.shutdownGraceMs',
      'options.shutdownGraceMs: expected a whole number of milliseconds, 0 to 2147483647, got Infinity',
    ],
  ])('L20 refuses %j', (options, argument, message) => {
    const error = errorOf(options);
    expect(error.argument).toBe(argument);
    expect(error.message).toBe(message);
  });

  it('keeps why a folder cannot be looked at', () => {
    expect(errorOf({ cwd: '/no/such/folder' }).cause).toMatchObject({ code: 'ENOENT' });
  });

  it('takes a codexHome beside an env that removes CODEX_HOME', () => {
    checkAppServerOptions({ codexHome: tmpdir(), env: { CODEX_HOME: undefined } });
  });

  it('never shows a value of the environment', () => {
    for (const value of [12_345, ['hidden'], { hidden: 1 }, 'hidden\0']) {
      const { message, argument } = errorOf({ env: { API_KEY: value } });
      expect(argument).toBe('options.env.API_KEY');
      expect(message).not.toMatch(/hidden|12345/);
    }
  });
});
