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

/** Puts the typed methods on a class; `initialize` is the handshake's and is left alone. */
export function defineTypedMethods(prototype: Requester): void {
  for (const method of CLIENT_METHODS) {
    if (method === 'initialize') continue;
    Object.defineProperty(prototype, methodName(method), {
      configurable: true,
      writable: true,
      value(this: Requester, params?: unknown, options?: RequestOptions): Promise<unknown> {
        return this.request(method, params, options);
      },
    });
  }
}
