/**
 * What the doctor says of one thing that it looked at. Names, members of `details` included, are those that `--json`
 * prints and `.github/docs/doctor.md` lists. Decides nothing, and looks at nothing.
 */

/** What is looked at, in the order in which it is told. @internal */
export const CHECKS = [
  'runtime',
  'environment',
  'codex',
  'home',
  'handshake',
  'version',
  'config',
  'login',
  'turn',
  'sandbox',
  'shell',
] as const;

/** The name of one check. */
export type CheckName = (typeof CHECKS)[number];

/** `skip`: it was not looked at, because of something that failed before. */
type Status = 'ok' | 'warn' | 'fail' | 'skip';

/** Plain data, as JSON has it. */
export type Detail =
  | string
  | number
  | boolean
  | null
  | readonly Detail[]
  | { readonly [name: string]: Detail };

/** One finding. */
export interface Finding {
  readonly check: CheckName;
  readonly status: Status;
  /** One line. */
  readonly finding: string;
  /** Why, or what to do, in one line; most findings that are not `ok` have it. */
  readonly advice?: string | undefined;
  /** More lines: what a server wrote last, what was looked at before. */
  readonly notes?: readonly string[] | undefined;
  /** The same for programs. */
  readonly details?: Readonly<Record<string, Detail>> | undefined;
}

/** Findings of checks that were not made, and why. */
export function skipped(checks: readonly CheckName[], why: string): Finding[] {
  return checks.map((check) => ({ check, status: 'skip', finding: `not looked at: ${why}` }));
}
