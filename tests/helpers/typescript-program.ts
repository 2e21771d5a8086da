/** A program in TypeScript as it stands, in a process of its own: what the package has is taken from its sources. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

/** Runs it from the repository; settles with what it printed, or rejects when its exit code is not 0. */
export async function printedBy(program: string): Promise<string> {
  const env = {
    ...process.env,
    TSX_TSCONFIG_PATH: fileURLToPath(new URL('../tsconfig.json', import.meta.url)),
  };
  const argv = ['--import', 'tsx', program];
  return (await promisify(execFile)(process.execPath, argv, { cwd: REPOSITORY, env })).stdout;
}
