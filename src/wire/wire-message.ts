/**
 * One line to one JSON-RPC message, and messages to lines. Owns the shapes on the wire, knows no method by
 * name. The server writes no `jsonrpc` member and needs none; one that is there is ignored.
 */
import { constants } from 'node:buffer';
import { memberOf } from '../support/argument-checks.js';
import { InvalidArgumentError, ProtocolError } from '../support/errors.js';

/** A JSON-RPC id. `0` is an id like any other, and `0` and `"0"` are two ids. */
export type RequestId = string | number;

/** The error member of a response. */
export interface WireError {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

/** What a line can hold. */
export type WireMessage =
  | {
      readonly kind: 'notification';
      readonly method: string;
      readonly params: unknown;
      readonly emittedAtMs?: number;
    }
  | { readonly kind: 'request'; readonly id: RequestId; readonly method: string; readonly params: unknown }
  | { readonly kind: 'result'; readonly id: RequestId; readonly result: unknown }
  | { readonly kind: 'error'; readonly id: RequestId | null; readonly error: WireError };

/** The members that JSON-RPC and the app-server put on a line. */
interface Envelope {
  readonly id?: unknown;
  readonly method?: unknown;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: unknown;
  readonly emittedAtMs?: unknown;
}

/** How much of a bad line an error message shows. */
const EXCERPT_CHARS = 200;

/**
 * Parses one line that starts with `{`.
 * @throws ProtocolError when it is not JSON or not a JSON-RPC message
 */
export function parseMessage(line: string): WireMessage {
  let envelope: Envelope;
  try {
    // A line that starts with "{" and parses is an object: nothing else starts so in JSON.
    envelope = JSON.parse(line) as Envelope;
  } catch (cause) {
    throw protocolError('a line that is not JSON', line, cause);
  }
  const { id, method } = envelope;
  if (typeof method === 'string') {
    if (id === undefined) return notification(method, envelope);
    if (isRequestId(id)) return { kind: 'request', id, method, params: envelope.params };
  } else if (method === undefined) {
    if (isRequestId(id) && envelope.result !== undefined)
      return { kind: 'result', id, result: envelope.result };
    if ((isRequestId(id) || id === null) && isWireError(envelope.error))
      return { kind: 'error', id, error: envelope.error };
  }
  throw protocolError('a JSON object that is not a JSON-RPC message', line);
}

/** The error for a line that starts like a message and is none. */
export function protocolError(what: string, line: string, cause?: unknown): ProtocolError {
  const excerpt = line.length > EXCERPT_CHARS ? `${line.slice(0, EXCERPT_CHARS)}...` : line;
  const message = `the server wrote ${what}, so the connection was closed; the line starts: ${excerpt}`;
  return new ProtocolError(message, cause === undefined ? undefined : { cause });
}

/**
 * The line of a request. `paramsJson` is JSON text that was made when the call was made.
 * @throws InvalidArgumentError when the line would be longer than the longest string
 */
export function requestLine(
  id: RequestId,
  method: string,
  paramsJson: string,
  traceJson: string | undefined,
): string {
  return lineOf(`${method}: params`, () => {
    const trace = traceJson === undefined ? '' : `,"trace":${traceJson}`;
    return `{"id":${JSON.stringify(id)},"method":${JSON.stringify(method)},"params":${paramsJson}${trace}}\n`;
  });
}

/** The line of a notification to the server. @throws InvalidArgumentError as {@link requestLine} does */
export function notificationLine(method: string, paramsJson: string | undefined): string {
  return lineOf(`${method}: params`, () => {
    const params = paramsJson === undefined ? '' : `,"params":${paramsJson}`;
    return `{"method":${JSON.stringify(method)}${params}}\n`;
  });
}

/** The line of an answer to a server request. @throws InvalidArgumentError as {@link requestLine} does */
export function resultLine(id: RequestId, resultJson: string): string {
  return lineOf('result', () => `{"id":${JSON.stringify(id)},"result":${resultJson}}\n`);
}

/** The line of a refusal of a server request. @throws InvalidArgumentError as {@link requestLine} does */
export function errorLine(
  id: RequestId,
  code: number,
  message: string,
  dataJson: string | undefined,
): string {
  return lineOf('error', () => {
    const data = dataJson === undefined ? '' : `,"data":${dataJson}`;
    return `{"id":${JSON.stringify(id)},"error":{"code":${code},"message":${JSON.stringify(message)}${data}}}\n`;
  });
}

/** Each part fits into a string; all of them together may not, and must not throw at whoever happens to send. */
function lineOf(argument: string, build: () => string): string {
  try {
    return build();
  } catch (cause) {
    const message = `${argument}: expected what fits into one line of ${constants.MAX_STRING_LENGTH} characters with the rest of its message, the longest string there is`;
    throw new InvalidArgumentError(argument, message, { cause });
  }
}

function notification(method: string, envelope: Envelope): WireMessage {
  const { params, emittedAtMs } = envelope;
  if (typeof emittedAtMs === 'number') return { kind: 'notification', method, params, emittedAtMs };
  return { kind: 'notification', method, params };
}

function isRequestId(id: unknown): id is RequestId {
  return typeof id === 'number' || typeof id === 'string';
}

function isWireError(error: unknown): error is WireError {
  return typeof memberOf(error, 'code') === 'number';
}
