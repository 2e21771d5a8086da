/** Whether somebody is logged in, and how. Never who: no address, no name of a workspace and no token is told. */
import type { AsyncClient } from '../client/async-client.js';
import type { Account } from '../protocol/generated.js';
import { RpcError } from '../support/errors.js';
import { failure } from './attempt.js';
import type { Finding } from './finding.js';

const WAYS: Readonly<Record<Account['type'], string>> = {
  apiKey: 'with a key of the API',
  chatgpt: 'with ChatGPT',
  amazonBedrock: 'with Amazon Bedrock',
  gcp: 'with Google Cloud',
};

/**
 * The login, as the server has it; nothing is refreshed, and no model is asked.
 * @throws RequestTimeoutError when the server does not answer
 */
export async function loginFinding(client: AsyncClient, timeoutMs: number): Promise<Finding> {
  const { account, requiresOpenaiAuth } = await client.accountRead({}, { timeoutMs });
  const details = { account: account?.type ?? null, requiresOpenaiAuth };
  const found = { check: 'login', details } as const;
  if (account !== null)
    return { ...found, status: 'ok', finding: `logged in ${WAYS[account.type] ?? `with ${account.type}`}` };
  if (!requiresOpenaiAuth)
    return { ...found, status: 'ok', finding: 'not logged in, and the configured provider needs no login' };
  const advice = 'every turn fails: run `codex login`, or configure a provider of your own';
  return { ...found, status: 'fail', finding: 'not logged in', advice };
}

/** A server that does not know the question is no failure of the login. */
export function loginFailure(error: unknown): Finding | undefined {
  if (!(error instanceof RpcError)) return undefined;
  return {
    check: 'login',
    status: 'warn',
    finding: `codex does not say: ${failure('login', error).finding}`,
  };
}
