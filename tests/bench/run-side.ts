/**
 * Runs one side of a case in a process of its own under plain node, on the built package. A side that hangs is
 * ended and reported; one that did not do all of its work is an error, because its figure would mean nothing.
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Side } from './cases.js';

/** What a side prints. */
export interface Figures {
  /** How long the work took. */
  readonly ms?: number;
  /** Peak resident memory of the process. */
  readonly peakMb?: number;
  /** How much of the work was done, and how much there was. */
  readonly seen: number;
  readonly expected: number;
}

/** Far more than any side needs; only a hang takes so long. */
const HANGS_AFTER_MS = 120_000;

const RUNNER = fileURLToPath(new URL('./sides/side.mjs', import.meta.url));

/** Runs one side and gives back what it measured. */
export async function runSide(side: Side, parameters: Readonly<Record<string, unknown>>): Promise<Figures> {
  const args = [RUNNER, side.module, side.name, JSON.stringify(parameters)];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: HANGS_AFTER_MS });
  // The edge: the sides of this folder print this shape.
  return JSON.parse(stdout) as Figures;
}
