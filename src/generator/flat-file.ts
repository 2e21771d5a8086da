/**
 * Puts the flat file together: header, upstream's types, the method maps, the typed methods. Pure: text in, text out.
 *
 * The same input gives the same bytes, and the only relative import is the one of `RequestOptions`.
 */
import { type Declaration, flatten } from './flatten.js';
import { indentComment, layOutType } from './layout.js';
import { type Method, type MethodMap, readMethodMap } from './method-map.js';
import { methodTypes } from './method-types.js';
import { nameTables } from './name-tables.js';
import { methodDescriptions, type Schemas } from './protocol-schemas.js';
import { type Directions, withSentTypes } from './sent-types.js';
import type { SourceFile } from './source-files.js';
import { typedMethods } from './typed-methods.js';

/** Names that the generator declares or imports itself; an upstream type of the same name stops it. */
const OWN_NAMES: readonly string[] = [
  'ClientRequests',
  'ServerRequests',
  'ServerNotifications',
  'ClientNotifications',
  'TypedMethods',
  'MethodsWithoutResponse',
  'OptionalParamsMethod',
  'RequestOptions',
];

/** What the flat file is made from. */
export interface FlatFileInput {
  /** The version of codex, e.g. `0.169.0`. */
  readonly version: string;
  /** The types with experimental methods. */
  readonly all: readonly SourceFile[];
  /** The types without them. */
  readonly stable: readonly SourceFile[];
  /** The schemas of the types with experimental methods, by name. */
  readonly schemas: Schemas;
}

/**
 * The whole text of `generated.ts`.
 *
 * @throws Error when the types do not fit what the generator knows about their format
 */
export function flatFile({ version, all, stable, schemas }: FlatFileInput): string {
  const upstream = flatten(all);
  const taken = upstream.find(({ name }) => OWN_NAMES.includes(name));
  if (taken) throw new Error(`upstream declares ${taken.name}, a name that the generator uses itself`);
  const stableTypes = flatten(stable);
  const upstreamMap = readMethodMap(upstream, stableTypes);
  const declarations = withSentTypes(upstream, directionsOf(upstreamMap), schemas);
  const map = readMethodMap(declarations, stableTypes);
  const usedBy = usesOf(map);
  return [
    header(version),
    ...declarations.map((declaration) => declarationText(declaration, usedBy.get(declaration.name))),
    methodTypes(map),
    nameTables(upstreamMap, upstream),
    typedMethods(map.clientRequests, {
      declarations: new Map(declarations.map((declaration) => [declaration.name, declaration])),
      descriptions: methodDescriptions(schemas),
    }),
  ].join('\n');
}

function directionsOf({ clientRequests, serverRequests }: MethodMap): Directions {
  const responsesOf = (methods: readonly Method[]) => methods.flatMap(({ response }) => response ?? []);
  return {
    sent: ['ClientRequest', 'ClientNotification', ...responsesOf(serverRequests)],
    received: ['ServerRequest', 'ServerNotification', ...responsesOf(clientRequests)],
  };
}

function header(version: string): string {
  return `// Protocol of \`codex app-server\` ${version}, made by \`npm run generate\`. Do not edit.
//
// The types are those of \`codex app-server generate-ts --experimental\`, by OpenAI, under the Apache License 2.0,
// put into one file: 64-bit integers are \`number\`, as JSON.parse gives them; of two different types with one
// name the older has the prefix \`Core\`.
//
// What a caller writes (params, and answers to the server's requests) takes \`undefined\` for a member that may be left
// out, takes read-only arrays, and lets out what the server has a default for and what serves codex's own tests. What
// the server sends is as upstream says. Of a type in both directions the form for callers has the prefix \`Sent\`, where the two differ.

import type { RequestOptions } from '../session/requests/request-options.js';

/** The version of codex that these types were made from. */
export const PROTOCOL_VERSION = '${version}';
`;
}

function declarationText({ name, doc, body }: Declaration, use: string | undefined): string {
  const comment = doc !== '' ? `${indentComment(doc, '')}\n` : use === undefined ? '' : `/** ${use} */\n`;
  const laidOut = layOutType(body);
  return `${comment}export type ${name} =${laidOut.startsWith('\n') ? '' : ' '}${laidOut};\n`;
}

// Upstream leaves most params and responses without a word; saying whose they are is what a hover needs.
function usesOf(map: MethodMap): Map<string, string> {
  const uses = new Map<string, string>();
  const say = (name: string | undefined, what: string, method: string) => {
    if (name !== undefined && !uses.has(name)) uses.set(name, `${what} \`${method}\`.`);
  };
  const sayOfRequests = (requests: readonly Method[], what: string) => {
    for (const { method, paramsName, response } of requests) {
      say(paramsName, `Params of${what}`, method);
      say(response, `Response to${what}`, method);
    }
  };
  sayOfRequests(map.clientRequests, '');
  sayOfRequests(map.serverRequests, ' the server request');
  for (const { method, paramsName } of map.serverNotifications)
    say(paramsName, 'Params of the notification', method);
  return uses;
}
