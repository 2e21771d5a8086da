#!/usr/bin/env node
/**
 * `codex-async-client`, a program with one command: `doctor`. It owns what is printed, and the exit code. It ends when the
 * last line is written, whatever a server that it started may still be doing.
 */
import { InvalidArgumentError } from '../support/errors.js';
import { examine } from './doctor.js';
import { type DoctorRequest, doctorRequest, USAGE } from './doctor-arguments.js';
import type { Finding } from './finding.js';
import { EXIT, exitCodeOf, findingLines, lastLine, reportText } from './report.js';

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
  // Whoever read the lines has left.
  process.stdout.once('error', () => process.exit(EXIT.somethingFailed));
  const findings: Finding[] = [];
  for await (const finding of examine({ codexPath: request.codexPath })) {
    findings.push(finding);
    if (!request.isJson) process.stdout.write(findingLines(finding));
  }
  const end = request.isJson ? reportText(findings) : lastLine(findings);
  process.stdout.write(end, () => process.exit(exitCodeOf(findings)));
}
