/** Calls of tools as a server makes them, and what it was answered. */
import type { PipedServer } from '../helpers/piped-server.js';

/** A call, as the server writes it. */
export interface Calling {
  readonly id: number;
  readonly tool: string;
  readonly input?: unknown;
  readonly threadId?: string;
  readonly turnId?: string;
  readonly namespace?: string;
}

/** The line of a call. */
export function calling({
  id,
  tool,
  input = {},
  threadId = 't',
  turnId = 'turn',
  namespace,
}: Calling): object {
  const params = {
    threadId,
    turnId,
    callId: `call ${id}`,
    namespace: namespace ?? null,
    tool,
    arguments: input,
  };
  return { id, method: 'item/tool/call', params };
}

/** The end of a turn. */
export function ended(threadId = 't', turnId = 'turn'): object {
  const turn = { id: turnId, status: 'interrupted', items: [], error: null };
  return { method: 'turn/completed', params: { threadId, turn } };
}

/** An answer with one text. */
export interface TextAnswer {
  readonly success: boolean;
  readonly text: string;
}

/** The answers to a call, of which there is one at most. */
export function answersTo({ received }: PipedServer, id: number): unknown[] {
  return received.filter((line) => line.id === id && line.method === undefined).map(({ result }) => result);
}

/** The answer to a call, once it has come. */
export async function answerTo(server: PipedServer, id: number): Promise<TextAnswer> {
  const { result } = await server.receivedWhere((line) => line.id === id && line.method === undefined);
  // What the package sends is what the protocol asks for.
  const { success, contentItems } = result as {
    readonly success: boolean;
    readonly contentItems: readonly { readonly text: string }[];
  };
  return { success, text: contentItems.map(({ text }) => text).join('') };
}
