/**
 * What the system is asked to run for some options: file, arguments, folder and environment, exactly as given. Runs
 * nothing itself. Codex takes `-c` before its subcommand and after it, and the later one wins; so `config` goes first,
 * and what the caller writes into `args` has the last word.
 */
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
    return { file: program, args: rest, cwd, env, origin: 'from the option command' };
  const { file, origin } = findExecutable({ codexPath: options.codexPath, env });
  const args = [...configToArgs(options.config ?? {}), 'app-server', ...(options.args ?? [])];
  return { file, args, cwd, env, origin };
}
