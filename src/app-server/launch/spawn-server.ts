/**
 * The room `launch` turns options into a server process that runs. This file starts it with execa and hands it over as
 * a {@link ServerProcess}, when the system has started the process and long before the server can answer.
 *
 * Whatever goes wrong is an error that says what to do, and leaves no process.
 */
import { execa } from 'execa';
import { DEFAULT_SHUTDOWN_GRACE_MS } from '../../support/defaults.js';
import { SpawnError } from '../../support/errors.js';
import { failureCode, NOT_ALLOWED_BY_DENO } from '../../support/failure-code.js';
import { endWithHost } from '../lifetime/host-exit.js';
import { watchProcess } from '../lifetime/process-exit.js';
import { HAS_GROUPS, hasGroup, signalGroup } from '../lifetime/process-group.js';
import { ChildServer, type ServerProcess } from '../lifetime/server-process.js';
import { INSTALL_HINT } from '../locate/find-executable.js';
import { type ServerCommand, serverCommand } from './server-command.js';
import type { AppServerOptions } from './server-options.js';
import { checkAppServerOptions } from './server-options-check.js';

/**
 * Starts the server.
 *
 * @throws InvalidArgumentError when an option is bad; nothing was started.
 * @throws SpawnError when there is no codex, or the system cannot start it.
 */
export async function spawnServer(options: AppServerOptions): Promise<ServerProcess> {
  checkAppServerOptions(options);
  return startProgram(serverCommand(options), options.shutdownGraceMs ?? DEFAULT_SHUTDOWN_GRACE_MS);
}

/**
 * Starts a program: a server, or what stands before one.
 *
 * @throws SpawnError when the system cannot start it.
 */
export async function startProgram(command: ServerCommand, graceMs: number): Promise<ServerProcess> {
  if (command.cwd === undefined) needCurrentFolder(command.origin);
  const child = runCommand(command);
  // Before anything is awaited: an error of a pipe, and the exit, can come in the next turn.
  const { stdin, stdout, stderr, pid } = child;
  const exit = watchProcess(child);
  const kill = (signal: 'SIGTERM' | 'SIGKILL') => signalGroup(child, signal);
  const hasRemains = () => pid !== undefined && hasGroup(pid);
  const { isLocal } = command;
  const server = new ChildServer({ pid, stdin, stdout, stderr, exit, graceMs, kill, hasRemains, isLocal });
  // Execa resumes, and so empties, a stream that nobody has touched by the next turn.
  stdout.pause();
  if (pid === undefined) {
    const { cause } = await child;
    throw new SpawnError(spawnFailure(command, cause), { cause });
  }
  endWithHost({ pid, exit, graceMs, kill });
  return server;
}

/** A program that is told no folder starts in that of this process, which may have been removed. */
function needCurrentFolder(origin: string): void {
  try {
    process.cwd();
  } catch (cause) {
    const problem = 'the current folder of this process was removed; name another one with `options.cwd`';
    throw new SpawnError(`Could not start ${programOf(origin)}: ${problem}.`, { cause });
  }
}

function programOf(origin: string): string {
  return origin === PROXY_ORIGIN ? 'the proxy' : 'codex';
}

function runCommand({ file, args, cwd, env }: ServerCommand) {
  return execa(file, args, {
    ...(cwd === undefined ? {} : { cwd }),
    env,
    extendEnv: false,
    buffer: false,
    encoding: 'buffer',
    reject: false,
    // Execa's would end the host: it listens to signals, and sends them again when nobody else listens.
    cleanup: false,
    detached: HAS_GROUPS,
    // Stopping has a clock of its own.
    forceKillAfterDelay: false,
    windowsHide: true,
  });
}

/**
 * Names the program and how it was chosen, never its arguments: settings can be secrets.
 * @internal
 */
export function spawnFailure(
  { file, origin }: Pick<ServerCommand, 'file' | 'origin'>,
  cause: unknown,
): string {
  const code = failureCode(cause) ?? 'an unknown error';
  const advice = ADVICE[code] ?? '';
  const isGiven = origin === 'from options.command' || origin === PROXY_ORIGIN;
  const install = isGiven ? '' : ` ${INSTALL_HINT}`;
  return `Could not start ${programOf(origin)}: ${JSON.stringify(file)} (${origin}) failed with ${code}.${advice}${install}`;
}

/** Where the program of a proxy comes from. */
export const PROXY_ORIGIN = 'from target.proxy';

const ADVICE: Readonly<Record<string, string>> = {
  ENOENT: ' There is no such program, or the interpreter in its first line is missing.',
  ENOTDIR: ' A part of its path is not a folder.',
  EACCES: ' It is not an executable file, or this user may not run it.',
  EPERM: ' This user may not run it.',
  ENOEXEC: ' It is not a program for this platform.',
  E2BIG:
    ' The arguments or the environment are too large for the system; move settings from config to config.toml.',
  EAGAIN: ' The system allows no more processes.',
  EMFILE: ' This process has too many open files.',
  ENFILE: ' The system has too many open files.',
  ERR_ACCESS_DENIED:
    ' Node.js does not allow this process to start programs; begin it with `--allow-child-process`.',
  [NOT_ALLOWED_BY_DENO]:
    ' Deno does not allow this process to start the program; begin it with `--allow-run`.',
};
