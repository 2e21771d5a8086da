// The Node.js versions that the package supports, each as an executable: this one, and the others from the package
// `node` on npm, which brings the binary.

import { join } from 'node:path';
import { cachedInstall } from './cached-install.js';

export const NODE_MAJORS = [20, 22, 24] as const;

/** The executable of the newest Node.js of a major version. */
export async function nodeExecutable(major: (typeof NODE_MAJORS)[number]): Promise<string> {
  if (process.versions.node.startsWith(`${major}.`)) return process.execPath;
  const folder = await cachedInstall('node', String(major));
  return join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
}
