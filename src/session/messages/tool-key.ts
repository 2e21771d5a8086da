/** The name by which a client's tool is called, in one text, so that calls can be routed by it. */
import type { AnyServerMessage, ServerRequest } from './server-message.js';

/** The method of a call. */
export const TOOL_CALL = 'item/tool/call' satisfies ServerRequest['method'];

/** A tool's name within its namespace; no name holds a slash. */
export function toolKey(namespace: string | undefined, tool: string): string {
  return namespace === undefined ? tool : `${namespace}/${tool}`;
}

/** The tool that a message calls; undefined when it is no call, or a malformed one. */
export function calledTool(message: AnyServerMessage): string | undefined {
  if (message.method !== TOOL_CALL) return undefined;
  const params: unknown = message.params;
  if (typeof params !== 'object' || params === null) return undefined;
  const { tool, namespace }: { readonly tool?: unknown; readonly namespace?: unknown } = params;
  if (typeof tool !== 'string') return undefined;
  return toolKey(typeof namespace === 'string' ? namespace : undefined, tool);
}
