/** Where the recorded tapes are, and which there are. */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readTape, type Tape } from 'codex-async-client/testing';

import { type Flow, isOf } from './flow.js';
import { FLOWS } from './flows.js';

/** The folder of the tapes; in it one for each version of codex. */
export const TAPES = new URL('../../fixtures/tapes/', import.meta.url);

/** The versions that there are tapes of, in the order of their names. */
export function versions(): string[] {
  return readdirSync(TAPES).sort();
}

/** The path of a flow's tape. */
export function pathOf(version: string, name: string): string {
  return fileURLToPath(new URL(`${version}/${name}.jsonl`, TAPES));
}

/** The names of all tapes of a version. */
export function namesOf(version: string): string[] {
  return readdirSync(new URL(`${version}/`, TAPES)).map((file) => file.replace(/\.jsonl$/, ''));
}

/** A flow with a tape of it. */
export interface TapedFlow {
  readonly name: string;
  readonly flow: Flow;
  readonly tape: Tape;
}

/** Every flow with each of its tapes. */
export function tapedFlows(): TapedFlow[] {
  return versions().flatMap((version) =>
    FLOWS.filter((flow) => isOf(flow, version)).map((flow) => ({
      name: `${version} ${flow.name}`,
      flow,
      tape: readTape(pathOf(version, flow.name)),
    })),
  );
}
