/**
 * Which methods of the protocol the client has as methods of its own, and under which names. The generator writes their
 * types and the client makes them by the one function here, so that types and run time agree.
 *
 * A member of the client wins over a method of the protocol that a newer codex may call so; `request()` reaches that one
 * by its own name.
 */
import { methodName } from './methods.js';

/**
 * The names that are taken: the client's members, what every object has, and `then`, with which a client would be taken
 * for a promise. A test holds the list equal to the class.
 *
 * @internal
 */
export const TAKEN_NAMES: ReadonlySet<string> = new Set([
  // The client's state and its ends.
  'pid',
  'isAlive',
  'state',
  'serverInfo',
  'closed',
  'initialize',
  'initialized',
  'shutdown',
  'takeStderr',
  'stats',
  'supports',
  'peer',
  'turnQueues',
  // Messages.
  'request',
  'notify',
  'respond',
  'respondById',
  'respondError',
  'signalOf',
  'setStandingAnswer',
  'nextMessage',
  'events',
  'tap',
  'wire',
  // Longer work, and requests that take more than the protocol does.
  'turnRun',
  'turn',
  'reviewRun',
  'goalRun',
  'threadRun',
  'thread',
  'commandRun',
  'fileWatch',
  'login',
  'paginate',
  'toolCalls',
  'turnStart',
  'turnSteer',
  // Every object's, and those by which the language takes an object for something else.
  ...Object.getOwnPropertyNames(Object.prototype),
  'then',
]);

/** Methods that exist for the server's own tests: `mock/experimentalMethod`. @internal */
export function isMock(method: string): boolean {
  return method.startsWith('mock/');
}

/** The name of the client's method for a method of the protocol; undefined when it has none, and `request()` reaches it. */
export function typedMethodName(method: string): string | undefined {
  const name = methodName(method);
  return isMock(method) || TAKEN_NAMES.has(name) ? undefined : name;
}
