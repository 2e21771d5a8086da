/**
 * Whether codex's sandbox works on this system: one command that needs no approval must run in it, and must not be able to
 * write. Where it does not work the agent's commands fail, or ask.
 */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cleanStderrText } from '../app-server/stderr/stderr-text.js';
import type { AsyncClient } from '../client/async-client.js';
import { failure } from './attempt.js';
import type { Finding } from './finding.js';

const MARK = 'written-in-the-sandbox';
const WORD = 'ran';
const ADVICE =
  'the agent’s commands will fail, or ask for approval; see https://developers.openai.com/codex/concepts/sandboxing#prerequisites';

/**
 * Runs the command in a folder of ours. A sandbox that does not work is a warning: who runs codex without one does not miss it.
 */
export async function sandboxFinding(client: AsyncClient, folder: string): Promise<Finding> {
  const startedAt = performance.now();
  try {
    const { exitCode, stdout, stderr } = await client.commandExec({
      command: command(),
      cwd: folder,
      sandboxPolicy: { type: 'readOnly' },
    });
    const tookMs = Math.round(performance.now() - startedAt);
    const details = { ran: stdout.includes(WORD), exitCode, wrote: hasWritten(folder), tookMs };
    if (!details.ran) return warning(`a command in the sandbox did not run: ${lastLine(stderr)}`, details);
    if (details.wrote) return warning('a command in the read-only sandbox could write', details);
    return {
      check: 'sandbox',
      status: 'ok',
      finding: `a read-only command took ${tookMs} ms, and could not write`,
      details,
    };
  } catch (error) {
    return warning(`a command in the sandbox did not run: ${failure('sandbox', error).finding}`);
  }
}

function command(): string[] {
  if (process.platform === 'win32') return ['cmd.exe', '/d', '/c', `echo ${WORD}& type nul > ${MARK}`];
  return ['/bin/sh', '-c', `echo ${WORD}; : > ${MARK}`];
}

function hasWritten(folder: string): boolean {
  const file = join(folder, MARK);
  const isThere = existsSync(file);
  rmSync(file, { force: true });
  return isThere;
}

function warning(finding: string, details?: Finding['details']): Finding {
  return { check: 'sandbox', status: 'warn', finding, advice: ADVICE, details };
}

function lastLine(text: string): string {
  return cleanStderrText(text.trim().split('\n').at(-1) ?? '');
}
