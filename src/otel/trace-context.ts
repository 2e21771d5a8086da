/** The way from a span to the server: its W3C trace context, as data. */
import { type Context, context, isSpanContextValid, type Span, trace } from '@opentelemetry/api';
import type { TraceContext } from '../session/requests/request-options.js';

/**
 * The trace context of a span, for the option `trace` of a run or a request:
 * `client.turnRun(params, { trace: traceContextOf() })`. The server then has its own spans under that span, and passes the
 * context on to the model's endpoint, but only while it exports traces itself (`[otel]` in codex's configuration); a server
 * that does not leaves it unused.
 *
 * @param source - a span, or a context that has one. @defaultValue the active context
 * @returns `undefined` where there is no span, or none that is valid; the option takes that, too
 */
export function traceContextOf(source: Span | Context = context.active()): TraceContext | undefined {
  const found = 'spanContext' in source ? source.spanContext() : trace.getSpanContext(source);
  if (found === undefined || !isSpanContextValid(found)) return undefined;
  const { traceId, spanId, traceFlags, traceState } = found;
  const traceparent = `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
  const tracestate = traceState?.serialize();
  return tracestate === undefined || tracestate === '' ? { traceparent } : { traceparent, tracestate };
}
