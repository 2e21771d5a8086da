/**
 * Checks {@link AppServerOptions} before anything is spawned. Every message names the option, what was given and what
 * was expected, except that no value of the environment is ever shown. All it asks the disk is whether a folder is
 * there.
 */
import { statSync } from 'node:fs';
import {
  checkText,
  checkTextList,
  checkTimeLimit,
  describeValue,
  memberOf,
  rejectArgument,
} from '../../support/argument-checks.js';
import { InvalidArgumentError } from '../../support/errors.js';
import { configToArgs } from './config-args.js';
import type { AppServerOptions } from './server-options.js';

/**
 * Throws on the first option that cannot work. Unknown names are not looked for here.
 *
 * @throws InvalidArgumentError when an option has the wrong type, names a folder that does not exist, or
 * contradicts another one.
 */
export function checkAppServerOptions(options: AppServerOptions): void {
  checkCommand(options);
  checkText('options.codexPath', options.codexPath);
  checkNoNul('options.codexPath', options.codexPath);
  checkArguments('options.args', options.args);
  checkNoProxy('options.args', options.args ?? []);
  checkEnvironment(options.env);
  checkFolder('options.cwd', options.cwd);
  checkCodexHome(options);
  if (options.config !== undefined) configToArgs(options.config);
  checkTimeLimit('options.shutdownGraceMs', options.shutdownGraceMs);
}

function checkCommand(options: AppServerOptions): void {
  const { command } = options;
  if (command === undefined) return;
  checkArguments('options.command', command);
  if (command.length === 0 || command[0] === '')
    rejectArgument('options.command', command, 'the whole argv, its first entry the program to run');
  const subcommand = command.indexOf('app-server');
  if (subcommand !== -1) checkNoProxy('options.command', command.slice(subcommand + 1));
  for (const name of ['codexPath', 'args', 'config'] as const) {
    if (options[name] === undefined) continue;
    const message = `options.command: it is the whole argv, so ${name} cannot be given with it; write it into command`;
    throw new InvalidArgumentError('options.command', message);
  }
}

function checkArguments(name: string, list: readonly string[] | undefined): void {
  checkTextList(name, list);
  list?.forEach((entry, index) => {
    checkNoNul(`${name}[${index}]`, entry);
  });
}

/** `codex app-server proxy` passes a socket's bytes on: a client that reads lines would wait until its time is up. */
function checkNoProxy(name: string, args: readonly string[]): void {
  // After an option such as `--enable` it is that option's value.
  const isProxy = args.some((entry, index) => entry === 'proxy' && !args[index - 1]?.startsWith('-'));
  if (!isProxy) return;
  const message = `${name}: \`codex app-server proxy\` carries the WebSocket of a server that runs; give it to AsyncClient.connect as { proxy: [...] }, or leave "proxy" out to start a server`;
  throw new InvalidArgumentError(name, message);
}

function checkNoNul(name: string, value: string | undefined): void {
  if (value?.includes('\0')) rejectArgument(name, value, 'text without NUL characters');
}

function checkEnvironment(env: unknown): void {
  if (env === undefined) return;
  if (typeof env !== 'object' || env === null || Array.isArray(env))
    throw new InvalidArgumentError(
      'options.env',
      `options.env: expected an object of strings, got ${typeName(env)}`,
    );
  for (const [name, value] of Object.entries(env)) checkVariable(name, value);
}

function checkVariable(name: string, value: unknown): void {
  if (name === '' || /[=\0]/.test(name))
    rejectArgument('options.env', name, 'variable names that are not empty and hold no "=" or NUL');
  const argument = `options.env.${name}`;
  if (value !== undefined && typeof value !== 'string') {
    const message = `${argument}: expected a string or undefined, got ${typeName(value)}`;
    throw new InvalidArgumentError(argument, message);
  }
  if (value?.includes('\0'))
    throw new InvalidArgumentError(argument, `${argument}: expected text without NUL characters`);
}

function checkCodexHome({ codexHome, command, env }: AppServerOptions): void {
  checkText('options.codexHome', codexHome);
  checkNoNul('options.codexHome', codexHome);
  if (codexHome === undefined) return;
  if (env?.['CODEX_HOME'] !== undefined)
    throw new InvalidArgumentError(
      'options.codexHome',
      'options.codexHome: options.env.CODEX_HOME is given too; give one of them',
    );
  // A command may run elsewhere, where the folder exists and is not visible from here.
  if (command === undefined) checkFolder('options.codexHome', codexHome);
}

function checkFolder(name: string, path: string | undefined): void {
  checkText(name, path);
  checkNoNul(name, path);
  if (path === undefined) return;
  let problem = 'that is not a folder';
  let cause: unknown;
  try {
    if (statSync(path).isDirectory()) return;
  } catch (error) {
    cause = error;
    const code = memberOf(error, 'code');
    problem = code === 'ENOENT' ? 'there is no such folder' : `it cannot be looked at (${code})`;
  }
  const message = `${name}: expected a folder that exists, got ${JSON.stringify(path)}: ${problem}`;
  throw new InvalidArgumentError(name, message, { cause });
}

/** The type alone: the value could be a secret. */
function typeName(value: unknown): string {
  if (value === null || Array.isArray(value) || typeof value === 'function') return describeValue(value);
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
