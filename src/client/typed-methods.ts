/**
 * One method for every protocol method: `thread/start` -> `threadStart`. Their types and docs are generated;
 * their bodies are all the same, so they are made here from the list of methods.
 */
import { typedMethodName } from '../protocol/client-names.js';
import { CLIENT_METHODS } from '../protocol/generated.js';
import type { RequestOptions } from '../session/requests/request-options.js';

/** What a typed method is built on. */
interface Requester {
  request(method: string, params?: unknown, options?: RequestOptions): Promise<unknown>;
}

/**
 * Puts the typed methods on a class, and never in place of what is there: a member of the client wins over a method of
 * the protocol that is called so.
 *
 * @param check - throws when the params cannot be right; the method rejects with that
 * @param methods - the protocol's, all of them unless a test has others
 */
export function defineTypedMethods<C extends Requester>(
  prototype: C,
  check: (client: C, method: string, params: unknown) => void,
  methods: readonly string[] = CLIENT_METHODS,
): void {
  for (const method of methods) {
    const name = typedMethodName(method);
    if (name === undefined || name in prototype) continue;
    Object.defineProperty(prototype, name, {
      configurable: true,
      writable: true,
      value(this: C, params?: unknown, options?: RequestOptions): Promise<unknown> {
        try {
          check(this, method, params);
        } catch (error) {
          return Promise.reject(error);
        }
        return this.request(method, params, options);
      },
    });
  }
}
