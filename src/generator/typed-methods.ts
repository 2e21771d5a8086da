/**
 * Writes the interface `TypedMethods`, with one method for each client request, documented as upstream documents its
 * params. Leaves out the handshake, which the client defines by hand.
 */
import { methodName } from '../protocol/methods.js';
import type { Declaration } from './flatten.js';
import type { Method } from './method-map.js';

/** The method that the client defines by hand, because it also keeps the handshake's state. */
const HANDSHAKE = 'initialize';

/** The text of the interface. */
export function typedMethods(methods: readonly Method[], declarations: readonly Declaration[]): string {
  const docs = new Map(declarations.map(({ name, doc }) => [name, doc]));
  const members = methods
    .filter(({ method }) => method !== HANDSHAKE)
    .map((method) => `${methodDoc(method, docs)}  ${signature(method)}\n`);
  return `/**
 * One method for each client request, named after it: \`thread/start\` is \`threadStart\`.
 *
 * Each sends one request and settles with its answer: it resolves with the server's result, and rejects with the
 * server's error, on time-out, on abort, or when the server goes.
 */
export interface TypedMethods {\n${members.join('\n')}}\n`;
}

function signature({ method, params, paramsOptional, response }: Method): string {
  const parameter = `params${paramsOptional ? '?' : ''}: ${params}`;
  return `${methodName(method)}(${parameter}, options?: RequestOptions): Promise<${response ?? 'unknown'}>;`;
}

// Upstream documents the params type; a caller hovers over the method. Block tags stay last, as TSDoc wants it.
function methodDoc({ method, paramsName, experimental }: Method, docs: ReadonlyMap<string, string>): string {
  const lines = docLines(docs.get(paramsName ?? '') ?? '');
  const tags = lines.findIndex((line) => line.startsWith('@'));
  const paragraphs = [
    [`Sends \`${method}\`.`],
    tags === -1 ? lines : lines.slice(0, tags),
    experimental ? ['Experimental: needs `experimentalApi`.'] : [],
    tags === -1 ? [] : lines.slice(tags),
  ];
  const text = paragraphs
    .filter((paragraph) => paragraph.length > 0)
    .map((paragraph) => paragraph.join('\n').trim());
  const body = text.join('\n\n').split('\n');
  return `  /**\n${body.map((line) => `   * ${line}`.trimEnd()).join('\n')}\n   */\n`;
}

/** The lines of a doc comment without its frame. */
function docLines(comment: string): string[] {
  const inside = comment.replace(/^\/\*\*/, '').replace(/\*\/$/, '');
  return inside
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, '').trimEnd())
    .join('\n')
    .trim()
    .split('\n')
    .filter((line, index, lines) => lines.length > 1 || line !== '' || index > 0);
}
