/**
 * Lets a codex executable write its types, with and without experimental ones, and their schemas, and reads them. Leaves nothing behind, and
 * touches no configuration: all output, and codex's own home, is a temporary folder that is removed.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FlatFileInput } from './flat-file.js';
import { readSchemas, type Schemas } from './protocol-schemas.js';
import { readSourceFiles, type SourceFile } from './source-files.js';

/** The file with all schemas, among those that `generate-json-schema` writes. */
const SCHEMA_BUNDLE = 'codex_app_server_protocol.schemas.json';

/**
 * Lets the executable write its types, with and without experimental ones, and their schemas, and reads them.
 *
 * @param parent - where the temporary folder is made
 */
export function readProtocol(executable: string, parent = tmpdir()): FlatFileInput {
  const folder = mkdtempSync(join(parent, 'codex-protocol-'));
  const types = (name: string, ...flags: string[]): SourceFile[] => {
    run(executable, folder, 'app-server', 'generate-ts', ...flags, '--out', join(folder, name));
    return readSourceFiles(join(folder, name));
  };
  const schemas = (): Schemas => {
    const out = join(folder, 'schemas');
    run(executable, folder, 'app-server', 'generate-json-schema', '--experimental', '--out', out);
    return readSchemas(readFileSync(join(out, SCHEMA_BUNDLE), 'utf8'));
  };
  try {
    const version = versionIn(run(executable, folder, '--version'));
    return { version, all: types('all', '--experimental'), stable: types('stable'), schemas: schemas() };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(executable: string, codexHome: string, ...args: readonly string[]): string {
  return execFileSync(executable, args, {
    encoding: 'utf8',
    env: { ...process.env, CODEX_HOME: codexHome },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

function versionIn(output: string): string {
  const version = /\d+\.\d+\.\d+\S*/.exec(output)?.[0];
  if (version === undefined) throw new Error(`expected a version from \`codex --version\`, got ${output}`);
  return version;
}
