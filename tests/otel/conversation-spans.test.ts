/** From messages to spans: the tree of a turn, whose child a turn is, and that nothing stays of what is over. */
import { ROOT_CONTEXT, type Tracer } from '@opentelemetry/api';
import { AlwaysOffSampler, BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import type { ServerMessage } from 'codex-async-client';
import { readTape } from 'codex-async-client/testing';
import { describe, expect, test } from 'vitest';
import { ConversationSpans } from '../../src/otel/conversation-spans.js';
import { bytesInUse } from '../helpers/heap.js';
import { namesOf, pathOf, versions } from '../tapes/tapes.js';
import { agentMessage, turn } from '../view/told.js';
import { RecordedSpans, T0 } from './recorded-spans.js';
import {
  ask,
  at,
  begun,
  command,
  EVENTFUL_TREE,
  eventfulTurn,
  item,
  over,
  says,
  threadStarted,
  usage,
} from './said.js';

function conversation(tracer: Tracer, content = false): ConversationSpans {
  return new ConversationSpans({ tracer, content, parent: ROOT_CONTEXT, assumed: {} });
}

/** Spans of these messages. */
function spansOf(messages: readonly ServerMessage[], content = false) {
  const recorded = new RecordedSpans();
  const spans = conversation(recorded.tracer, content);
  for (const message of messages) spans.see(message);
  return { recorded, spans };
}

/** What the server says on a tape. */
function saidOn(version: string, name: string): ServerMessage[] {
  return readTape(pathOf(version, name)).lines.flatMap((line): ServerMessage[] => {
    if (line.kind !== 'received' || typeof line.message['method'] !== 'string') return [];
    const kind = 'id' in line.message ? 'request' : 'notification';
    // What the real server said, which the drift check holds against these types.
    return [{ kind, ...line.message } as ServerMessage];
  });
}

const MCP_CALL = {
  type: 'mcpToolCall',
  status: 'inProgress',
  arguments: {},
  appContext: null,
  mcpAppUi: null,
  pluginId: null,
  readOnlyHint: null,
  result: null,
  error: null,
  durationMs: null,
} as const;

describe('a turn', () => {
  test('with a tool, an approval and a failure has this tree', () => {
    expect(spansOf(eventfulTurn()).recorded.tree('with times')).toEqual(EVENTFUL_TREE);
  });

  test('has what is known on each span, and no word that was said', () => {
    const { recorded } = spansOf(eventfulTurn());
    expect(recorded.attributesOf('invoke_agent codex')).toEqual({
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.provider.name': 'local',
      'gen_ai.agent.name': 'codex',
      'gen_ai.conversation.id': 'thread',
      'gen_ai.request.model': 'gpt-5.5',
      'gen_ai.usage.input_tokens': 100,
      'gen_ai.usage.output_tokens': 10,
      'gen_ai.usage.cache_read.input_tokens': 40,
      'gen_ai.usage.cache_creation.input_tokens': 0,
      'gen_ai.usage.reasoning.output_tokens': 5,
      'codex.turn.id': 'turn',
      'codex.turn.status': 'failed',
      'error.type': 'rateLimitExceeded',
    });
    expect(recorded.attributesOf('execute_tool shell')).toEqual({
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.conversation.id': 'thread',
      'gen_ai.tool.name': 'shell',
      'gen_ai.tool.type': 'extension',
      'gen_ai.tool.call.id': 'call',
      'codex.item.type': 'commandExecution',
      'codex.item.status': 'completed',
      'codex.approval.decision': 'accepted',
      'process.exit.code': 0,
    });
    const all = JSON.stringify(
      recorded.ended.map(({ attributes, events, status }) => [attributes, events, status]),
    );
    expect(all).not.toMatch(/secret|hunter2|Let me look|try again/);
  });

  test('has the words on its spans when content is asked for', () => {
    const user = { type: 'userMessage', id: 'u', clientId: null } as const;
    const content = [{ type: 'text' as const, text: 'Read it.', text_elements: [] }];
    const asked = item(110, 'completed', { ...user, content });
    const [thread, started, ...rest] = eventfulTurn();
    const { recorded } = spansOf(
      [thread, started, asked, ...rest].filter((said) => said !== undefined),
      true,
    );
    const turn = recorded.named('invoke_agent codex');
    expect(turn.status.message).toBe('the prompt was: hunter2');
    expect(turn.attributes['gen_ai.input.messages']).toBe(
      '[{"role":"user","parts":[{"type":"text","content":"Read it."}]}]',
    );
    expect(turn.attributes['gen_ai.output.messages']).toBe(
      '[{"role":"assistant","parts":[{"type":"text","content":"Let me look."}],"finish_reason":"stop"}]',
    );
    expect(recorded.attributesOf('execute_tool shell')).toMatchObject({
      'gen_ai.tool.call.arguments': '{"command":"cat secrets.txt","cwd":"/home/me"}',
      'gen_ai.tool.call.result': 'the secret',
    });
    const first = recorded.ended.find(({ name }) => name === 'chat gpt-5.5');
    expect(JSON.parse(String(first?.attributes['gen_ai.output.messages']))).toEqual([
      {
        role: 'assistant',
        parts: [
          { type: 'text', content: 'Let me look.' },
          {
            type: 'tool_call',
            id: 'call',
            name: 'shell',
            arguments: { command: 'cat secrets.txt', cwd: '/home/me' },
          },
        ],
        finish_reason: 'tool_call',
      },
    ]);
  });

  test('that is interrupted is no error, and what was under way is unfinished', () => {
    const { recorded } = spansOf([
      begun(0),
      ...says(10, 20, 'Let me'),
      item(30, 'started', command('inProgress')),
      over(40, 'interrupted'),
    ]);
    expect(recorded.tree('with times')).toEqual([
      'invoke_agent codex 0-40 (interrupted)',
      '  chat 0-40 (unfinished: interrupted)',
      '  execute_tool shell 30-40 (unfinished: interrupted)',
    ]);
  });

  test('that is interrupted before anything is heard has no model call, and one that fails has', () => {
    expect(spansOf([begun(0), over(10, 'interrupted')]).recorded.tree()).toEqual([
      'invoke_agent codex (interrupted)',
    ]);
    expect(spansOf([begun(0), over(10, 'failed')]).recorded.tree('with times')).toEqual([
      'invoke_agent codex 0-10 (failed, ERROR _OTHER)',
      '  chat 0-10 (ERROR _OTHER)',
    ]);
  });

  test('asks the model again when its tools are done, also where the usage is told before', () => {
    const { recorded } = spansOf([
      begun(0),
      item(10, 'started', command('inProgress')),
      usage(20, 110),
      item(500, 'completed', command('completed')),
      ...says(600, 700, 'Done'),
      usage(710, 220),
      over(720),
    ]);
    expect(recorded.tree('with times')).toEqual([
      'invoke_agent codex 0-720 (completed)',
      '  chat 0-10',
      '  execute_tool shell 10-500',
      '  chat 500-710',
    ]);
    expect(recorded.attributesOf('invoke_agent codex')).toMatchObject({ 'gen_ai.usage.input_tokens': 200 });
  });

  test('has what an MCP server asks on the call of its tool, and no decision that its item does not tell', () => {
    const { recorded } = spansOf(saidOn('0.169.0', 'mcp-form'));
    expect(recorded.tree()).toEqual([
      'invoke_agent codex (completed)',
      '  execute_tool book',
      '    * approval.requested',
      '    * approval.resolved',
      '    * input.requested',
      '    * input.resolved',
      '  chat gpt-5.5',
      '  chat gpt-5.5',
    ]);
    const tool = recorded.attributesOf('execute_tool book');
    expect(tool).toMatchObject({ 'codex.mcp.server': 'asker', 'codex.item.status': 'completed' });
    expect(tool).not.toHaveProperty('codex.approval.decision');
  });

  test('whose command is declined or fails says so, and goes on', () => {
    const { recorded } = spansOf([
      begun(0),
      item(10, 'started', command('inProgress', 'a')),
      ask(0, 'item/commandExecution/requestApproval', { itemId: 'a' }),
      at(20, 'serverRequest/resolved', { requestId: 0 }),
      item(30, 'completed', command('declined', 'a')),
      item(40, 'completed', command('failed', 'b')),
      usage(50, 110),
      over(60),
    ]);
    expect(recorded.tree()).toEqual([
      'invoke_agent codex (completed)',
      '  chat',
      '  execute_tool shell',
      '    * approval.requested',
      '    * approval.resolved',
      '  execute_tool shell (ERROR failed)',
    ]);
    const [declined, failed] = recorded.ended.filter(({ name }) => name === 'execute_tool shell');
    expect(declined?.attributes).toMatchObject({ 'codex.approval.decision': 'declined' });
    expect(failed?.attributes).toMatchObject({ 'process.exit.code': 3, 'error.type': 'failed' });
  });

  test('has no model call for usage that is told again', () => {
    const compaction = { type: 'contextCompaction', id: 'c' } as const;
    const { recorded } = spansOf([
      begun(0),
      item(10, 'started', compaction),
      usage(20, 110),
      usage(30, 220),
      usage(31, 220, 7_832),
      item(40, 'completed', compaction),
      over(50),
    ]);
    expect(recorded.tree('with times')).toEqual(['invoke_agent codex 0-50 (completed)', '  chat 0-30']);
    expect(recorded.attributesOf('invoke_agent codex')).toMatchObject({ 'gen_ai.usage.input_tokens': 100 });
  });

  test('that answers by another model names both', () => {
    const rerouted = {
      fromModel: 'gpt-5.5',
      toModel: 'gpt-5-mini',
      reason: 'highRiskCyberActivity',
    } as const;
    const { recorded } = spansOf([
      threadStarted(0),
      begun(1),
      at(2, 'model/rerouted', rerouted),
      ...says(3, 4, 'Hi'),
      usage(5, 110),
      over(6),
    ]);
    expect(recorded.attributesOf('chat gpt-5.5')).toMatchObject({
      'gen_ai.request.model': 'gpt-5.5',
      'gen_ai.response.model': 'gpt-5-mini',
    });
  });

  test('has what is asked of a user on it, and how long the answer took', () => {
    const question = ['  * input.requested', '  * input.resolved'];
    const permission = ['  * approval.requested', '  * approval.resolved'];
    const chats = ['  chat gpt-5.5', '  chat gpt-5.5', '  chat gpt-5.5'];
    const whole = (...events: string[]) => ['invoke_agent codex (completed)', ...events, ...chats];
    expect(spansOf(saidOn('0.169.0', 'question')).recorded.tree()).toEqual(whole(...question, ...question));
    expect(spansOf(saidOn('0.169.0', 'permissions')).recorded.tree()).toEqual(
      whole(...permission, ...permission),
    );
    const events = spansOf(eventfulTurn()).recorded.named('execute_tool shell').events;
    expect(events.map(({ attributes }) => attributes)).toEqual([
      { 'codex.request.method': 'item/commandExecution/requestApproval' },
      { 'codex.wait_ms': 2_000 },
    ]);
  });

  test('whose patch somebody was asked about says what the answer was', () => {
    const decisions = (tape: string) =>
      spansOf(saidOn('0.169.0', tape))
        .recorded.ended.filter(({ name }) => name === 'execute_tool apply_patch')
        .map(({ attributes }) => attributes['codex.approval.decision']);
    // The second patch is covered by the answer to the first one: nobody was asked.
    expect(decisions('file-change-accepted')).toEqual(['accepted', undefined]);
    expect(decisions('file-change-declined')).toEqual(['declined']);
  });

  test('has the question of an MCP server on the call of its tool, or on itself where it is not known which', () => {
    const call = (id: string, server: string) =>
      item(10, 'started', { ...MCP_CALL, id, server, tool: `tool of ${id}` });
    const noItem = { itemId: undefined };
    const question = ask(0, 'mcpServer/elicitation/request', { serverName: 'files', ...noItem });
    const one = spansOf([begun(0), call('a', 'others'), call('b', 'files'), question, over(20)]);
    expect(one.recorded.named('execute_tool tool of b').events).toHaveLength(1);
    const two = spansOf([begun(0), call('a', 'files'), call('b', 'files'), question, over(20)]);
    expect(two.recorded.named('invoke_agent codex').events).toHaveLength(1);
  });

  test('says with its content why a call said no more', () => {
    const reasons = (...end: Parameters<typeof over>) =>
      spansOf([begun(0), ...says(10, 20, 'Let me'), over(...end)], true).recorded.attributesOf('chat');
    expect(reasons(30, 'completed')['gen_ai.output.messages']).toContain('"finish_reason":"stop"');
    expect(reasons(30, 'failed')['gen_ai.output.messages']).toContain('"finish_reason":"error"');
    expect(reasons(30, 'interrupted')['gen_ai.output.messages']).toContain('"finish_reason":"interrupted"');
  });

  test('that runs within another of its thread is that one, by both names', () => {
    const { recorded } = spansOf([
      ...says(0, 10, 'Reviewing'),
      begun(20, 'inner', { rootTurnId: 'turn' }),
      usage(30, 110, 110, { turnId: 'inner' }),
      over(40),
    ]);
    expect(recorded.tree('with times')).toEqual(['invoke_agent codex 0-40 (completed)', '  chat 0-30']);
  });

  test('that is a review is one turn under two names', () => {
    const review = saidOn('0.169.0', 'review');
    expect(spansOf(review).recorded.tree()).toEqual(['invoke_agent codex (completed)', '  chat gpt-5.5']);
  });

  test('that is met while its last message comes has spans, too', () => {
    const said = { ...agentMessage('m', 'Hi'), startedAtMs: T0 + 5 };
    const { recorded } = spansOf([item(20, 'completed', said), usage(30, 110), over(40)]);
    expect(recorded.tree('with times')).toEqual(['invoke_agent codex 5-40 (completed)', '  chat 5-30']);
  });

  test('whose beginning nobody saw begins with what is seen first; what comes late of one begins nothing', () => {
    const late = item(50, 'started', agentMessage('m', ''));
    const { recorded, spans } = spansOf([...says(10, 20, 'Hi'), usage(30, 110), over(40), late]);
    expect(spans.openTurns).toBe(0);
    expect(recorded.tree('with times')).toEqual(['invoke_agent codex 10-40 (completed)', '  chat 10-30']);
  });
});

describe('a turn whose end nobody tells', () => {
  const status = (ms: number, type: 'idle' | 'active' | 'systemError') =>
    at(ms, 'thread/status/changed', { status: type === 'active' ? { type, activeFlags: [] } : { type } });
  const elsewhere = (ms: number) => begun(ms, 'another', {}, 'another');
  const ENDED = [
    'invoke_agent codex 0-100 (unfinished: lost)',
    '  execute_tool shell 10-100 (unfinished: lost)',
  ];
  const CALL = '  chat 0-100 (unfinished: lost)';

  test('ended when its thread went idle, and has ended when nothing followed for ten seconds', () => {
    const said = [begun(0), item(10, 'started', command('inProgress')), status(100, 'idle')];
    expect(spansOf([...said, elsewhere(10_100)]).spans.openTurns).toBe(2);
    const { recorded, spans } = spansOf([...said, elsewhere(10_101)]);
    expect(spans.openTurns).toBe(1);
    expect(recorded.tree('with times')).toEqual([ENDED[0], CALL, ENDED[1]]);
    // Nor does what is told of it after all.
    for (const late of [item(11_000, 'completed', command('completed')), over(12_000)]) spans.see(late);
    expect(spans.openTurns).toBe(1);
    expect(recorded.started).toBe(4);
  });

  test.each([
    ['its thread is active again', status(200, 'active')],
    ['it is heard of', item(200, 'started', command('inProgress', 'b'))],
  ])('has not when %s', (_what, sign) => {
    expect(spansOf([begun(0), status(100, 'systemError'), sign, elsewhere(60_000)]).spans.openTurns).toBe(2);
  });
});

describe('spans that cannot be ended', () => {
  test('keep no other from its end, nor the next turn from its spans', () => {
    const recorded = new RecordedSpans();
    const stuck = new Set(['chat', 'execute_tool shell']);
    const tracer: Tracer = {
      startSpan: (name, ...more) => {
        const span = recorded.tracer.startSpan(name, ...more);
        if (stuck.has(name))
          span.end = () => {
            throw new Error('no room');
          };
        return span;
      },
      startActiveSpan: recorded.tracer.startActiveSpan.bind(recorded.tracer),
    };
    const spans = conversation(tracer);
    const shell = (id: string) => item(10, 'started', command('inProgress'), { turnId: id });
    for (const message of [begun(0, 'a'), shell('a'), over(20, 'completed', 'a')]) spans.see(message);
    for (const message of [begun(30, 'b'), shell('b'), begun(40, 'c', {}, 'another')]) spans.see(message);
    spans.end('left');
    expect(spans.openTurns).toBe(0);
    expect(recorded.tree()).toEqual([
      'invoke_agent codex (completed)',
      'invoke_agent codex (unfinished: left)',
      'invoke_agent codex (unfinished: left)',
    ]);
  });
});

describe('a sub-agent', () => {
  test('has its turns under the turn that goes on in its parent', () => {
    expect(spansOf(saidOn('0.169.0', 'subagent')).recorded.tree()).toEqual([
      'invoke_agent codex (failed, ERROR _OTHER)',
      '  execute_tool spawnAgent',
      '  chat gpt-5.5',
      '  invoke_agent codex (completed)',
      '    chat gpt-5.5',
      '  chat gpt-5.5',
    ]);
  });

  test('has its own name, and that of the root of its work for a parent where no message names one', () => {
    const child = { threadId: 'child', turnId: 'work' };
    const { recorded } = spansOf([
      begun(0),
      threadStarted(5, { id: 'child', agentNickname: 'Ada' }),
      begun(10, 'work', { rootTurnId: 'turn' }, 'child'),
      item(20, 'completed', agentMessage('m', 'two'), child),
      usage(30, 110, 110, child),
      at(35, 'turn/completed', { threadId: 'child', turn: turn({ id: 'work', status: 'completed' }) }),
      over(40),
    ]);
    expect(recorded.tree()).toEqual([
      'invoke_agent codex (completed)',
      '  invoke_agent Ada (completed)',
      '    chat gpt-5.5',
    ]);
  });
});

describe('messages that are missing', () => {
  test('end what they may have ended, and the turn says how many there are', () => {
    const { recorded, spans } = spansOf([begun(0), item(10, 'started', command('inProgress'))]);
    spans.missed(7);
    spans.see(item(50, 'completed', command('completed')));
    spans.see(over(60));
    expect(recorded.tree('with times')).toEqual([
      'invoke_agent codex 0-60 (completed)',
      '  * codex.gap 10',
      '  chat 0-10 (unfinished: gap)',
      '  execute_tool shell 10-10 (unfinished: gap)',
      '  execute_tool shell 50-50',
    ]);
    expect(recorded.named('invoke_agent codex').events[0]?.attributes).toEqual({
      'codex.messages.missed': 7,
    });
  });

  test('leave a turn that is heard of between two gaps', () => {
    const { spans } = spansOf([begun(0)]);
    spans.missed(1);
    spans.see(item(10, 'started', agentMessage('m', '')));
    spans.missed(1);
    expect(spans.openTurns).toBe(1);
  });

  test('end a turn that nothing is heard of between two gaps, and one that another follows', () => {
    const { recorded, spans } = spansOf([begun(0)]);
    spans.missed(1);
    spans.missed(1);
    expect(spans.openTurns).toBe(0);
    spans.see(begun(10, 'second'));
    spans.see(begun(20, 'third'));
    expect(spans.openTurns).toBe(1);
    expect(recorded.tree()).toEqual([
      'invoke_agent codex (unfinished: gap)',
      '  * codex.gap',
      'invoke_agent codex (unfinished: gap)',
    ]);
  });
});

describe('every recorded conversation', () => {
  test.each(versions().flatMap((version) => namesOf(version).map((name) => [version, name] as const)))(
    '%s %s has spans that all end, each once, with its turns',
    (version, name) => {
      const said = saidOn(version, name);
      const { recorded, spans } = spansOf(said);
      spans.end('left');
      expect(recorded.ended).toHaveLength(recorded.started);
      const ids = recorded.ended.map((span) => span.spanContext().spanId);
      expect(new Set(ids).size).toBe(ids.length);
      const ends = said.filter(({ method }) => method === 'turn/completed');
      const turns = recorded.ended.filter(({ name: of }) => of.startsWith('invoke_agent'));
      expect(turns.filter(({ attributes }) => attributes['codex.turn.status'])).toHaveLength(ends.length);
    },
  );
});

test('10,000 turns leave nothing', async () => {
  // Spans that are not sampled, so that what is held is ours.
  const provider = new BasicTracerProvider({ sampler: new AlwaysOffSampler() });
  const spans = conversation(provider.getTracer('test'));
  const play = (from: number, to: number) => {
    for (let n = from; n < to; n += 1) {
      spans.see(begun(n, `turn ${n}`));
      spans.see(item(n, 'started', command('inProgress'), { turnId: `turn ${n}` }));
      spans.see(ask(n, 'item/commandExecution/requestApproval', { itemId: 'call', turnId: `turn ${n}` }));
      spans.see(item(n, 'completed', command('completed'), { turnId: `turn ${n}` }));
      spans.see(usage(n, n * 110, 110, { turnId: `turn ${n}` }));
      spans.see(over(n, 'completed', `turn ${n}`));
    }
  };
  play(1, 1_000);
  const before = await bytesInUse();
  play(1_000, 11_000);
  expect(spans.openTurns).toBe(0);
  // 100 bytes a turn would be a megabyte.
  expect((await bytesInUse()) - before).toBeLessThan(500_000);
});
