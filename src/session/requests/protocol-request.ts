/** How a method's name decides the types of its params and its answer. Types only. */
import type { ClientRequests, OptionalParamsMethod } from '../../protocol/generated.js';
import type { RequestOptions } from './request-options.js';

/** A method this version of the protocol knows; see `PROTOCOL_VERSION`. */
export type ClientMethod = keyof ClientRequests;

/** The params of a method; `unknown` for a method these types do not know. */
export type ParamsOf<M extends string> = M extends ClientMethod ? ClientRequests[M]['params'] : unknown;

/** The answer to a method; `unknown` for a method these types do not know. */
export type ResponseOf<M extends string> = M extends ClientMethod ? ClientRequests[M]['response'] : unknown;

/** What every method of a union takes: of a single method, its params. */
type ParamsOfEach<M extends string> = (M extends string ? (params: ParamsOf<M>) => void : never) extends (
  params: infer P,
) => void
  ? P
  : never;

/**
 * What follows the method's name: params may be left out only where each of their fields may. Of a method that can be one of
 * several it is what each of them takes.
 */
export type RequestArguments<M extends string> = [M] extends [OptionalParamsMethod]
  ? [params?: ParamsOfEach<M>, options?: RequestOptions]
  : [Extract<M, ClientMethod>] extends [never]
    ? [params?: unknown, options?: RequestOptions]
    : [params: ParamsOfEach<M>, options?: RequestOptions];
