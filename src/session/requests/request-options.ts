/** The options that every call with an answer takes. Data only: no handlers. */

/** W3C trace context that travels with a request. */
export interface TraceContext {
  /** The `traceparent` header: version, trace id, parent id and flags. */
  readonly traceparent: string;
  /** The `tracestate` header. */
  readonly tracestate?: string | undefined;
}

/** Options of one request. */
export interface RequestOptions {
  /**
   * How long the call may take, in milliseconds, counted from the call itself: waiting in line and
   * retries after an overload are part of it. `0` means no limit.
   * @defaultValue the client's `requestTimeoutMs`; none for methods that answer only when outside work ends
   */
  readonly timeoutMs?: number | undefined;
  /** Aborting rejects the call with `signal.reason`. A request that is still in line is never sent. */
  readonly signal?: AbortSignal | undefined;
  /** W3C trace context, sent beside the params. */
  readonly trace?: TraceContext | undefined;
}
