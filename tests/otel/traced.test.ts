/** A run with spans: its messages pass as they are, and its spans end with it. */
import { context, DiagLogLevel, diag, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { RpcError, type ServerMessage } from 'codex-async-client';
import { type TraceableRun, traced } from 'codex-async-client/otel';
import { fakeThreadRun, fakeTurnRun } from 'codex-async-client/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { outcomeOf } from '../helpers/piped-server.js';
import { agentMessage, PlayedServer } from '../runs/played-server.js';
import { RecordedSpans } from './recorded-spans.js';
import { eventfulTurn } from './said.js';

afterEach(() => {
  context.disable();
  trace.disable();
  diag.disable();
});

/** A run of these messages and no more. */
function runOf(messages: readonly ServerMessage[]): TraceableRun {
  const left = [...messages];
  const over = { done: true, value: undefined } as const;
  const next = async () => {
    const value = left.shift();
    return value === undefined ? over : { done: false as const, value };
  };
  return { threadId: 'thread', next, return: async () => over };
}

/** The eventful turn as a run, and the spans of a loop over it. */
async function readEventful(content = false): Promise<RecordedSpans> {
  const recorded = new RecordedSpans();
  for await (const _ of traced(runOf(eventfulTurn()), { tracer: recorded.tracer, content }));
  return recorded;
}

describe('a run that is read to its end', () => {
  test('has its tree, and every message passes as it is', async () => {
    const recorded = new RecordedSpans();
    const messages = eventfulTurn();
    const run = runOf(messages);
    const passed: ServerMessage[] = [];
    for await (const message of traced(run, { tracer: recorded.tracer })) passed.push(message);
    expect(passed).toEqual(messages);
    for (const message of messages) expect(passed).toContain(message);
    expect(recorded.tree()).toEqual([
      'invoke_agent codex (failed, ERROR rateLimitExceeded)',
      '  chat gpt-5.5',
      '  execute_tool shell',
      '    * approval.requested',
      '    * approval.resolved',
      '  chat gpt-5.5 (ERROR rateLimitExceeded)',
      '    * codex.retry',
    ]);
  });

  test('keeps what is said to itself unless it is asked for', async () => {
    const shown = (recorded: RecordedSpans) => JSON.stringify(recorded.ended.map((span) => span.attributes));
    expect(shown(await readEventful())).not.toContain('secret');
    expect(shown(await readEventful(true))).toContain('the secret');
  });

  test('has a result all the same', async () => {
    await using server = new PlayedServer();
    const recorded = new RecordedSpans();
    const run = server.client.turnRun({ threadId: 't', input: 'x' });
    const reading = (async () => {
      for await (const _ of traced(run, { tracer: recorded.tracer }));
    })();
    (await server.turn()).accept().started().item(agentMessage('m', 'Hi')).complete();
    await reading;
    expect(await run.result()).toMatchObject({ status: 'completed', finalMessage: 'Hi' });
    expect(recorded.tree()).toEqual(['invoke_agent codex (completed)', '  chat']);
  });

  test('names the model and the provider that it is told of, where no message tells', async () => {
    const recorded = new RecordedSpans();
    const given = { model: 'gpt-5.5', provider: 'azure.ai.openai' };
    for await (const _ of traced(fakeTurnRun({ finalMessage: 'Hi' }), { tracer: recorded.tracer, ...given }));
    expect(recorded.attributesOf('chat gpt-5.5')).toEqual({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'azure.ai.openai',
      'gen_ai.conversation.id': 'fake-thread',
      'gen_ai.request.model': 'gpt-5.5',
    });
  });

  test('of a thread names the model of its thread, and its provider as the conventions do', async () => {
    const recorded = new RecordedSpans();
    const thread = { thread: { id: 'fake-thread' }, model: 'gpt-5.5', modelProvider: 'amazon-bedrock' };
    // Of the answer to thread/start nothing else is looked at.
    const run = fakeThreadRun({ finalMessage: 'Hi', thread: thread as never });
    for await (const _ of traced(run, { tracer: recorded.tracer, model: 'another' }));
    expect(recorded.attributesOf('invoke_agent codex')).toMatchObject({
      'gen_ai.request.model': 'gpt-5.5',
      'gen_ai.provider.name': 'aws.bedrock',
    });
  });
});

describe('a run that is not', () => {
  test('L11 is left with the loop, and its spans are unfinished', async () => {
    await using server = new PlayedServer();
    const recorded = new RecordedSpans();
    const run = server.client.turnRun({ threadId: 't', input: 'x' });
    const reading = (async () => {
      for await (const _ of traced(run, { tracer: recorded.tracer })) break;
    })();
    const turn = await server.turn();
    turn.accept().started();
    await reading;
    const interrupt = await server.next('turn/interrupt');
    expect(interrupt.params).toEqual({ threadId: 't', turnId: turn.turnId });
    expect(recorded.tree()).toEqual(['invoke_agent codex (unfinished: left)']);
  });

  test('L11 is left by return() while a read waits, and before the first read', async () => {
    await using server = new PlayedServer();
    const recorded = new RecordedSpans();
    const waiting = traced(server.client.turnRun({ threadId: 't', input: 'x' }), { tracer: recorded.tracer });
    const read = waiting.next();
    (await server.turn()).accept();
    await waiting.return();
    expect(await read).toEqual({ done: true, value: undefined });
    await server.next('turn/interrupt');
    const unread = server.client.turnRun({ threadId: 'other', input: 'x' });
    await traced(unread, { tracer: recorded.tracer }).return();
    expect(await unread.next()).toEqual({ done: true, value: undefined });
    expect(recorded.started).toBe(0);
  });

  test('L11 has no spans of a message that was on its way when it was left', async () => {
    const recorded = new RecordedSpans();
    const messages = eventfulTurn();
    const stream = traced(runOf(messages), { tracer: recorded.tracer });
    await stream.next();
    const read = stream.next();
    await stream.return();
    expect((await read).value).toBe(messages[1]);
    expect(recorded.started).toBe(0);
  });

  test('passes the error of its server on, and its spans have it', async () => {
    await using server = new PlayedServer();
    const recorded = new RecordedSpans();
    const run = server.client.turnRun({ threadId: 't', input: 'x' });
    const reading = outcomeOf(
      (async () => {
        for await (const message of traced(run, { tracer: recorded.tracer }))
          if (message.method === 'turn/started') server.piped.end();
      })(),
    );
    (await server.turn()).accept().started();
    expect(await reading).toMatchObject({ code: 'CODEX_SERVER_CLOSED' });
    expect(recorded.tree()).toEqual(['invoke_agent codex (unfinished: lost, ERROR CODEX_SERVER_CLOSED)']);
  });

  test('has a span when it failed before its turn was heard of, whatever else was', async () => {
    await using server = new PlayedServer();
    const recorded = new RecordedSpans();
    const run = server.client.turnRun({ threadId: 't', input: 'x' });
    const methods: string[] = [];
    const reading = outcomeOf(
      (async () => {
        for await (const { method } of traced(run, { tracer: recorded.tracer })) methods.push(method);
      })(),
    );
    const turn = await server.turn();
    turn.send('thread/status/changed', { status: { type: 'idle' } });
    await server.piped.quiet();
    server.piped.end();
    expect(await reading).toMatchObject({ code: 'CODEX_SERVER_CLOSED' });
    expect(methods).toEqual(['thread/status/changed']);
    expect(recorded.tree()).toEqual(['invoke_agent codex (unfinished: lost, ERROR CODEX_SERVER_CLOSED)']);
  });

  test('has a span when the server refused to start it', async () => {
    const recorded = new RecordedSpans();
    const refusal = new RpcError('a secret', { method: 'turn/start', rpcCode: -32600, data: undefined });
    const run = {
      threadId: 't',
      next: () => Promise.reject(refusal),
      return: async () => ({ done: true, value: undefined }) as const,
    };
    expect(await outcomeOf(traced(run, { tracer: recorded.tracer }).next())).toBe(refusal);
    expect(recorded.tree()).toEqual(['invoke_agent codex (unfinished: lost, ERROR CODEX_RPC)']);
    expect(recorded.named('invoke_agent codex').status.message).toBeUndefined();
  });
});

describe('spans', () => {
  test('are under the span of the context that is given', async () => {
    const recorded = new RecordedSpans();
    const above = recorded.tracer.startSpan('job');
    const parent = trace.setSpan(ROOT_CONTEXT, above);
    for await (const _ of traced(runOf(eventfulTurn()), { tracer: recorded.tracer, parent }));
    above.end();
    expect(recorded.tree()[1]).toBe('  invoke_agent codex (failed, ERROR rateLimitExceeded)');
  });

  test('are under the span that is active at the call', async () => {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    const recorded = new RecordedSpans();
    const above = recorded.tracer.startSpan('request');
    const run = traced(fakeTurnRun({ finalMessage: 'Hi' }), { tracer: recorded.tracer });
    const inside = context.with(trace.setSpan(ROOT_CONTEXT, above), () =>
      traced(fakeTurnRun({ finalMessage: 'Hi' }), { tracer: recorded.tracer }),
    );
    for await (const _ of inside);
    for await (const _ of run);
    above.end();
    expect(recorded.tree()).toEqual([
      'invoke_agent codex (completed)',
      '  chat',
      'request',
      '  invoke_agent codex (completed)',
      '    chat',
    ]);
  });

  test('go to the global provider by default, under the name of the package and the version of the conventions', async () => {
    const asked: unknown[] = [];
    const recorded = new RecordedSpans();
    trace.setGlobalTracerProvider({
      getTracer: (...how) => {
        asked.push(how);
        return recorded.tracer;
      },
    });
    for await (const _ of traced(fakeTurnRun({ finalMessage: 'Hi' })));
    expect(asked).toEqual([
      ['codex-async-client', undefined, { schemaUrl: 'https://opentelemetry.io/schemas/1.41.0' }],
    ]);
    expect(recorded.ended).toHaveLength(2);
  });

  test('that cannot be made are told to the diagnostics, and the run goes on', async () => {
    const told: unknown[] = [];
    const quiet = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {}, verbose: () => {} };
    diag.setLogger({ ...quiet, error: (...words) => told.push(words) }, DiagLogLevel.ERROR);
    const broken = {
      startSpan: () => {
        throw new Error('no spans today');
      },
      startActiveSpan: () => {
        throw new Error('nor these');
      },
    };
    const methods: string[] = [];
    const run = fakeTurnRun({ finalMessage: 'Hi' });
    for await (const { method } of traced(run, { tracer: broken })) methods.push(method);
    expect(methods).toEqual(['turn/started', 'item/agentMessage/delta', 'item/completed', 'turn/completed']);
    expect(told).toContainEqual([
      expect.stringContaining('a span could not be made'),
      new Error('no spans today'),
    ]);
  });
});
