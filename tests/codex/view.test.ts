/** Views of real turns: what is folded from their messages is what the server has of the thread afterwards. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { approve, deny, type protocol, type ServerMessage } from 'codex-async-client';
import {
  applyPatch,
  commentary,
  failure,
  gate,
  type ModelReply,
  rawReasoning,
  reasoning,
  shellCommand,
  spawnAgent,
  text,
  toolCall,
} from 'codex-async-client/testing';
import { applyMessage, emptyView, type ThreadView, viewOfThread } from 'codex-async-client/view';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type CodexWithModel, codexWithModel } from './codex-with-model.js';

let cwd = '';
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'codex-view-'));
});
afterEach(() => rm(cwd, { recursive: true, force: true }));

/** Members of a turn that a view has from the messages alone, and what they are in `thread/read`. */
const NOT_KEPT = {
  // `turn/plan/updated` is told, and stands in no item.
  plan: null,
  planExplanation: null,
  // Made of the files while the turn runs; the changes are in their items.
  diff: null,
  // `thread/resume` sends it once more, `thread/read` does not have it.
  usage: null,
} as const;

/** The view without what the server does not keep: {@link NOT_KEPT}, and items that were never finished. */
function kept({ turns }: ThreadView) {
  return turns.map((turn) => ({
    ...turn,
    ...NOT_KEPT,
    // An interrupted or steered model never says the rest, and codex forgets the half.
    items: turn.items.filter(({ state }) => state === 'completed'),
  }));
}

/** A thread that is watched from its first message on. */
class Watched {
  readonly messages: ServerMessage[] = [];
  view = emptyView();

  constructor(
    readonly codex: CodexWithModel,
    readonly threadId: string,
  ) {}

  /** Runs a turn of these replies; `during` is asked after each message, with the view that has it. */
  async turn(replies: readonly ModelReply[], during: (message: ServerMessage) => unknown = () => {}) {
    const { client, provider } = this.codex;
    provider.enqueue(...replies);
    await client.turnStart({
      threadId: this.threadId,
      input: [{ type: 'text', text: 'go', text_elements: [] }],
    });
    for await (const message of client.events({ threadId: this.threadId })) {
      this.messages.push(message);
      this.view = applyMessage(this.view, message);
      await during(message);
      if (message.method === 'turn/completed') break;
    }
    return this.view.turns.at(-1);
  }

  /** Whether the agent has said this, in a message of its own. */
  said(words: string): boolean {
    const items = this.view.turns.at(-1)?.items ?? [];
    return items.some((item) => item.type === 'agentMessage' && item.text === words);
  }

  /** Approves what is asked. */
  async approve(message: ServerMessage): Promise<void> {
    if (message.kind === 'request') await this.codex.client.respond(message, approve(message));
  }

  /** Interrupts the turn. */
  interrupt(): Promise<unknown> {
    const turnId = this.view.turns.at(-1)?.id ?? '';
    return this.codex.client.turnInterrupt({ threadId: this.threadId, turnId });
  }

  /** The view of what the server has now. */
  async read(): Promise<ThreadView> {
    const { thread } = await this.codex.client.threadRead({ threadId: this.threadId, includeTurns: true });
    return viewOfThread(thread);
  }
}

async function watched(codex: CodexWithModel, params: protocol.ThreadStartParams = {}): Promise<Watched> {
  return new Watched(codex, await codex.newThread({ cwd, sandbox: 'read-only', ...params }));
}

const patch = applyPatch('*** Begin Patch\n*** Add File: one.txt\n+one\n*** End Patch\n');
const escalated = shellCommand('echo one; echo two', { escalate: true });
const isDelta = ({ method }: ServerMessage) => method === 'item/agentMessage/delta';

describe('the view of a real thread is what thread/read has', () => {
  test('after text, reasoning, a command, a file change, a plan, a failure, an interruption and a steered turn', async () => {
    await using codex = await codexWithModel();
    const thread = await watched(codex, { config: { 'tools.update_plan.enabled': true } });
    const plan = [{ step: 'write', status: 'in_progress' }];

    await thread.turn([[reasoning('I ', 'think.'), commentary('Looking.'), text('Hel', 'lo')]]);
    await thread.turn([[rawReasoning('raw ', 'thoughts'), text('Yes.')]]);
    await thread.turn([escalated, text('ran')], (message) => thread.approve(message));
    const planned = await thread.turn(
      [toolCall('update_plan', { plan, explanation: 'Why.' }), patch, text('done')],
      (message) => thread.approve(message),
    );
    const failed = await thread.turn([failure({ code: 'invalid_prompt', message: 'no such thing' })]);
    const interrupted = await thread.turn([text('half', gate())], (message) =>
      isDelta(message) ? thread.interrupt() : undefined,
    );
    const steered = await steeredTurn(thread);

    const read = await thread.read();
    expect(read.turns).toHaveLength(7);
    expect(kept(thread.view)).toStrictEqual(read.turns);
    const facts = ({ name, status, cwd, model, modelProvider, reasoningEffort }: ThreadView) => ({
      ...{ name, status, cwd, model, modelProvider, reasoningEffort },
    });
    expect(facts(thread.view)).toStrictEqual(facts(read));

    expect(planned).toMatchObject({
      plan: [{ step: 'write', status: 'inProgress' }],
      planExplanation: 'Why.',
      diff: expect.stringContaining('+one'),
    });
    expect(failed).toMatchObject({ status: 'failed', error: { message: 'no such thing' }, retrying: null });
    expect(interrupted).toMatchObject({ status: 'interrupted' });
    expect(interrupted?.items.at(-1)).toMatchObject({ text: 'half', state: 'started' });
    expect(steered?.items.map(({ type, state }) => [type, state])).toEqual([
      ['userMessage', 'completed'],
      ['agentMessage', 'started'],
      ['userMessage', 'completed'],
      ['agentMessage', 'completed'],
    ]);
  });

  test('and all messages once more change nothing in it', async () => {
    await using codex = await codexWithModel();
    const thread = await watched(codex);
    await thread.turn([escalated, patch, text('ran')], (message) => thread.approve(message));
    await thread.turn([text('Hel', 'lo')]);
    const again = thread.messages.reduce(applyMessage, await thread.read());
    expect(kept(again)).toStrictEqual(kept(thread.view));
    expect(again.requests).toEqual([]);
  });

  test('a page that reloads in the middle of a message goes on with what the server has, and ends like the others', async () => {
    await using codex = await codexWithModel();
    const thread = await watched(codex);
    await thread.turn([text('before')]);
    const mayGoOn = gate();
    let begun: ThreadView | undefined;
    await thread.turn([[commentary('Looking.'), text('Hel', mayGoOn, 'lo')]], async () => {
      if (begun !== undefined || !thread.said('Hel')) return;
      begun = await thread.read();
      mayGoOn.open();
    });
    expect(begun?.turns.map(({ status }) => status)).toEqual(['completed', 'inProgress']);
    // Its stream was open before it read, so it has some of this twice.
    const reloaded = thread.messages.reduce(applyMessage, begun ?? emptyView());
    expect(kept(reloaded)).toStrictEqual(kept(thread.view));
    expect(kept(reloaded)).toStrictEqual((await thread.read()).turns);
  });

  test('a reader who comes in the middle of a message has the whole thread at its end', async () => {
    await using codex = await codexWithModel();
    const thread = await watched(codex);
    await thread.turn([text('Hel', 'lo')]);
    const middle = thread.messages.findIndex(isDelta) + 1;
    const late = thread.messages.slice(middle).reduce(applyMessage, emptyView());
    const items = thread.view.turns[0]?.items.filter(({ type }) => type === 'agentMessage');
    expect(late.turns).toStrictEqual([{ ...thread.view.turns[0], items }]);
  });
});

describe('a request of a real turn is in the view while it is open', () => {
  test('a command: until it is resolved', async () => {
    await using codex = await codexWithModel();
    const thread = await watched(codex);
    const seen: string[] = [];
    await thread.turn([escalated, text('ran')], async (message) => {
      if (message.kind === 'request')
        expect(thread.view.requests).toMatchObject([{ key: '0:0', id: message.id }]);
      if (message.kind === 'request' || message.method === 'serverRequest/resolved')
        seen.push(`${message.method} ${thread.view.requests.length}`);
      await thread.approve(message);
    });
    expect(seen).toEqual(['item/commandExecution/requestApproval 1', 'serverRequest/resolved 0']);
  });

  test('a command whose turn is interrupted: until the end of the turn at the latest', async () => {
    await using codex = await codexWithModel();
    const thread = await watched(codex);
    await thread.turn([escalated], ({ kind }) => (kind === 'request' ? thread.interrupt() : undefined));
    expect(thread.view.requests).toEqual([]);
  });

  test('a dynamic tool: until it is answered, and it is about the item of its call', async () => {
    await using codex = await codexWithModel({ experimentalApi: true });
    const tool = { type: 'function', name: 'look_up', description: 'Looks up.', inputSchema: {} } as const;
    const thread = await watched(codex, { dynamicTools: [tool] });
    const counts: [string, number][] = [];
    await thread.turn([toolCall('look_up', {}), text('ok')], async (message) => {
      counts.push([message.method, thread.view.requests.length]);
      if (message.method !== 'item/tool/call') return;
      const items = thread.view.turns[0]?.items ?? [];
      expect(items.map(({ id }) => id)).toContain(thread.view.requests[0]?.itemId);
      await codex.client.respond(message, deny(message));
    });
    expect(counts).toContainEqual(['item/tool/call', 1]);
    expect(counts.filter(([method]) => method === 'item/agentMessage/delta')).toEqual([
      ['item/agentMessage/delta', 0],
    ]);
  });
});

test('the messages of a sub-agent leave the view of its parent as it is', async () => {
  await using codex = await codexWithModel();
  codex.provider.when({ userText: 'count' }, text('there are two'));
  const thread = await watched(codex);
  await thread.turn([spawnAgent('count'), text('done')]);
  const [call] = thread.view.turns[0]?.items.filter((item) => item.type === 'collabAgentToolCall') ?? [];
  const child = call?.receiverThreadIds[0] ?? '';
  for await (const message of codex.client.events({ threadId: child })) {
    expect(applyMessage(thread.view, message)).toBe(thread.view);
    if (message.method === 'turn/completed') break;
  }
});

/** A turn that is steered in the middle of a message: the model is asked anew, and the message is never finished. */
function steeredTurn(thread: Watched) {
  const { client } = thread.codex;
  const mayGoOn = gate();
  let isSteered = false;
  return thread.turn([text('a', mayGoOn, 'b'), text('steered')], async (message) => {
    if (!isDelta(message) || isSteered) return;
    isSteered = true;
    const expectedTurnId = thread.view.turns.at(-1)?.id ?? '';
    const input = [{ type: 'text' as const, text: 'more', text_elements: [] }];
    await client.turnSteer({ threadId: thread.threadId, input, expectedTurnId });
    mayGoOn.open();
  });
}
