/**
 * What codex itself says of its configuration when it starts. The first line of each warning and its place in a file, no
 * more: the lines after it can have values in them.
 */
import { cleanStderrText } from '../app-server/stderr/stderr-text.js';
import type { AsyncClient } from '../client/async-client.js';
import type { ConfigWarningNotification } from '../protocol/generated.js';
import { RequestTimeoutError } from '../support/errors.js';
import type { Finding } from './finding.js';

/** More warnings than a start has. */
const MAX_WARNINGS = 20;

/** Reads the warnings of a server that has just started, until it is silent for so long. */
export async function configFinding(client: AsyncClient, silenceMs: number): Promise<Finding> {
  const warnings = await warningsOf(client, silenceMs);
  const shown = warnings.map(({ summary, path, range }) => ({
    summary: cleanStderrText(summary.split('\n')[0] ?? ''),
    place: path === undefined ? null : placeOf(path, range),
  }));
  const [first, ...rest] = shown.map(({ summary, place }) =>
    place === null ? summary : `${summary} ${place}`,
  );
  const found = { check: 'config', details: { warnings: shown } } as const;
  if (first === undefined)
    return { ...found, status: 'ok', finding: 'codex has nothing to say of its configuration' };
  const isBroken = warnings.some(({ summary }) => /^invalid configuration/i.test(summary));
  const advice = isBroken ? 'codex goes on without your settings: mend the file' : undefined;
  return { ...found, status: isBroken ? 'fail' : 'warn', finding: first, advice, notes: rest };
}

async function warningsOf(client: AsyncClient, timeoutMs: number): Promise<ConfigWarningNotification[]> {
  const warnings: ConfigWarningNotification[] = [];
  const methods = ['configWarning'] as const;
  try {
    while (warnings.length < MAX_WARNINGS) {
      const warning = await client.nextMessage({ methods, timeoutMs });
      if (warning === undefined) break;
      warnings.push(warning.params);
    }
  } catch (error) {
    if (!(error instanceof RequestTimeoutError)) throw error;
  }
  return warnings;
}

function placeOf(path: string, range: ConfigWarningNotification['range']): string {
  return range === undefined ? path : `${path}:${range.start.line}:${range.start.column}`;
}
