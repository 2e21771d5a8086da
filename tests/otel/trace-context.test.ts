/** A span's trace context, in the form that a request takes. */
import { context, createTraceState, ROOT_CONTEXT, type Span, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { traceContextOf } from 'codex-async-client/otel';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const SPAN_ID = 'b7ad6b7169203331';

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
});
afterAll(() => context.disable());

/** A span with these ids. */
function span(facts: { traceFlags?: number; tracestate?: string; traceId?: string } = {}): Span {
  const { traceFlags = 1, traceId = TRACE_ID, tracestate } = facts;
  const traceState = tracestate === undefined ? {} : { traceState: createTraceState(tracestate) };
  return trace.wrapSpanContext({ traceId, spanId: SPAN_ID, traceFlags, ...traceState });
}

describe('the trace context', () => {
  test('is the W3C form of a span, with its state where it has one', () => {
    expect(traceContextOf(span())).toEqual({ traceparent: `00-${TRACE_ID}-${SPAN_ID}-01` });
    expect(traceContextOf(span({ traceFlags: 0, tracestate: 'vendor=1' }))).toEqual({
      traceparent: `00-${TRACE_ID}-${SPAN_ID}-00`,
      tracestate: 'vendor=1',
    });
  });

  test('is that of the span in a context, by default the active one', () => {
    const inside = trace.setSpan(ROOT_CONTEXT, span());
    const expected = { traceparent: `00-${TRACE_ID}-${SPAN_ID}-01` };
    expect(traceContextOf(inside)).toEqual(expected);
    expect(context.with(inside, () => traceContextOf())).toEqual(expected);
  });

  test('is undefined where there is no span, or none that is valid', () => {
    expect(traceContextOf()).toBeUndefined();
    expect(traceContextOf(ROOT_CONTEXT)).toBeUndefined();
    expect(traceContextOf(span({ traceId: '0'.repeat(32) }))).toBeUndefined();
  });
});
