/**
 * The options that say which process is the server and how it is run. Only their shape: `server-options-check.ts`
 * checks them, and `server-command.ts` turns them into argv and environment.
 */

/** A value of a {@link ConfigObject}. */
export type ConfigValue = string | number | boolean | readonly ConfigValue[] | ConfigObject;

/** Settings of codex as its `config.toml` has them, for example `{ model: 'gpt-5', features: { web_search: false } }`. */
export interface ConfigObject {
  readonly [key: string]: ConfigValue;
}

/** Which codex to run, and how. */
export interface AppServerOptions {
  /**
   * The codex executable: a path (a relative one counts from the current folder of this process), or a bare
   * name that is looked up on `PATH`.
   *
   * @defaultValue the native executable of an installed `@openai/codex`, else `codex` on `PATH`
   */
  readonly codexPath?: string | undefined;
  /**
   * More arguments, put after `codex app-server`. A `-c key=value` here wins over `config`.
   *
   * @defaultValue `[]`
   */
  readonly args?: readonly string[] | undefined;
  /**
   * The whole argv instead, for a server that is reached another way, for example
   * `['ssh', 'build-host', 'codex', 'app-server']`. Excludes `codexPath`, `args` and `config`. Like codex itself it
   * runs in a process group of its own and without a terminal, so it cannot ask for a password there.
   *
   * @defaultValue none
   */
  readonly command?: readonly string[] | undefined;
  /**
   * The folder the server runs in. It must exist.
   *
   * @defaultValue the current folder of this process
   */
  readonly cwd?: string | undefined;
  /** Environment variables added to those of this process; `undefined` removes one. Never printed. @defaultValue `{}` */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /**
   * The folder of codex's configuration, login and sessions (`CODEX_HOME`); a relative path counts from the
   * current folder of this process. It must exist: codex does not create it.
   *
   * @defaultValue what `CODEX_HOME` says, else `~/.codex`
   */
  readonly codexHome?: string | undefined;
  /**
   * Settings that override `config.toml`, each passed as `-c key=TOML`. Tables merge with those of the file,
   * arrays and plain values replace them. Other users of the machine can see arguments: name secrets by
   * environment variable (`env_key`) instead.
   *
   * @defaultValue `{}`
   */
  readonly config?: ConfigObject | undefined;
  /**
   * How long `shutdown()` waits before it takes the next step: stdin ended, then SIGTERM, then SIGKILL, the signals to
   * the server's whole process group. Milliseconds; `0` goes on at once.
   *
   * @defaultValue 2,000
   */
  readonly shutdownGraceMs?: number | undefined;
}

/** The names of {@link AppServerOptions}, for the check of unknown names. */
export const APP_SERVER_OPTION_NAMES = [
  'codexPath',
  'args',
  'command',
  'cwd',
  'env',
  'codexHome',
  'config',
  'shutdownGraceMs',
] as const satisfies readonly (keyof AppServerOptions)[];
