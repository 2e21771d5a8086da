// The Node.js versions that the package supports, each as an executable: this one, and the others from the package
// `node` on npm, which brings the binary. They are kept in `node_modules/.cache`, so that only the first run downloads.

import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { npm } from './commands.js';
import { REPOSITORY } from './packed.js';

export const NODE_MAJORS = [20, 22, 24] as const;

/** The executable of the newest Node.js of a major version. */
export async function nodeExecutable(major: (typeof NODE_MAJORS)[number]): Promise<string> {
  if (process.versions.node.startsWith(`${major}.`)) return process.execPath;
  const folder = join(REPOSITORY, 'node_modules', '.cache', 'codex-async-client', `node-${major}`);
  const executable = join(
    folder,
    'node_modules',
    'node',
    'bin',
    process.platform === 'win32' ? 'node.exe' : 'node',
  );
  if (existsSync(executable)) return executable;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true }));
  await npm(['install', '--no-save', '--prefer-offline', `node@${major}`], folder);
  return executable;
}
