/** The folder of codex's configuration, login and sessions. Looks whether it can be used, and at nothing in it. */
import { accessSync, constants, existsSync, type Stats, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Environment } from '../app-server/locate/environment.js';
import { failureCode } from '../support/failure-code.js';
import type { Finding } from './finding.js';
import { userHome } from './user.js';

/** Where codex keeps its things, and whether it can. */
export function homeFinding(env: Environment = process.env, home: string = userHome()): Finding {
  const named = env['CODEX_HOME'] || undefined;
  const path = named === undefined ? join(home, '.codex') : resolve(named);
  const origin = named === undefined ? 'default' : 'CODEX_HOME';
  const problem = problemOf(path, named !== undefined);
  const hasConfig = existsSync(join(path, 'config.toml'));
  return {
    check: 'home',
    status: problem?.status ?? 'ok',
    finding: `${path} (${origin}) ${problem?.what ?? `can be written to, and has ${hasConfig ? 'a' : 'no'} config.toml`}`,
    advice: problem?.advice,
    details: { path, origin, problem: problem?.what ?? null, hasConfig },
  };
}

interface HomeProblem {
  readonly status: 'warn' | 'fail';
  readonly what: string;
  readonly advice: string;
}

const DEFAULT_IS_MISSING: HomeProblem = {
  status: 'warn',
  what: 'is not there',
  advice: 'codex makes it when it is first used; log in with `codex login`',
};

const NAMED_IS_MISSING: HomeProblem = {
  status: 'fail',
  what: 'is not there',
  advice: 'codex does not make a folder that CODEX_HOME names: make it',
};

function problemOf(path: string, isNamed: boolean): HomeProblem | undefined {
  const found = lookAt(path);
  if (found === 'ENOENT' || found === 'ENOTDIR') return isNamed ? NAMED_IS_MISSING : DEFAULT_IS_MISSING;
  if (typeof found === 'string')
    return {
      status: 'fail',
      what: `cannot be looked into: ${found}`,
      advice: 'give this user the right to the folders on the way, or let CODEX_HOME name another one',
    };
  if (!found.isDirectory())
    return { status: 'fail', what: 'is no folder', advice: 'let CODEX_HOME name a folder' };
  if (isWritable(path)) return undefined;
  return {
    status: 'fail',
    what: 'cannot be written to',
    advice: 'codex keeps its sessions there: give this user the right to write',
  };
}

/** What is there, or why one cannot tell. */
function lookAt(path: string): Stats | string {
  try {
    return statSync(path);
  } catch (error) {
    return failureCode(error) ?? String(error);
  }
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
