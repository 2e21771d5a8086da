/** How a method's name decides the types of its params and its answer. Types only. */
import type { ClientRequests, OptionalParamsMethod } from '../../protocol/generated.js';
import type { RequestOptions } from './request-options.js';

/** A method this version of the protocol knows; see `PROTOCOL_VERSION`. */
export type ClientMethod = keyof ClientRequests;

/** The params of a method; `unknown` for a method these types do not know. */
export type ParamsOf<M extends string> = M extends ClientMethod ? ClientRequests[M]['params'] : unknown;

/** The answer to a method; `unknown` for a method these types do not know. */
export type ResponseOf<M extends string> = M extends ClientMethod ? ClientRequests[M]['response'] : unknown;

/** What follows the method's name: params may be left out only where each of their fields may. */
export type RequestArguments<M extends string> = M extends OptionalParamsMethod
  ? [params?: ParamsOf<M>, options?: RequestOptions]
  : M extends ClientMethod
    ? [params: ParamsOf<M>, options?: RequestOptions]
    : [params?: unknown, options?: RequestOptions];
