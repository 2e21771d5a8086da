/** A folder of packages and programs that are empty files, made anew for each test and removed after it. */
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';

/** Rust's name of Linux on x64, the platform that the tests look for. */
export const TRIPLE = 'x86_64-unknown-linux-musl';

let root: string;

/** Gives each test of the file a folder. */
export function useFileTree(): void {
  beforeEach(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), 'codex-async-client-find-')));
  });
  afterEach(() => rmSync(root, { recursive: true }));
}

/** A path in the folder. */
export function at(...path: string[]): string {
  return join(root, ...path);
}

/** Makes a file that may be executed, a package.json when it has that name; gives its path. */
export function file(...path: string[]): string {
  const name = at(...path);
  mkdirSync(dirname(name), { recursive: true });
  writeFileSync(name, name.endsWith('package.json') ? '{"name":"@openai/codex","version":"0.0.0"}' : '');
  chmodSync(name, 0o755);
  return name;
}
