/** Messages as the server sends them, small and numbered, so that a test can tell them apart. */
import type { ServerMessage, ServerNotification, ServerRequest } from 'codex-async-client';

/** Where a message belongs. */
export interface Where {
  readonly threadId?: string;
  readonly turnId?: string;
}

/** A delta with the number `n` as its text. */
export function delta(n: number, where: Where = {}): ServerNotification<'item/agentMessage/delta'> {
  const { threadId = 'thread', turnId = 'turn' } = where;
  const params = { threadId, turnId, itemId: 'item', delta: String(n) };
  return { kind: 'notification', method: 'item/agentMessage/delta', params };
}

/** A server request with the number `n` as its id. */
export function ask(n: number, where: Where = {}): ServerRequest<'item/tool/call'> {
  const { threadId = 'thread', turnId = 'turn' } = where;
  const params = { threadId, turnId, callId: `call ${n}`, namespace: null, tool: 'tool', arguments: {} };
  return { kind: 'request', id: n, method: 'item/tool/call', params };
}

/** The message as it goes over the wire. */
export function wire(message: ServerMessage): object {
  const { kind: _, ...rest } = message;
  return rest;
}

/** Deltas numbered `from` to `to`, both included. */
export function deltas(from: number, to: number, where: Where = {}): ServerMessage[] {
  return Array.from({ length: to - from + 1 }, (_, index) => delta(from + index, where));
}

/** The number a message was made with. */
export function numberOf(message: ServerMessage | undefined): number | undefined {
  if (message === undefined) return undefined;
  if (message.kind === 'request') return Number(message.id);
  return message.method === 'item/agentMessage/delta' ? Number(message.params.delta) : undefined;
}
