/**
 * What may be given in answer to a server request, as types. An answer that was made for a request is marked with the
 * request's method, so that it fits the requests of that type and no others; the mark exists in the types alone.
 */
import type { ServerRequests } from '../../protocol/generated.js';
import type { ServerRequestMethod } from './server-message.js';

/** What the server expects in answer to a server request of method `M`. */
export type ServerRequestResult<M extends ServerRequestMethod> = ServerRequests[M]['response'];

/** Whatever JSON can carry: the answer to a request that the types do not know. */
type UnknownResult = NonNullable<unknown> | null;

declare const madeFor: unique symbol;

/** Neither more methods nor fewer: an answer for one of two requests is none for both, and the other way round. */
type Exactly<M> = (method: M) => M;

interface MadeFor<M> {
  /** The method of the request it was made for, in the types alone: no answer has such a member. */
  readonly [madeFor]: Exactly<M>;
}

type ResultOf<M extends string> = M extends ServerRequestMethod ? ServerRequestResult<M> : UnknownResult;

/** What is a result of every method of a union: of a single method, its result. */
export type ResultOfEach<M extends string> = (
  M extends string
    ? (result: ResultOf<M>) => void
    : never
) extends (result: infer R) => void
  ? R
  : never;

/**
 * An answer that `approve`, `deny` or `accept` made for a request of method `M`: the plain response, with a mark in the types
 * of what it was made for. It fits that request, also one of which the types do not know which of several it is.
 */
export type MadeAnswer<M extends string> = ResultOf<M> & MadeFor<M>;

/** An answer that was written by hand: one that every request of the union takes. */
type WrittenAnswer<M extends string> = [Extract<M, ServerRequestMethod>] extends [never]
  ? UnknownResult
  : ResultOfEach<M> & Partial<MadeFor<M>>;

/**
 * What `respond` takes for a request of method `M`: its response, or what `approve`, `deny` or `accept` made for it. For a
 * request that can be of several methods it is what each of them takes; narrow it by `method` first. A request that the types
 * do not know takes any JSON value.
 */
export type AnswerTo<M extends string> = MadeAnswer<M> | WrittenAnswer<M>;
