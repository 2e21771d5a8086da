/**
 * Reads the unions of the wire (requests and notifications of both sides) and finds each method's params and response.
 * Upstream states no response types: they follow from names, the rest from a table by hand. A response that is not found
 * stays unknown, and is never guessed.
 */
import { methodName } from '../protocol/methods.js';
import type { Declaration } from './flatten.js';
import { RESPONSE_EXCEPTIONS } from './response-exceptions.js';
import { fieldsOf, mayBeLeftOut, unionMembers } from './type-shape.js';

/** One method of the protocol. */
export interface Method {
  readonly method: string;
  /** The text of its params type; `'undefined'` when it takes none. */
  readonly params: string;
  /** The name of the params type without `null` and `undefined`, if it has one. */
  readonly paramsName: string | undefined;
  /** May a caller leave the params out? */
  readonly paramsOptional: boolean;
  /** The name of its response type, `undefined` when none was found. */
  readonly response: string | undefined;
  /** Does the server refuse it without `experimentalApi`? */
  readonly experimental: boolean;
}

/** The methods of each direction, in upstream's order. */
export interface MethodMap {
  readonly clientRequests: readonly Method[];
  readonly serverRequests: readonly Method[];
  readonly serverNotifications: readonly Method[];
  readonly clientNotifications: readonly Method[];
}

/**
 * Builds the method map.
 *
 * @param all - the declarations with experimental methods
 * @param stable - the declarations without them
 * @throws Error when a union is missing or a member of it has no method
 */
export function readMethodMap(all: readonly Declaration[], stable: readonly Declaration[]): MethodMap {
  const bodies = new Map(all.map(({ name, body }) => [name, body]));
  const stableBodies = new Map(stable.map(({ name, body }) => [name, body]));
  const read = (union: string) => readMethods(union, bodies, stableBodies);
  return {
    clientRequests: read('ClientRequest'),
    serverRequests: read('ServerRequest'),
    serverNotifications: read('ServerNotification'),
    clientNotifications: read('ClientNotification'),
  };
}

type Bodies = ReadonlyMap<string, string>;

function readMethods(union: string, bodies: Bodies, stableBodies: Bodies): Method[] {
  const stable = new Set(messagesOf(union, stableBodies).map(({ method }) => method));
  return messagesOf(union, bodies).map(({ method, params }) => {
    const names = unionMembers(params).filter((member) => member !== 'null' && member !== 'undefined');
    const paramsName = names.length === 1 ? names[0] : undefined;
    return {
      method,
      params,
      paramsName,
      paramsOptional: mayBeLeftOut(params, (name) => bodies.get(name)),
      response: responseOf(method, paramsName, bodies),
      experimental: !stable.has(method),
    };
  });
}

function messagesOf(union: string, bodies: Bodies): { method: string; params: string }[] {
  const body = bodies.get(union);
  if (body === undefined) throw new Error(`the protocol has no type ${union}`);
  return unionMembers(body).map((member) => {
    const fields = fieldsOf(member) ?? [];
    const method = /^"(.+)"$/.exec(fields.find(({ name }) => name === 'method')?.type ?? '')?.[1];
    if (method === undefined) throw new Error(`a member of ${union} has no method: ${member.slice(0, 200)}`);
    const params = fields.find(({ name }) => name === 'params');
    return { method, params: paramsType(params?.type ?? 'undefined', params?.optional ?? false) };
  });
}

function paramsType(type: string, optional: boolean): string {
  return optional && !unionMembers(type).includes('undefined') ? `${type} | undefined` : type;
}

/** The response type of a method: named after its params type, else after the method, else from the table. */
function responseOf(method: string, paramsName: string | undefined, bodies: Bodies): string | undefined {
  const camel = methodName(method);
  const candidates = [
    paramsName?.replace(/Params$/, 'Response'),
    `${camel.charAt(0).toUpperCase()}${camel.slice(1)}Response`,
    RESPONSE_EXCEPTIONS[method],
  ];
  return candidates.find((name) => name !== undefined && name !== paramsName && bodies.has(name));
}
