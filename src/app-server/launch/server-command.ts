/**
 * What the system is asked to run for some options: file, arguments, folder and environment, exactly as given. Runs
 * nothing itself. Codex takes `-c` before its subcommand and after it, and the later one wins; so `config` goes first,
 * and what the caller writes into `args` has the last word.
 */
import { basename } from 'node:path';
import type { Environment } from '../locate/environment.js';
import { findExecutable } from '../locate/find-executable.js';
import { configToArgs } from './config-args.js';
import { serverEnvironment } from './server-environment.js';
import type { AppServerOptions } from './server-options.js';

/** One program to run. */
export interface ServerCommand {
  readonly file: string;
  readonly args: readonly string[];
  /** `undefined`: the current folder. */
  readonly cwd: string | undefined;
  readonly env: Environment;
  /** How `file` was chosen, for messages. */
  readonly origin: string;
  /** The program is codex itself, so the server sees the files that we see. */
  readonly isLocal: boolean;
}

/**
 * The command for options that were checked.
 *
 * @throws SpawnError when there is no codex to run.
 */
export function serverCommand(options: AppServerOptions): ServerCommand {
  const { cwd, command } = options;
  const env = serverEnvironment(options);
  const [program, ...rest] = command ?? [];
  if (program !== undefined)
    return { file: program, args: rest, cwd, env, origin: 'from options.command', isLocal: isCodex(program) };
  const { file, origin } = findExecutable({ codexPath: options.codexPath, env });
  const args = [...configToArgs(options.config ?? {}), 'app-server', ...(options.args ?? [])];
  return { file, args, cwd, env, origin, isLocal: isCodex(file) };
}

/** Any other program, such as `ssh`, `docker` or a script, may run codex where other files are. */
function isCodex(file: string): boolean {
  return /^codex(\.(exe|cmd|js))?$/i.test(basename(file));
}
