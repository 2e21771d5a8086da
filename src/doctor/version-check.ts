/** Whether the version of codex is one that the package works with, by the rule that a start has. */
import { checkServerVersion, isOlder, OLDEST_SERVER_VERSION } from '../client/server-info.js';
import { PROTOCOL_VERSION } from '../protocol/generated.js';
import { UnsupportedServerError } from '../support/errors.js';
import type { Finding } from './finding.js';
import type { DoctorLimits } from './limits.js';
import { runProgram } from './program-run.js';

/** A build from source has no version of its own. */
const FROM_SOURCE = '0.0.0';

/** What a version means; `undefined` is one that codex did not tell. */
export function versionFinding(version: string | undefined): Finding {
  const details = { version: version ?? null, oldest: OLDEST_SERVER_VERSION, types: PROTOCOL_VERSION };
  const range = `${OLDEST_SERVER_VERSION} or newer is supported`;
  const found = { check: 'version', details } as const;
  if (version === undefined)
    return { ...found, status: 'warn', finding: `codex does not tell its version; ${range}` };
  if (isUnsupported(version))
    return {
      ...found,
      status: 'fail',
      finding: `codex ${version} is too old`,
      advice: `${range}: npm install @openai/codex@latest`,
    };
  return { ...found, status: 'ok', finding: `codex ${version}, ${comparison(version)}; ${range}` };
}

/** The version that the executable tells when it is asked for nothing else; undefined when it tells none, in time. */
export async function versionOfProgram(file: string, limits: DoctorLimits): Promise<string | undefined> {
  const { programMs: limitMs, graceMs, signal } = limits;
  const run = await runProgram(file, ['--version'], { limitMs, graceMs, signal }).catch(() => undefined);
  return /\b\d+\.\d+\.\d\S*/.exec(run?.stdout ?? '')?.[0];
}

function comparison(version: string): string {
  if (version.startsWith(FROM_SOURCE)) return 'a build from source, which is taken for new';
  if (isOlder(PROTOCOL_VERSION, version))
    return `newer than the types of the package (${PROTOCOL_VERSION}): what is new in it is an UnknownMessage`;
  return isOlder(version, PROTOCOL_VERSION) ? `the types are those of ${PROTOCOL_VERSION}` : 'as the types';
}

function isUnsupported(version: string): boolean {
  try {
    checkServerVersion(version);
    return false;
  } catch (error) {
    if (error instanceof UnsupportedServerError) return true;
    throw error;
  }
}
