/** Executables that stand in for codex and for shells, made for one test file, and gone after it. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import type { Finding } from '../../src/doctor/finding.js';
import { DOCTOR_LIMITS, type DoctorLimits } from '../../src/doctor/limits.js';
import { scriptedCommand } from '../helpers/scripted.js';

let folder: string;
let made = 0;

/** Gives the file a folder. */
export function useStandIns(): void {
  beforeAll(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'codex-async-client-doctor-')));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
}

/** A folder in it, empty. */
export function emptyFolder(): string {
  made += 1;
  const path = join(folder, `folder-${made}`);
  mkdirSync(path);
  return path;
}

/** A shell script that may be executed, unless its mode says otherwise. */
export function script(lines: string, mode = 0o755): string {
  const path = join(emptyFolder(), 'codex');
  writeFileSync(path, `#!/bin/sh\n${lines}\n`, { mode });
  return path;
}

/** A scripted server in the place of codex, which also says its version when it is asked for that alone. */
export function standIn(server: string, args: readonly string[] = [], version = '0.169.0'): string {
  const words = scriptedCommand(server, ...args).map((word) => `'${word}'`);
  return script(`[ "$1" = --version ] && { echo 'codex-cli ${version}'; exit; }\nexec ${words.join(' ')}`);
}

/** One that answers as its table says. */
export function tableStandIn(answers: object, said: readonly object[] = []): string {
  return standIn('answers-from-table', [JSON.stringify(answers), JSON.stringify(said)]);
}

/** Limits in which what never answers is found out soon. */
export const SHORT: DoctorLimits = { ...DOCTOR_LIMITS, handshakeMs: 400, warningsMs: 20, graceMs: 300 };

/** Limits for what does answer, however busy the machine is. */
export const PATIENT: DoctorLimits = {
  ...SHORT,
  handshakeMs: 60_000,
  answerMs: 60_000,
  programMs: 60_000,
  shellMs: 60_000,
  slowShellMs: 60_000,
};

/** All findings of a generator. */
export async function all(findings: AsyncIterable<Finding>): Promise<Finding[]> {
  const list: Finding[] = [];
  for await (const finding of findings) list.push(finding);
  return list;
}

/** The findings as `check status`, in order. */
export function statuses(findings: readonly Finding[]): string[] {
  return findings.map(({ check, status }) => `${check} ${status}`);
}
