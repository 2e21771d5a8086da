/** Spans for whatever a client hears of: nobody loses a message, and what is missed is said. */
import type { ServerMessage } from 'codex-async-client';
import { traceAll } from 'codex-async-client/otel';
import { describe, expect, test } from 'vitest';
import { wire } from '../helpers/messages.js';
import { agentMessage, PlayedServer } from '../runs/played-server.js';
import { RecordedSpans } from './recorded-spans.js';
import { begun, command, EVENTFUL_TREE, eventfulTurn, item, over } from './said.js';

/** Sends messages, all in one chunk, and lets them be read. */
async function say(server: PlayedServer, messages: readonly ServerMessage[]): Promise<void> {
  server.piped.send(...messages.map(wire));
  await server.piped.quiet();
}

/** Settles when the spans have come to so many. */
async function ended(recorded: RecordedSpans, count: number, server: PlayedServer): Promise<void> {
  while (recorded.ended.length < count) await server.piped.quiet();
}

describe('a client', () => {
  test('has spans of turns that nobody started here, and its streams lose nothing', async () => {
    await using server = new PlayedServer();
    const recorded = new RecordedSpans();
    const tracing = traceAll(server.client, { tracer: recorded.tracer });
    const messages = eventfulTurn();
    await say(server, messages);
    await ended(recorded, 4, server);
    expect(recorded.tree('with times')).toEqual(EVENTFUL_TREE);
    const read: unknown[] = [];
    for await (const { method } of server.client.events()) {
      read.push(method);
      if (method === 'turn/completed') break;
    }
    expect(read).toEqual(messages.map(({ method }) => method));
    await server.client.shutdown();
    await tracing;
  });

  test('has spans of a run that result() reads', async () => {
    await using server = new PlayedServer();
    const recorded = new RecordedSpans();
    const stop = new AbortController();
    const tracing = traceAll(server.client, { tracer: recorded.tracer, signal: stop.signal });
    const result = server.client.turnRun({ threadId: 't', input: 'x' }).result();
    (await server.turn()).accept().started().item(agentMessage('m', 'Hi')).complete();
    await result;
    await ended(recorded, 2, server);
    expect(recorded.tree()).toEqual(['invoke_agent codex (completed)', '  chat']);
    stop.abort();
    await tracing;
  });
});

describe('the end', () => {
  test('of a signal leaves turns that go on unfinished, and settles', async () => {
    await using server = new PlayedServer();
    const recorded = new RecordedSpans();
    const stop = new AbortController();
    const tracing = traceAll(server.client, { tracer: recorded.tracer, signal: stop.signal });
    await say(server, [begun(0), item(10, 'started', command('inProgress'))]);
    while (recorded.started < 3) await server.piped.quiet();
    stop.abort();
    await tracing;
    await say(server, [over(20)]);
    expect(recorded.tree()).toEqual([
      'invoke_agent codex (unfinished: left)',
      '  chat (unfinished: left)',
      '  execute_tool shell (unfinished: left)',
    ]);
    expect(server.client.stats().taps.open).toBe(0);
  });

  test('of a server that goes by itself is an error of the turns that go on, and settles', async () => {
    await using server = new PlayedServer();
    const recorded = new RecordedSpans();
    const tracing = traceAll(server.client, { tracer: recorded.tracer });
    await say(server, [begun(0)]);
    server.piped.end();
    await tracing;
    expect(recorded.tree()).toEqual(['invoke_agent codex (unfinished: lost, ERROR CODEX_SERVER_CLOSED)']);
  });
});

test('L1 what the tap has no room for is a gap on the turn, and holds nobody back', async () => {
  await using server = new PlayedServer();
  const recorded = new RecordedSpans();
  const tracing = traceAll(server.client, { tracer: recorded.tracer, maxHeldBytes: 1 });
  // All in one chunk: the tap holds the first of those that come before it is read.
  await say(server, [
    begun(0),
    item(10, 'started', command('inProgress')),
    item(20, 'started', command('inProgress', 'b')),
  ]);
  await say(server, [over(40)]);
  await server.client.shutdown();
  await tracing;
  const turn = recorded.named('invoke_agent codex');
  expect(turn.events.map(({ name }) => name)).toEqual(['codex.gap']);
  expect(turn.attributes).toMatchObject({ 'codex.turn.status': 'completed' });
});
