/** Traces: the spans of a turn with a command and its approval, under a span of the program's own. */
import { ROOT_CONTEXT, trace } from '@opentelemetry/api';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { AsyncClient, approve } from 'codex-async-client';
import { traceContextOf, traced } from 'codex-async-client/otel';
import { LocalModelProvider, shellCommand, text } from 'codex-async-client/testing';

await using model = await LocalModelProvider.start();
model.enqueue(shellCommand('echo hi', { escalate: true }), text('It says hi.'));
await using client = await AsyncClient.start(model.options);

// A service has an exporter for its collector here, and registers its provider.
const exporter = new InMemorySpanExporter();
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
const tracer = provider.getTracer('example');

const job = tracer.startSpan('job');
const run = client.threadRun({ turn: 'Run echo hi.' }, { trace: traceContextOf(job) });
const parent = trace.setSpan(ROOT_CONTEXT, job);
for await (const msg of traced(run, { tracer, parent })) {
  if (msg.method === 'item/commandExecution/requestApproval') await client.respond(msg, approve(msg));
}
console.log(`the turn is ${(await run.result()).status}`);
job.end();

const spans = exporter.getFinishedSpans();
function print(parentId: string | undefined, indent: string): void {
  for (const span of spans.filter(({ parentSpanContext }) => parentSpanContext?.spanId === parentId)) {
    const events = span.events.map(({ name }) => name).join(', ');
    console.log(`${indent}${span.name} ${span.attributes['gen_ai.usage.input_tokens'] ?? events}`.trimEnd());
    print(span.spanContext().spanId, `${indent}  `);
  }
}
print(undefined, '');
