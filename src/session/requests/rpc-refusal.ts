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

/**
 * The methods that a server knows, from its refusal of one that it does not: "unknown variant `x`, expected one of `a`,
 * `b`, ...", some two hundred. Empty when it is another refusal.
 */
export function methodsListedIn(refusal: string, method: string): string[] {
  const [refused, ...known] = [...refusal.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '');
  return refused === method ? known : [];
}

function unknownMethod(method: string, message: string): string | undefined {
  const known = methodsListedIn(message, method);
  if (!message.includes('unknown variant') || known.length === 0) return undefined;
  const nearest = nearestNames(method, known, NEAREST).map((name) => `"${name}"`);
  return `the server knows no method "${method}"; the nearest of its ${known.length} are ${nearest.join(', ')}`;
}

function hintFor(method: string, message: string): string {
  if (message === 'Not initialized') return '; call initialize() first';
  if (/^thread not (found|loaded)\b/.test(message) && method !== 'thread/resume')
    return '; resume it first: threadResume({ threadId })';
  return '';
}
