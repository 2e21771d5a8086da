// Writes the part of the flat file that upstream does not have: the maps method -> params -> response, the
// lists of methods for run time, and the interface with one typed method for each protocol method.

import { methodName } from '../protocol/methods.js';
import type { Declaration } from './flatten.js';
import type { Method, MethodMap } from './method-map.js';

/** The method that the client defines by hand, because it also keeps the handshake's state. */
const HANDSHAKE = 'initialize';

/** Names this part declares; an upstream type of the same name stops the generator. */
export const OWN_NAMES: readonly string[] = [
  'ClientRequests',
  'ServerRequests',
  'ServerNotifications',
  'ClientNotifications',
  'TypedMethods',
  'MethodsWithoutResponse',
  'OptionalParamsMethod',
  'RequestOptions',
];

/** The text of the maps, the lists and the typed methods. */
export function methodTypes(map: MethodMap, declarations: readonly Declaration[]): string {
  const docs = new Map(declarations.map(({ name, doc }) => [name, doc]));
  return [
    requestMap(
      'ClientRequests',
      'Every request a client may send, with its params and response.',
      map.clientRequests,
    ),
    requestMap(
      'ServerRequests',
      'Every request the server may send, with its params and the response it awaits.',
      map.serverRequests,
    ),
    paramsMap(
      'ServerNotifications',
      'Every notification the server may send, with its params.',
      map.serverNotifications,
    ),
    paramsMap(
      'ClientNotifications',
      'Every notification a client may send, with its params.',
      map.clientNotifications,
    ),
    methodUnion(
      'MethodsWithoutResponse',
      'Requests whose response type is not known; `never` when each has one.',
      [...map.clientRequests, ...map.serverRequests].filter(({ response }) => response === undefined),
    ),
    methodUnion(
      'OptionalParamsMethod',
      'Client methods whose params may be left out: they take none, or each of their fields is optional.',
      map.clientRequests.filter(({ paramsOptional }) => paramsOptional),
    ),
    list('CLIENT_METHODS', 'Every method a client may call.', map.clientRequests),
    list('SERVER_REQUEST_METHODS', 'Every method the server may call.', map.serverRequests),
    list('SERVER_NOTIFICATION_METHODS', 'Every notification the server may send.', map.serverNotifications),
    list(
      'EXPERIMENTAL_METHODS',
      'Client methods that need `experimentalApi`.',
      map.clientRequests.filter(isExperimental),
    ),
    list(
      'EXPERIMENTAL_SERVER_REQUEST_METHODS',
      'Server requests sent only with `experimentalApi`.',
      map.serverRequests.filter(isExperimental),
    ),
    list(
      'EXPERIMENTAL_SERVER_NOTIFICATION_METHODS',
      'Notifications sent only with `experimentalApi`.',
      map.serverNotifications.filter(isExperimental),
    ),
    typedMethods(map.clientRequests, docs),
  ].join('\n');
}

const isExperimental = ({ experimental }: Method): boolean => experimental;

function requestMap(name: string, doc: string, methods: readonly Method[]): string {
  const lines = methods.map(
    ({ method, params, response }) =>
      `  '${method}': { params: ${params}; response: ${response ?? 'unknown'} };\n`,
  );
  return `/** ${doc} */\nexport interface ${name} {\n${lines.join('')}}\n`;
}

function paramsMap(name: string, doc: string, methods: readonly Method[]): string {
  const lines = methods.map(({ method, params }) => `  '${method}': ${params};\n`);
  return `/** ${doc} */\nexport interface ${name} {\n${lines.join('')}}\n`;
}

function methodUnion(name: string, doc: string, methods: readonly Method[]): string {
  const members = methods.map(({ method }) => `\n  | '${method}'`).join('');
  return `/** ${doc} */\nexport type ${name} =${members === '' ? ' never' : members};\n`;
}

function list(name: string, doc: string, methods: readonly Method[]): string {
  const lines = methods.map(({ method }) => `\n  '${method}',`).join('');
  return `/** ${doc} */\nexport const ${name} = [${lines}${lines === '' ? '' : '\n'}] as const;\n`;
}

function typedMethods(methods: readonly Method[], docs: ReadonlyMap<string, string>): string {
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
