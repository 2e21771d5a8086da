/** Variables that change what codex does. Their names alone: values are addresses, with passwords in them, and keys. */
import type { Environment } from '../app-server/locate/environment.js';
import type { Finding } from './finding.js';

const TELLING = /^((https?|all|no)_proxy|(codex|openai)_\w+|rust_log|ssl_cert_(file|dir))$/i;

/** Which of them are set. */
export function environmentFinding(env: Environment = process.env): Finding {
  const variables = Object.keys(env)
    .filter((name) => TELLING.test(name) && (env[name] ?? '') !== '')
    .sort();
  const set = variables.length === 0 ? 'no proxy, CODEX_ or OPENAI_ variable is set' : variables.join(', ');
  return {
    check: 'environment',
    status: 'ok',
    finding: variables.length === 0 ? set : `set, values not shown: ${set}`,
    details: { variables },
  };
}
