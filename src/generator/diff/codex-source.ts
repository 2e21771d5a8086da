/**
 * Where a version of codex comes from: installed here, fetched from npm into a temporary folder, or an executable by its
 * path. What was fetched is removed again.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findCodexExecutable, MissingCodexError } from '../codex-binary.js';

/** A codex could not be had; the message is one line that says what to do. */
export class CodexSourceError extends Error {
  override readonly name = 'CodexSourceError';
}

const VERSION = /^\d+\.\d+\.\d+(-[\w.]+)?$/;

/** How long npm may take for one codex, which is about 170 MB. */
const FETCH_TIMEOUT_MS = 10 * 60_000;

/** What npm's codes mean here. */
const NPM_CODES: Readonly<Record<string, string>> = {
  ETARGET: 'npm has no such version',
  E404: 'npm has no such package',
  ENOTFOUND: 'the registry was not found; is there a network?',
  EAI_AGAIN: 'the registry was not found; is there a network?',
  ECONNREFUSED: 'the registry does not answer; is there a network?',
  ENOTCACHED: 'npm is offline, and has no copy of it',
};

/**
 * Lets `use` work with the executable of a codex.
 *
 * @param source - `installed`, a version such as `0.169.0`, or the path of an executable
 * @returns what `use` returns
 * @throws CodexSourceError when there is no such codex
 */
export function withCodex<T>(source: string, use: (executable: string) => T): T {
  if (source === 'installed' || source === installedVersion()) return use(executableFrom(source));
  if (VERSION.test(source)) return withFetched(source, use);
  if (existsSync(source) && statSync(source).isFile()) return use(source);
  throw new CodexSourceError(
    `expected "installed", a version such as 0.169.0, or the path of a codex executable, got ${JSON.stringify(source)}`,
  );
}

function withFetched<T>(version: string, use: (executable: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'codex-version-'));
  try {
    writeFileSync(join(folder, 'package.json'), '{ "private": true }');
    install(version, folder);
    return use(executableFrom(version, join(folder, 'index.js')));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** npm puts the path of its own script into the environment of what it runs. */
function install(version: string, folder: string): void {
  const cli = process.env['npm_execpath'];
  const [file, ...before] = cli?.endsWith('js') ? [process.execPath, cli] : ['npm'];
  const args = [
    'install',
    '--no-save',
    '--no-audit',
    '--no-fund',
    '--ignore-scripts',
    '--loglevel=error',
    '--fetch-retries=1',
    '--fetch-retry-mintimeout=1000',
    `@openai/codex@${version}`,
  ];
  try {
    execFileSync(file, [...before, ...args], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: FETCH_TIMEOUT_MS,
      shell: process.platform === 'win32' && cli === undefined,
    });
  } catch (error) {
    throw new CodexSourceError(`cannot fetch @openai/codex@${version}: ${npmReason(error)}`, {
      cause: error,
    });
  }
}

function npmReason(error: unknown): string {
  const printed = error instanceof Error && 'stderr' in error ? String(error.stderr) : '';
  const code = /^npm (?:error|ERR!) code (\w+)/m.exec(printed)?.[1];
  if (code !== undefined) return NPM_CODES[code] ?? `npm failed with ${code}`;
  return error instanceof Error && 'code' in error ? `npm failed with ${String(error.code)}` : 'npm failed';
}

function executableFrom(source: string, from?: string): string {
  try {
    return findCodexExecutable({ from });
  } catch (error) {
    if (!(error instanceof MissingCodexError)) throw error;
    throw new CodexSourceError(
      `codex ${source} has no executable for ${process.platform} ${process.arch} here; run \`npm ci\`, or give the path of one`,
      { cause: error },
    );
  }
}

function installedVersion(): string | undefined {
  try {
    const path = createRequire(import.meta.url).resolve('@openai/codex/package.json');
    return (JSON.parse(readFileSync(path, 'utf8')) as { readonly version: string }).version;
  } catch {
    return undefined;
  }
}
