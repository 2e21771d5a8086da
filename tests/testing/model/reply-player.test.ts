/** A scripted reply as codex gets it. */
import { gate, LocalModelProvider, text, toolCall, usage } from 'codex-async-client/testing';
import { describe, expect, test } from 'vitest';
import { ask, eventsOf, hello } from './endpoint.js';

describe('a reply', () => {
  test('is a stream of events that begins with created and ends with completed', async () => {
    await using provider = await LocalModelProvider.start({
      usage: usage({ inputTokens: 3, outputTokens: 4 }),
    });
    provider.enqueue([text('a', 'b'), toolCall('exec_command', { cmd: 'ls' }, { callId: 'c1' })]);
    const events = await eventsOf(await ask(provider, hello));
    expect(events.map((event) => event['type'])).toEqual([
      'response.created',
      'response.output_item.added',
      'response.output_text.delta',
      'response.output_text.delta',
      'response.output_item.done',
      'response.output_item.done',
      'response.completed',
    ]);
    expect(events[5]).toMatchObject({
      output_index: 1,
      item: { type: 'function_call', call_id: 'c1', name: 'exec_command', arguments: '{"cmd":"ls"}' },
    });
    expect(events[6]).toMatchObject({
      response: { usage: { input_tokens: 3, output_tokens: 4, total_tokens: 7 } },
    });
  });

  test('has item ids that no other reply has', async () => {
    await using provider = await LocalModelProvider.start({ defaultReply: [text('a'), text('b')] });
    const replies = [await eventsOf(await ask(provider, hello)), await eventsOf(await ask(provider, hello))];
    const done = replies.flat().filter((event) => event['type'] === 'response.output_item.done');
    const ids = done.map((event) => (event['item'] as { id: string }).id); // the shape is the provider's own
    expect(new Set(ids).size).toBe(4);
  });

  test('is aborted when the peer hangs up at a gate', async () => {
    await using provider = await LocalModelProvider.start();
    const held = gate();
    provider.enqueue(held);
    const controller = new AbortController();
    const response = await ask(provider, hello, controller.signal);
    await held.reached;
    controller.abort();
    await expect(response.text()).rejects.toThrow('abort');
    expect(await provider.requests[0]?.finished).toBe('aborted');
  });
});
