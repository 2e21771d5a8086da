#!/usr/bin/env node
/**
 * `codex-async-client`, a program with one command: `doctor`. It owns what is printed, and the exit code. It ends when the
 * last line is written, whatever a server that it started may still be doing. Ended by a signal, or by a reader that has
 * left, it first ends what it has started, and removes its temporary home.
 */
import { constants } from 'node:os';
import { InvalidArgumentError } from '../support/errors.js';
import { examine } from './doctor.js';
import { type DoctorRequest, doctorRequest, USAGE } from './doctor-arguments.js';
import type { Finding } from './finding.js';
import { DOCTOR_LIMITS } from './limits.js';
import { EXIT, exitCodeOf, findingLines, lastLine, reportText } from './report.js';

/** Why the program ends before its last line: a signal, or a reader of its lines that has left. */
class EarlyEnd {
  readonly #stop = new AbortController();
  #exitCode: number | undefined;

  constructor() {
    process.stdout.on('error', () => this.#end(EXIT.somethingFailed));
    // Once: the same signal again ends the program at once.
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.once(name, () => this.#end(EXIT.signal + constants.signals[name]));
  }

  /** The exit code, as soon as there is a reason. */
  get exitCode(): number | undefined {
    return this.#exitCode;
  }

  /** Fires when there is one. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  #end(exitCode: number): void {
    this.#exitCode ??= exitCode;
    this.#stop.abort();
  }
}

try {
  await run(doctorRequest(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof InvalidArgumentError)) throw error;
  process.stderr.write(`codex-async-client: ${error.message}\n`);
  process.exitCode = EXIT.badArguments;
}

async function run(request: DoctorRequest): Promise<void> {
  if (request.kind === 'help') {
    process.stdout.write(USAGE);
    return;
  }
  const early = new EarlyEnd();
  const findings: Finding[] = [];
  const limits = { ...DOCTOR_LIMITS, signal: early.signal };
  for await (const finding of examine({ codexPath: request.codexPath, limits })) {
    if (early.exitCode !== undefined) break;
    findings.push(finding);
    if (!request.isJson) process.stdout.write(findingLines(finding));
  }
  if (early.exitCode !== undefined) process.exit(early.exitCode);
  const end = request.isJson ? reportText(findings) : lastLine(findings);
  process.stdout.write(end, () => process.exit(early.exitCode ?? exitCodeOf(findings)));
}
