/**
 * A server as the user's programs start it, with the user's own `CODEX_HOME`: whether it comes up, which version it is, what
 * it says of its configuration, and whether somebody is logged in. Nothing else is asked of it: no thread, no turn.
 */
import { AsyncClient } from '../client/async-client.js';
import { RequestTimeoutError, SpawnError } from '../support/errors.js';
import { attempt, failure } from './attempt.js';
import { configFinding } from './config-check.js';
import { type Finding, skipped } from './finding.js';
import type { DoctorLimits } from './limits.js';
import { loginFailure, loginFinding } from './login-check.js';
import { versionFinding, versionOfProgram } from './version-check.js';

/** The executable, and how long things may take. */
export interface ServerCheck {
  readonly codexPath: string;
  readonly limits: DoctorLimits;
}

/** Starts the server, and asks it. The server has ended when the last finding is told. */
export async function* serverFindings(check: ServerCheck): AsyncGenerator<Finding> {
  const { codexPath, limits } = check;
  const started = await start(check);
  if ('error' in started) {
    yield handshakeFailure(started.error);
    yield versionFinding(await versionOfProgram(codexPath, limits));
    yield* skipped(['config', 'login'], 'codex does not start');
    return;
  }
  const { client, finding } = started;
  try {
    yield finding;
    yield versionFinding(client.serverInfo?.version);
    const patienceMs = limits.answerMs + limits.warningsMs;
    // A server warns before it answers, so that the warnings are here when this is.
    const login = await attempt('login', patienceMs, () => askedLogin(client, limits), limits.signal);
    yield await attempt('config', patienceMs, () => configFinding(client, limits.warningsMs), limits.signal);
    yield login;
  } finally {
    await client.shutdown();
  }
}

type Started = { readonly client: AsyncClient; readonly finding: Finding } | { readonly error: unknown };

async function start({ codexPath, limits }: ServerCheck): Promise<Started> {
  const startedAt = performance.now();
  let client: AsyncClient | undefined;
  try {
    // A version that is too old is a finding of its own; the rest is worth knowing all the same.
    client = await AsyncClient.spawn({
      codexPath,
      allowUnsupportedServer: true,
      shutdownGraceMs: limits.graceMs,
    });
    const spawnMs = Math.round(performance.now() - startedAt);
    await client.initialize(undefined, { timeoutMs: limits.handshakeMs, signal: limits.signal });
    const tookMs = Math.round(performance.now() - startedAt);
    const finding = `answered after ${tookMs} ms, ${spawnMs} ms of them for the start of its process`;
    return { client, finding: { check: 'handshake', status: 'ok', finding, details: { spawnMs, tookMs } } };
  } catch (error) {
    await client?.shutdown();
    return { error };
  }
}

function handshakeFailure(error: unknown): Finding {
  if (error instanceof SpawnError) return failure('handshake', error);
  const advice = 'when the scripted turn is ok all the same, the trouble is in CODEX_HOME';
  const cause = error instanceof Error ? error.cause : undefined;
  if (!(cause instanceof RequestTimeoutError)) return failure('handshake', error, advice);
  const finding = failure('handshake', error, advice);
  return { ...finding, finding: `codex did not answer within ${cause.timeoutMs} ms` };
}

async function askedLogin(client: AsyncClient, limits: DoctorLimits): Promise<Finding> {
  try {
    return await loginFinding(client, limits.answerMs);
  } catch (error) {
    const finding = loginFailure(error);
    if (finding === undefined) throw error;
    return finding;
  }
}
