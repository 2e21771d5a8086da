/** What a collector gets: the spans of a turn over OTLP, as the real exporter sends them to a receiver on loopback. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { traced } from 'codex-async-client/otel';
import { fakeTurnRun } from 'codex-async-client/testing';
import { expect, test } from 'vitest';
import { eventfulTurn } from './said.js';

/** A span as OTLP has it in JSON. */
interface OtlpSpan {
  readonly name: string;
  readonly kind: number;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly startTimeUnixNano: string;
  readonly status: { readonly code: number };
  readonly events: readonly { readonly name: string }[];
}

/** What was posted to `/v1/traces`. */
interface OtlpRequest {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly {
      readonly scope: { readonly name: string };
      readonly schemaUrl?: string;
      readonly spans: readonly OtlpSpan[];
    }[];
  }[];
}

/** Takes what is posted, and answers as a collector does. */
class Receiver implements AsyncDisposable {
  readonly requests: OtlpRequest[] = [];
  readonly #server = createServer(async (request, response) => {
    // The edge of the wire: the exporter's JSON.
    if (request.url === '/v1/traces') this.requests.push(JSON.parse(await text(request)) as OtlpRequest);
    response.setHeader('content-type', 'application/json').end('{}');
  });

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1/traces`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

test('a receiver gets the tree of a turn', async () => {
  await using receiver = new Receiver();
  const exporter = new OTLPTraceExporter({ url: await receiver.start() });
  const provider = new BasicTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter)] });
  const run = fakeTurnRun({ messages: eventfulTurn(), failure: 'rate limit' });
  for await (const _ of traced(run, { tracer: provider.getTracer('codex-async-client'), model: 'gpt-5.5' }));
  await provider.shutdown();

  const [scope] = receiver.requests.flatMap(({ resourceSpans }) =>
    resourceSpans.flatMap((of) => of.scopeSpans),
  );
  expect(scope?.scope.name).toBe('codex-async-client');
  const spans = scope?.spans ?? [];
  const root = spans.find(({ name }) => name === 'invoke_agent codex');
  expect(root).toMatchObject({ kind: 1, startTimeUnixNano: '1767225600100000000', status: { code: 2 } });
  const children = spans.filter(({ parentSpanId }) => parentSpanId === root?.spanId);
  expect(children.map(({ name, kind }) => `${name} ${kind}`).sort()).toEqual([
    'chat gpt-5.5 3',
    'chat gpt-5.5 3',
    'execute_tool shell 1',
  ]);
  const tool = children.find(({ name }) => name === 'execute_tool shell');
  expect(tool?.events.map(({ name }) => name)).toEqual(['approval.requested', 'approval.resolved']);
  expect(spans).toHaveLength(4);
});
