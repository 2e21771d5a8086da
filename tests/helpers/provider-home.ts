/** A program of its own that starts codex without being told how: it finds the settings of a scripted model in its `CODEX_HOME`. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LocalModelProvider } from 'codex-async-client/testing';
import { configToArgs } from '../../src/app-server/launch/config-args.js';

/**
 * The environment for such a program; the settings are written to the home.
 *
 * @param codexHome - Default: the provider's own.
 */
export function environmentOf(
  { options }: LocalModelProvider,
  codexHome: string = options.codexHome,
): Readonly<Record<string, string | undefined>> {
  const settings = configToArgs(options.config).filter((argument) => argument !== '-c');
  writeFileSync(join(codexHome, 'config.toml'), settings.join('\n'));
  return { ...process.env, ...options.env, CODEX_HOME: codexHome };
}
