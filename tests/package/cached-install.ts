// A package of npm that only some tests need: kept in `node_modules/.cache`, so that only the first run downloads it.

import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { npm } from './commands.js';
import { REPOSITORY } from './packed.js';

/** The folder of one version of a package, such as `node` and `22`; installed when it is not there. */
export async function cachedInstall(name: string, version: string): Promise<string> {
  const cache = join(REPOSITORY, 'node_modules', '.cache', 'codex-async-client', `${name}-${version}`);
  const folder = join(cache, 'node_modules', name);
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  writeFileSync(join(cache, 'package.json'), JSON.stringify({ private: true }));
  await npm(['install', '--no-save', '--prefer-offline', `${name}@${version}`], cache);
  return folder;
}
