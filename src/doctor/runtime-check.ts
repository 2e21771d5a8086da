/** What runs the doctor, and so most likely what runs the user's program. */
import { release } from 'node:os';
import { CLIENT_VERSION } from '../client/initialize-params.js';
import { isOlder } from '../client/server-info.js';
import type { Finding } from './finding.js';

/** The oldest Node.js that the package works with. */
const OLDEST_NODE = '20.19.0';

/** The package, the runtime and the system, with their versions. */
export function runtimeFinding(
  versions: Readonly<Record<string, string | undefined>> = process.versions,
): Finding {
  const { name, version } = runtimeOf(versions);
  const { platform, arch } = process;
  const isTooOld = name === 'Node.js' && isOlder(version, OLDEST_NODE);
  return {
    check: 'runtime',
    status: isTooOld ? 'fail' : 'ok',
    finding: `codex-async-client ${CLIENT_VERSION}, ${name} ${version}, ${platform} ${arch} (${release()})`,
    advice: isTooOld ? `the package needs Node.js ${OLDEST_NODE} or newer` : undefined,
    details: { package: CLIENT_VERSION, runtime: name, version, platform, arch, release: release() },
  };
}

/** Bun and Deno tell a version of Node.js as well. */
function runtimeOf(versions: Readonly<Record<string, string | undefined>>): {
  name: string;
  version: string;
} {
  const { bun, deno, node = '' } = versions;
  if (bun !== undefined) return { name: 'Bun', version: bun };
  return deno === undefined ? { name: 'Node.js', version: node } : { name: 'Deno', version: deno };
}
