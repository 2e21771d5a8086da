// The package as npm would publish it: built by its own `build` script and packed, in a copy of the repository, so
// that nothing here touches the `dist` that other tests and programs use.

import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { npm } from './commands.js';

export const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

const NEEDED = [
  'src',
  'tests/examples',
  '.github',
  'package.json',
  'tsconfig.json',
  'README.md',
  'CHANGELOG.md',
  'LICENSE',
];

/** A tarball and what is in it. */
export interface PackedPackage {
  readonly tarball: string;
  /** Every file of the tarball, as paths from the package's folder. */
  readonly files: readonly string[];
  readonly tarballBytes: number;
  readonly unpackedBytes: number;
  /** The copy it was packed from, with its `dist`. */
  readonly folder: string;
  remove(): void;
}

/** What `npm pack --json` tells of a package. */
interface PackReport {
  readonly filename: string;
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

/** Builds and packs a copy of the repository; `dist` holds a stale file before the build. */
export async function packPackage(): Promise<PackedPackage> {
  const folder = mkdtempSync(join(tmpdir(), 'codex-async-client-pack-'));
  for (const name of NEEDED) cpSync(join(REPOSITORY, name), join(folder, name), { recursive: true });
  symlinkSync(join(REPOSITORY, 'node_modules'), join(folder, 'node_modules'), 'junction');
  mkdirSync(join(folder, 'dist'));
  writeFileSync(join(folder, 'dist', 'stale.js'), '');
  await npm(['run', 'build'], folder);
  const report = onlyReport(JSON.parse(await npm(['pack', '--ignore-scripts', '--json'], folder)));
  return {
    tarball: join(folder, report.filename),
    files: report.files.map(({ path }) => path),
    tarballBytes: report.size,
    unpackedBytes: report.unpackedSize,
    folder,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** npm 10 prints a list of reports, npm 12 an object by package name. */
function onlyReport(printed: readonly PackReport[] | Readonly<Record<string, PackReport>>): PackReport {
  const report = Object.values(printed)[0];
  if (report === undefined) throw new Error('npm pack reported no package');
  return report;
}

/** The names of the files in a folder and below, as paths from it. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}
