/**
 * Writes the interface `TypedMethods`, with one method for each client request. Leaves out what the client has no typed
 * method for: its own members win, and methods for the server's tests are nobody's; see `protocol/client-names.ts`.
 */
import { typedMethodName } from '../protocol/client-names.js';
import { methodDoc, type Upstream } from './method-docs.js';
import type { Method } from './method-map.js';

/** The text of the interface. */
export function typedMethods(methods: readonly Method[], upstream: Upstream): string {
  const members = methods.flatMap((method) => {
    const name = typedMethodName(method.method);
    return name === undefined
      ? []
      : [`${comment(methodDoc(method, upstream))}  ${signature(name, method)}\n`];
  });
  return `/**
 * One method for each client request, named after it: \`thread/start\` is \`threadStart\`.
 *
 * Each sends one request and settles with its answer: it resolves with the server's result, and rejects with the
 * server's error, on time-out, on abort, or when the server goes.
 */
export interface TypedMethods {\n${members.join('\n')}}\n`;
}

function signature(name: string, { params, paramsOptional, response }: Method): string {
  const parameter = `params${paramsOptional ? '?' : ''}: ${params}`;
  return `${name}(${parameter}, options?: RequestOptions): Promise<${response ?? 'unknown'}>;`;
}

function comment(lines: readonly string[]): string {
  return `  /**\n${lines.map((line) => `   * ${line}`.trimEnd()).join('\n')}\n   */\n`;
}
