/**
 * One method for every protocol method: `thread/start` -> `threadStart`. Their types and docs are generated;
 * their bodies are all the same, so they are made here from the list of methods.
 */
import { CLIENT_METHODS } from '../protocol/generated.js';
import { methodName } from '../protocol/methods.js';
import type { RequestOptions } from '../session/requests/request-options.js';

/** What a typed method is built on. */
interface Requester {
  request(method: string, params?: unknown, options?: RequestOptions): Promise<unknown>;
}

/**
 * Puts the typed methods on a class; `initialize` is the handshake's and is left alone.
 * @param check - throws when the params cannot be right; the method rejects with that
 */
export function defineTypedMethods<C extends Requester>(
  prototype: C,
  check: (client: C, method: string, params: unknown) => void,
): void {
  for (const method of CLIENT_METHODS) {
    if (method === 'initialize') continue;
    Object.defineProperty(prototype, methodName(method), {
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
