/** Spans of the real codex: the tree of a turn as it comes, and what becomes of a trace context that is sent with it. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { trace } from '@opentelemetry/api';
import { AsyncClient, approve } from 'codex-async-client';
import { traceAll, traceContextOf, traced } from 'codex-async-client/otel';
import {
  failure,
  LocalModelProvider,
  type LocalModelProviderOptions,
  shellCommand,
  text,
  toolCall,
} from 'codex-async-client/testing';
import { expect, test } from 'vitest';
import { RecordedSpans } from '../otel/recorded-spans.js';
import { codexWithModel } from './codex-with-model.js';

const WEATHER = {
  type: 'function',
  name: 'weather',
  description: 'The weather.',
  inputSchema: { type: 'object', properties: { city: { type: 'string' } } },
} as const;

test('a turn with tools, an approval and a failure has its tree', async () => {
  await using codex = await codexWithModel({ experimentalApi: true });
  codex.provider.enqueue(
    toolCall('weather', { city: 'Jena' }, { callId: 'call_weather' }),
    shellCommand('echo hi', { escalate: true }),
    failure({ code: 'rate_limit_exceeded', message: 'not now' }),
  );
  const recorded = new RecordedSpans();
  const run = codex.client.threadRun({ thread: { dynamicTools: [WEATHER] }, turn: 'go' });
  for await (const message of traced(run, { tracer: recorded.tracer })) {
    if (message.kind !== 'request') continue;
    if (message.method === 'item/tool/call')
      await codex.client.respond(message, {
        success: true,
        contentItems: [{ type: 'inputText', text: 'rain' }],
      });
    else await codex.client.respond(message, approve(message));
  }
  expect(recorded.tree()).toEqual([
    'invoke_agent codex (failed, ERROR rateLimitExceeded)',
    '  chat gpt-5.5',
    '  execute_tool weather',
    '  chat gpt-5.5',
    '  execute_tool shell',
    '    * approval.requested',
    '    * approval.resolved',
    '  chat gpt-5.5 (ERROR rateLimitExceeded)',
  ]);
  expect(recorded.attributesOf('execute_tool weather')).toMatchObject({
    'gen_ai.tool.type': 'function',
    'gen_ai.tool.call.id': 'call_weather',
    'codex.item.status': 'completed',
  });
  expect(recorded.attributesOf('execute_tool shell')).toMatchObject({
    'codex.approval.decision': 'accepted',
  });
  expect(recorded.attributesOf('invoke_agent codex')).toMatchObject({
    'gen_ai.provider.name': 'local',
    'gen_ai.usage.input_tokens': 200,
    'gen_ai.usage.output_tokens': 20,
  });
});

test('each turn of a goal has its tree', async () => {
  await using codex = await codexWithModel();
  codex.provider.enqueue(text('working'), [toolCall('update_goal', { status: 'complete' })], text('done'));
  const recorded = new RecordedSpans();
  const run = codex.client.goalRun({ threadId: await codex.newThread(), objective: 'count' });
  for await (const _ of traced(run, { tracer: recorded.tracer, model: 'gpt-5.5' }));
  expect((await run.result()).status).toBe('complete');
  const turns = recorded.ended.filter(({ name }) => name === 'invoke_agent codex');
  expect(turns.map(({ attributes }) => attributes['codex.turn.status'])).toEqual(['completed', 'completed']);
  const calls = recorded.ended.filter(({ name }) => name === 'chat gpt-5.5');
  expect(calls.map(({ parentSpanContext: parent }) => parent?.spanId)).toEqual(
    [turns[0], turns[1], turns[1]].map((turn) => turn?.spanContext().spanId),
  );
});

test('turns that result() reads have their spans by the client, in the order of the threads', async () => {
  await using codex = await codexWithModel();
  const recorded = new RecordedSpans();
  const tracing = traceAll(codex.client, { tracer: recorded.tracer, content: true });
  const threadId = await codex.newThread();
  await codex.client.turnRun({ threadId, input: 'one' }).result();
  await codex.client.turnRun({ threadId, input: 'two' }).result();
  await codex.client.shutdown();
  await tracing;
  expect(recorded.tree()).toEqual([
    'invoke_agent codex (completed)',
    '  chat gpt-5.5',
    'invoke_agent codex (completed)',
    '  chat gpt-5.5',
  ]);
  const inputs = recorded.ended.flatMap(({ attributes }) => attributes['gen_ai.input.messages'] ?? []);
  expect(inputs).toEqual([expect.stringContaining('one'), expect.stringContaining('two')]);
});

test('a turn that fails has nothing of the usage of the one before', async () => {
  await using codex = await codexWithModel();
  codex.provider.enqueue(text('Hi'), failure({ code: 'rate_limit_exceeded', message: 'not now' }));
  const recorded = new RecordedSpans();
  const alone = new RecordedSpans();
  const tracing = traceAll(codex.client, { tracer: recorded.tracer });
  const threadId = await codex.newThread();
  await codex.client.turnRun({ threadId, input: 'one' }).result();
  const failing = codex.client.turnRun({ threadId, input: 'two' });
  for await (const _ of traced(failing, { tracer: alone.tracer }));
  await codex.client.shutdown();
  await tracing;
  const inputs = (of: RecordedSpans) =>
    of.ended.map(({ attributes }) => attributes['gen_ai.usage.input_tokens']);
  expect(inputs(recorded)).toEqual([100, 100, undefined, undefined]);
  expect(inputs(alone)).toEqual([undefined, undefined]);
  expect(alone.tree()).toEqual([
    'invoke_agent codex (failed, ERROR rateLimitExceeded)',
    '  chat (ERROR rateLimitExceeded)',
  ]);
});

/** The trace context that the model's endpoint gets with a turn that has one. */
async function passedOn(config: LocalModelProviderOptions['config']): Promise<string | undefined> {
  await using provider = await LocalModelProvider.start(config === undefined ? {} : { config });
  provider.enqueue(text('Hi'));
  await using client = await AsyncClient.start(provider.options);
  const span = trace.wrapSpanContext({
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    traceFlags: 1,
  });
  const { thread } = await client.threadStart();
  await client.turnRun({ threadId: thread.id, input: 'go' }, { trace: traceContextOf(span) }).result();
  return provider.requests[0]?.headers['traceparent'];
}

test('a trace context reaches the model while codex exports traces itself, and not otherwise', async () => {
  expect(await passedOn(undefined)).toBeUndefined();
  const collector = createServer((request, response) => {
    request.resume().on('end', () => response.end('{}'));
  });
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}/v1/traces`;
  const exported = { trace_exporter: { 'otlp-http': { endpoint, protocol: 'json' } } };
  expect(await passedOn({ otel: exported })).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-[\da-f]{16}-01$/);
  collector.closeAllConnections();
  collector.close();
});
