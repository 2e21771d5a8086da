/**
 * The plain HTTP side of the local provider: listening on the loopback address, reading a JSON body,
 * answering with JSON, closing with all its sockets. It knows nothing of models or replies.
 */
import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';

/** The only address the provider ever listens on: scripted replies are nobody else's business. */
const LOOPBACK = '127.0.0.1';

/** Starts to listen on a free port of the loopback address; gives the server's origin back. */
export async function listenOnLoopback(server: Server): Promise<string> {
  server.listen(0, LOOPBACK);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('the server has no TCP address');
  return `http://${address.address}:${address.port}`;
}

/** Stops listening and breaks every connection off; settles when no socket is left. */
export async function closeWithSockets(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}

/** The parsed body; `undefined` when it is not JSON or the peer went away. */
export async function readJsonBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk);
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    return undefined;
  }
}

/** Answers with JSON. */
export function sendJson(response: ServerResponse, status: number, body: object): void {
  if (response.destroyed) return;
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

/** Answers with an error in the form that the Responses API uses. */
export function sendError(response: ServerResponse, status: number, message: string): void {
  sendJson(response, status, { error: { message, type: 'local_model_provider', code: `http_${status}` } });
}

/** The headers with one text each. */
export function plainHeaders(request: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers))
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  return headers;
}
