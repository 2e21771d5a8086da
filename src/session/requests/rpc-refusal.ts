/**
 * The error of a request that the server refused: the server's words, and where they leave one standing, what to do. Looks
 * at the words alone, as codex has them; what it does not recognise passes as it is.
 */
import { RpcError } from '../../support/errors.js';
import { nearestNames } from '../../support/near-names.js';
import type { WireError } from '../../wire/wire-message.js';

/** How many of the server's names an unknown method is compared with, aloud. */
const NEAREST = 3;

/** The error that the call rejects with. */
export function rpcRefusal(method: string, { code, message, data }: WireError): RpcError {
  const said = unknownMethod(method, message) ?? message;
  const details = { method, rpcCode: code, data, serverMessage: message };
  return new RpcError(`${method} failed: ${said} (${code})${hintFor(method, message)}`, details);
}

/** Codex refuses a method with the names of all that it knows, some two hundred. */
function unknownMethod(method: string, message: string): string | undefined {
  const [refused, ...known] = namesIn(message);
  if (refused !== method || !message.includes('unknown variant') || known.length === 0) return undefined;
  const nearest = nearestNames(method, known, NEAREST).map((name) => `"${name}"`);
  return `the server knows no method "${method}"; the nearest of its ${known.length} are ${nearest.join(', ')}`;
}

/** The names that a message has in backquotes, in order. */
function namesIn(message: string): string[] {
  return [...message.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '');
}

function hintFor(method: string, message: string): string {
  if (message === 'Not initialized') return '; call initialize() first';
  if (/^thread not (found|loaded)\b/.test(message) && method !== 'thread/resume')
    return '; resume it first: threadResume({ threadId })';
  return '';
}
