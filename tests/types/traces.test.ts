// What the type system knows of traces: every kind of run can be traced, and what passes is what the run says.
import { ROOT_CONTEXT, type Span, type Tracer } from '@opentelemetry/api';
import type {
  AsyncClient,
  PulledStream,
  Run,
  ServerMessage,
  Supervisor,
  TraceContext,
} from 'codex-async-client';
import { traceAll, traceContextOf, traced } from 'codex-async-client/otel';
import { describe, expectTypeOf, test } from 'vitest';

/** For the type system only: the functions that use them are never run. */
declare const client: AsyncClient;
declare const supervisor: Supervisor;
declare const run: Run<{ title: string }>;
declare const tracer: Tracer;
declare const span: Span;

function check(_calls: () => unknown): void {}

describe('traces', () => {
  test('take runs of all kinds, and pass on what they say', () => {
    check(() => {
      expectTypeOf(traced(run)).toEqualTypeOf<PulledStream<ServerMessage>>();
      traced(client.turnRun({ threadId: 't', input: 'x' }), { tracer, content: true, parent: ROOT_CONTEXT });
      traced(client.threadRun({ turn: 'x' }));
      traced(client.turn({ threadId: 't', turnId: 'u' }));
      traced(supervisor.turnRun({ threadId: 't', input: 'x' }));
      traced(supervisor.threadRun({ turn: 'x' }));
      traced(client.goalRun({ threadId: 't', objective: 'x' }));
      // @ts-expect-error: a run is not its result
      traced(run.result());
      // @ts-expect-error: a run has a signal of its own
      traced(run, { signal: AbortSignal.abort() });
    });
  });

  test('take a client until it ends', () => {
    check(() => {
      const { signal } = new AbortController();
      expectTypeOf(traceAll(client, { tracer, signal, maxHeldBytes: 1 })).toEqualTypeOf<Promise<void>>();
      // @ts-expect-error: content is asked for with true
      traceAll(client, { content: 'all' });
    });
  });

  test('have a context that a run takes as it is', () => {
    check(() => {
      traceContextOf(ROOT_CONTEXT);
      // @ts-expect-error: a tracer has no context
      traceContextOf(tracer);
      expectTypeOf(traceContextOf(span)).toEqualTypeOf<TraceContext | undefined>();
      client.turnRun({ threadId: 't', input: 'x' }, { trace: traceContextOf() });
      client.request('model/list', {}, { trace: traceContextOf(span) });
    });
  });
});
