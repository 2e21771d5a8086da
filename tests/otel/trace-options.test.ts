/** What cannot work is refused at once, with its name. */
import { type TraceAllOptions, type TraceableClient, traceAll, traced } from 'codex-async-client/otel';
import { fakeTurnRun } from 'codex-async-client/testing';
import { describe, expect, test } from 'vitest';

const wrong = (value: object) => value as TraceAllOptions;

const client: TraceableClient = {
  tap: () => {
    throw new Error('a tap was opened');
  },
};

describe.each([
  ['traced', (options: TraceAllOptions) => traced(fakeTurnRun(), options)],
  ['traceAll', (options: TraceAllOptions) => traceAll(client, options)],
])('%s refuses', (_, call) => {
  test.each([
    [{ tracer: {} }, 'options.tracer: expected a tracer of @opentelemetry/api, got an object with keys []'],
    [
      { parent: {} },
      'options.parent: expected a context of @opentelemetry/api, such as trace.setSpan() gives',
    ],
    [{ content: 'yes' }, 'options.content: expected true or false, got "yes"'],
    [{ model: '' }, 'options.model: expected a non-empty string, got ""'],
    [{ provider: 1 }, 'options.provider: expected a non-empty string, got 1'],
    [{ contents: true }, 'options.contents: unknown name; did you mean "content"?'],
  ])('%j', (options, message) => {
    expect(() => call(wrong(options))).toThrow(message);
  });
});

test('a run that is none, and a client that is none, are refused', () => {
  expect(() => traced(wrong({}) as never)).toThrow('run: expected a run, such as that of client.turnRun()');
  expect(() => traceAll(wrong({}) as never)).toThrow('client: expected an AsyncClient');
});

test('a signal belongs to traceAll: a run has its own', () => {
  const { signal } = new AbortController();
  expect(() => traced(fakeTurnRun(), wrong({ signal }))).toThrow('options.signal: unknown name');
});
