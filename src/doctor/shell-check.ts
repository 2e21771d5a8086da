/**
 * How long a login shell takes that does nothing. Codex runs every command in one, so a slow profile makes every command
 * slow, and nothing of codex says why.
 */
import type { Finding } from './finding.js';
import type { DoctorLimits } from './limits.js';
import { type ProgramRun, runProgram } from './program-run.js';
import { loginShell } from './user.js';

const ADVICE =
  'codex runs every command in a login shell: look what its profile does (`time SHELL -lc true`), or give codex a HOME without one';

/** The time of the login shell; where codex has PowerShell there is none. */
export async function shellFinding(
  limits: DoctorLimits,
  shell: string | undefined = loginShell(),
): Promise<Finding> {
  if (shell === undefined)
    return {
      check: 'shell',
      status: 'skip',
      finding: 'not looked at: codex has PowerShell here, and no login shell',
    };
  const { shellMs: limitMs, graceMs, signal } = limits;
  try {
    return timedFinding(
      shell,
      await runProgram(shell, ['-lc', 'true'], { limitMs, graceMs, signal }),
      limits,
    );
  } catch {
    const advice = 'codex runs commands in it, as the login shell of this user; see `chsh`';
    return {
      check: 'shell',
      status: 'warn',
      finding: `${shell} cannot be started`,
      advice,
      details: { shell },
    };
  }
}

function timedFinding(shell: string, run: ProgramRun, { shellMs, slowShellMs }: DoctorLimits): Finding {
  const { tookMs, isOver, exitCode } = run;
  const details = { shell, tookMs, isOver, exitCode };
  const found = { check: 'shell', details } as const;
  const command = `\`${shell} -lc true\``;
  if (!isOver)
    return {
      ...found,
      status: 'warn',
      finding: `${command} was not over within ${shellMs} ms`,
      advice: ADVICE,
    };
  if (tookMs > slowShellMs)
    return { ...found, status: 'warn', finding: `${command} took ${tookMs} ms`, advice: ADVICE };
  if (exitCode === 0) return { ...found, status: 'ok', finding: `${command} took ${tookMs} ms` };
  const finding = `${command} ended with exit code ${exitCode}`;
  return {
    ...found,
    status: 'warn',
    finding,
    advice: 'its profile ends it, and so it does with every command of codex',
  };
}
