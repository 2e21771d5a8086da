// `npm run size`: what the package weighs, packed, installed, loaded and type-checked. Prints figures; no bar is set here.

import { statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { run } from './commands.js';
import { loadedBy } from './imports.js';
import { filesBelow, packPackage } from './packed.js';
import { installedProject } from './project.js';
import { type TypeCost, typeCost } from './type-cost.js';

const IMPORTS = 15;

const packed = await packPackage();
const project = await installedProject(packed.tarball);
try {
  const dist = join(packed.folder, 'dist');
  const bytesOf = (paths: Iterable<string>) => [...paths].reduce((sum, path) => sum + statSync(path).size, 0);
  const inDist = filesBelow(dist).map((path) => join(dist, path));
  const kib = (bytes: number) => `${(bytes / 1024).toFixed(0)} KiB`;
  const rows: readonly (readonly [string, string])[] = [
    ['tarball', kib(packed.tarballBytes)],
    ['unpacked', kib(packed.unpackedBytes)],
    ['dist, JavaScript', kib(bytesOf(inDist.filter((path) => path.endsWith('.js'))))],
    ['dist, declarations', kib(bytesOf(inDist.filter((path) => path.endsWith('.d.ts'))))],
    ['loaded by "."', kib(bytesOf(loadedBy(join(dist, 'index.js')).files))],
    ['loaded by "./testing"', kib(bytesOf(loadedBy(join(dist, 'testing', 'index.js')).files))],
    ['loaded by "./view"', kib(bytesOf(loadedBy(join(dist, 'view', 'index.js')).files))],
    ['loaded by "./otel"', kib(bytesOf(loadedBy(join(dist, 'otel', 'index.js')).files))],
    ['import of "."', `${(await importMs(join(dist, 'index.js'))).toFixed(0)} ms`],
    ['import of execa alone', `${(await importMs('execa', packed.folder)).toFixed(0)} ms`],
  ];
  for (const [what, figure] of rows) console.log(`${what.padEnd(24)}${figure.padStart(10)}`);
  console.log(costLine('an empty program', await typeCost(project.folder, 'empty.ts', true)));
  console.log(costLine('one with a client', await typeCost(project.folder, 'typescript-program.ts', true)));
} finally {
  project.remove();
  packed.remove();
}

/** What the compiler counted for a program, in one line. */
function costLine(what: string, { types, memoryMiB, checkSeconds }: TypeCost): string {
  return `type-check of ${what}: ${types} types, ${memoryMiB.toFixed(0)} MiB, ${checkSeconds.toFixed(2)} s`;
}

/** The median time of an import, each in a process of its own. */
async function importMs(specifier: string, cwd = packed.folder): Promise<number> {
  const target = specifier.includes('.js') ? pathToFileURL(specifier).href : specifier;
  const program = `const start = performance.now(); await import(${JSON.stringify(target)}); console.log(performance.now() - start);`;
  const times: number[] = [];
  for (let round = 0; round < IMPORTS; round += 1) {
    times.push(Number(await run(process.execPath, ['--input-type=module', '-e', program], cwd)));
  }
  return times.sort((a, b) => a - b)[Math.floor(IMPORTS / 2)] ?? Number.NaN;
}
