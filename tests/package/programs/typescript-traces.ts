// Traces in TypeScript: needs the declarations of @opentelemetry/api, and those of nothing else.
import { trace } from '@opentelemetry/api';
import type { AsyncClient } from 'codex-async-client';
import { type TraceAllOptions, traceAll, traceContextOf, traced } from 'codex-async-client/otel';
import { fakeTurnRun } from 'codex-async-client/testing';

export function traceEverything(client: AsyncClient, options: TraceAllOptions): Promise<void> {
  client.turnRun({ threadId: 't', input: 'Hello!' }, { trace: traceContextOf() });
  return traceAll(client, options);
}

async function methods(): Promise<string[]> {
  const said: string[] = [];
  const tracer = trace.getTracer('a program');
  for await (const { method } of traced(fakeTurnRun({ finalMessage: 'Hi!' }), { tracer })) said.push(method);
  return said;
}

methods().then(
  (said) => globalThis.console.log(said.at(-1)),
  (error: unknown) => {
    throw error;
  },
);
