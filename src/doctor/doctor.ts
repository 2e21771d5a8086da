/**
 * The room `doctor` looks at what a program of this package stands on: runtime, codex, its home, its configuration, the
 * login, a turn. This file says what is looked at, in which order, and what is not looked at any more after a failure.
 *
 * It always comes to an end, costs nothing, ends what it has started, and leaves everything as it was: with the user's own
 * `CODEX_HOME` a server is only started and asked who is logged in; everything else happens in a temporary home.
 */
import { codexFinding } from './codex-check.js';
import { environmentFinding } from './environment-check.js';
import { type Finding, skipped } from './finding.js';
import { homeFinding } from './home-check.js';
import { DOCTOR_LIMITS, type DoctorLimits } from './limits.js';
import { runtimeFinding } from './runtime-check.js';
import { serverFindings } from './server-check.js';
import { shellFinding } from './shell-check.js';
import { shownFinding } from './shown-finding.js';
import { trialFindings } from './trial-check.js';

/** What to look at. */
export interface Examination {
  /** As `options.codexPath` of a start. */
  readonly codexPath?: string | undefined;
  /** @defaultValue {@link DOCTOR_LIMITS} */
  readonly limits?: DoctorLimits | undefined;
}

/** Every finding when it is made, in the order of {@link CHECKS}, fit to be shown. Never throws for what it finds. */
export async function* examine(examination: Examination = {}): AsyncGenerator<Finding> {
  for await (const finding of findings(examination)) yield shownFinding(finding);
}

async function* findings({ codexPath, limits = DOCTOR_LIMITS }: Examination): AsyncGenerator<Finding> {
  yield runtimeFinding();
  yield environmentFinding();
  const codex = codexFinding({ codexPath, env: process.env });
  yield codex.finding;
  yield homeFinding();
  if (codex.file === undefined) {
    const rest = ['handshake', 'version', 'config', 'login', 'turn', 'sandbox'] as const;
    yield* skipped(rest, 'there is no codex to start');
  } else {
    const check = { codexPath: codex.file, limits };
    yield* serverFindings(check);
    yield* await trialFindings(check);
  }
  yield await shellFinding(limits);
}
