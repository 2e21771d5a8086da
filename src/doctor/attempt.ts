/**
 * One step that must not stop the others: an error becomes a finding, and so does a step that takes too long. What a step
 * has started it ends itself; one that was given up is only not waited for any more.
 */
import { cleanStderrText } from '../app-server/stderr/stderr-text.js';
import { memberOf } from '../support/argument-checks.js';
import { Settlement } from '../support/settlement.js';
import type { CheckName, Finding } from './finding.js';

/** Lines of stderr that a finding has: the end of a panic, and not a log. */
const STDERR_LINES = 8;

/** What `work` finds, within `limitMs` and before `signal` fires, or a finding that says why there is none. Never rejects. */
export async function attempt(
  check: CheckName,
  limitMs: number,
  work: () => Promise<Finding>,
  signal?: AbortSignal,
): Promise<Finding> {
  const wait = new Settlement<Finding>();
  wait.limit({
    timeoutMs: limitMs,
    timeoutError: () => new Error(`it was not over within ${limitMs} ms, and was given up`),
    signal,
  });
  work().then(
    (finding) => wait.resolve(finding),
    (error: unknown) => wait.reject(error),
  );
  return wait.promise.catch((error: unknown) => failure(check, error));
}

/** An error as a finding: its first line, then the rest of it, and the last that the server wrote to stderr. */
export function failure(check: CheckName, error: unknown, advice?: string): Finding {
  const message = cleanStderrText(error instanceof Error ? error.message : String(error));
  const [finding = '', ...rest] = message.split('\n');
  const code = memberOf(error, 'code');
  const details = typeof code === 'string' ? { code } : undefined;
  return { check, status: 'fail', finding, advice, notes: [...rest, ...lastWords(error, message)], details };
}

function lastWords(error: unknown, message: string): string[] {
  const tail = memberOf(error, 'stderrTail');
  if (typeof tail !== 'string') return [];
  const lines = tail.split('\n').filter((line) => line.trim() !== '' && !message.includes(line));
  return lines.slice(-STDERR_LINES).map((line) => `stderr: ${line}`);
}
