/** What counts as a model call, of usage that is told once, again, or after somebody came late. */
import { ROOT_CONTEXT } from '@opentelemetry/api';
import type { ServerMessage } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { ConversationSpans } from '../../src/otel/conversation-spans.js';
import { RecordedSpans } from './recorded-spans.js';
import { ask, at, begun, command, item, over, says, usage } from './said.js';

/** The trees of these messages, and what each span has used of input. */
function spansOf(messages: readonly ServerMessage[]): { tree: string[]; inputs: unknown[] } {
  const recorded = new RecordedSpans();
  const spans = new ConversationSpans({
    tracer: recorded.tracer,
    content: false,
    parent: ROOT_CONTEXT,
    assumed: {},
  });
  for (const message of messages) spans.see(message);
  const inputs = recorded.ended.map(({ attributes }) => attributes['gen_ai.usage.input_tokens']);
  return { tree: recorded.tree(), inputs };
}

const FAILED = ['invoke_agent codex (failed, ERROR _OTHER)', '  chat (ERROR _OTHER)'];
const fails = at(25, 'error', { willRetry: false });
const inner = { turnId: 'second' };

describe('a turn that fails before the model has said anything', () => {
  test('has nothing of the turn before, whose usage is told again', () => {
    const { tree, inputs } = spansOf([
      begun(0),
      ...says(1, 2, 'Hi'),
      usage(3, 110),
      over(4),
      begun(10, 'second'),
      usage(20, 110, 110, inner),
      over(30, 'failed', 'second'),
    ]);
    expect(tree).toEqual(['invoke_agent codex (completed)', '  chat', ...FAILED]);
    expect(inputs).toEqual([100, 100, undefined, undefined]);
  });

  test('has none either where nobody heard of the turn before', () => {
    const { tree, inputs } = spansOf([begun(10), usage(20, 1_100), fails, over(30, 'failed')]);
    expect(tree).toEqual(FAILED);
    expect(inputs).toEqual([undefined, undefined]);
  });

  test('because its thread is full has not used its window', () => {
    const full = { totalTokens: 258_400, inputTokens: 0, outputTokens: 0 };
    const none = { cachedInputTokens: 0, cacheWriteInputTokens: 0, reasoningOutputTokens: 0 };
    const tokenUsage = { total: { ...full, ...none }, last: { ...full, ...none }, modelContextWindow: null };
    const told = at(22, 'thread/tokenUsage/updated', { tokenUsage });
    expect(spansOf([begun(10), usage(20, 1_100), told, over(30, 'failed')])).toEqual({
      tree: FAILED,
      inputs: [undefined, undefined],
    });
  });
});

describe('the first usage of a turn that nothing was heard of', () => {
  test.each([
    ['completes', [over(30)], ['  chat']],
    [
      'calls a tool',
      [item(30, 'started', command('inProgress'))],
      ['  chat', '  chat (unfinished: interrupted)'],
    ],
    ['asks', [ask(1, 'item/tool/requestUserInput')], ['  chat']],
    ['goes on', says(30, 40, 'Hi'), ['  chat', '  chat (unfinished: interrupted)']],
    ['uses more', [usage(30, 220)], ['  chat', '  chat']],
  ] as const)('is that of a call when the turn then %s', (_what, then, expected) => {
    const { tree } = spansOf([begun(0), usage(10, 110), ...then, over(50, 'interrupted')]);
    expect(tree.filter((line) => line.startsWith('  chat'))).toEqual([...expected]);
  });

  test('is that of a call before another, which fails', () => {
    const { inputs } = spansOf([begun(0), usage(10, 110), usage(20, 220), fails, over(30, 'failed')]);
    expect(inputs).toEqual([100, 100, 200]);
  });
});
