/** What the result of a turn on the real server is made of: phases, diffs, plans, and changes that were refused. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AlreadyReadError,
  type AsyncClient,
  approve,
  deny,
  type ItemOf,
  TurnFailedError,
  type TurnRun,
} from 'codex-async-client';
import {
  applyPatch,
  commentary,
  failure,
  finalAnswer,
  gate,
  text,
  toolCall,
} from 'codex-async-client/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { collected } from '../runs/played-server.js';
import { codexWithModel } from './codex-with-model.js';

let cwd = '';
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'codex-results-'));
});
afterEach(() => rm(cwd, { recursive: true, force: true }));

const patch = (file: string) => applyPatch(`*** Begin Patch\n*** Add File: ${file}\n+one\n*** End Patch\n`);
const plan = (...steps: object[]) => toolCall('update_plan', { plan: steps });

/** Answers every file change of a run: the first with a yes, the others with a no. */
async function acceptTheFirst(client: AsyncClient, run: TurnRun): Promise<void> {
  let asked = 0;
  for await (const message of run) {
    if (message.method !== 'item/fileChange/requestApproval') continue;
    await client.respond(message, asked === 0 ? approve(message) : deny(message));
    asked += 1;
  }
}

describe('finalMessage', () => {
  test('is the final answer, and not the commentary that follows it', async () => {
    await using codex = await codexWithModel();
    codex.provider.enqueue([commentary('Looking.'), finalAnswer('{"city":', '"Paris"}'), commentary('Bye!')]);
    const outputSchema = {
      type: 'object',
      properties: { city: { type: 'string' } },
      required: ['city'],
      additionalProperties: false,
    };
    const run = codex.client.turnRun({ threadId: await codex.newThread(), input: 'where?', outputSchema });
    const { finalMessage, output, agentMessages } = await run.result();
    expect({ finalMessage, output }).toEqual({ finalMessage: '{"city":"Paris"}', output: { city: 'Paris' } });
    expect(agentMessages.map(({ phase, text }) => [phase, text])).toEqual([
      ['commentary', 'Looking.'],
      ['final_answer', '{"city":"Paris"}'],
      ['commentary', 'Bye!'],
    ]);
  });

  test('of a turn that was interrupted in the middle of a commentary is undefined, and its text is there', async () => {
    await using codex = await codexWithModel();
    codex.provider.enqueue(commentary('half', gate()));
    const run = codex.client.turnRun({ threadId: await codex.newThread(), input: 'go' });
    for await (const { method } of run) if (method === 'item/agentMessage/delta') await run.interrupt();
    const { status, finalMessage, agentMessages } = await run.result();
    expect({ status, finalMessage }).toEqual({ status: 'interrupted', finalMessage: undefined });
    expect(agentMessages).toMatchObject([{ phase: 'commentary', text: 'half' }]);
  });
});

test('diff and plan are the last ones that the server sent', async () => {
  await using codex = await codexWithModel();
  codex.provider.enqueue(
    plan({ step: 'write', status: 'in_progress' }, { step: 'rest', status: 'pending' }),
    patch('one.txt'),
    plan({ step: 'write', status: 'completed' }),
    patch('two.txt'),
    text('done'),
  );
  const threadId = await codex.newThread({
    cwd,
    sandbox: 'workspace-write',
    config: { 'tools.update_plan.enabled': true },
  });
  const result = await codex.client.turnRun({ threadId, input: 'go' }).result();
  expect(result.plan).toEqual([{ step: 'write', status: 'completed' }]);
  expect(result.diff?.match(/^diff --git .*$/gm)).toEqual([
    'diff --git a/one.txt b/one.txt',
    'diff --git a/two.txt b/two.txt',
  ]);
});

test('items tell a change that was declined from one that was made', async () => {
  await using codex = await codexWithModel();
  codex.provider.enqueue(patch('yes.txt'), patch('no.txt'), text('done'));
  const threadId = await codex.newThread({ cwd, sandbox: 'read-only' });
  const run = codex.client.turnRun({ threadId, input: 'go' });
  await acceptTheFirst(codex.client, run);
  const { items } = await run.result();
  const changes = items.filter((item): item is ItemOf<'fileChange'> => item.type === 'fileChange');
  expect(changes.map(({ status, changes: [change] }) => [status, change?.path])).toEqual([
    ['completed', join(cwd, 'yes.txt')],
    ['declined', join(cwd, 'no.txt')],
  ]);
});

describe('a turn that is ended early', () => {
  test('by interrupt() keeps what there is', async () => {
    await using codex = await codexWithModel();
    codex.provider.enqueue(patch('one.txt'), text('half', gate()));
    const threadId = await codex.newThread({ cwd, sandbox: 'workspace-write' });
    const run = codex.client.turnRun({ threadId, input: 'go' });
    for await (const { method } of run) if (method === 'item/agentMessage/delta') await run.interrupt();
    expect(await run.result()).toMatchObject({
      status: 'interrupted',
      finalMessage: 'half',
      diff: expect.stringContaining('one.txt'),
      usage: { last: { totalTokens: expect.any(Number) } },
    });
  });

  test('by its signal keeps nothing, and its loop gets what has come, then the reason', async () => {
    await using codex = await codexWithModel();
    codex.provider.enqueue(text('half', gate()));
    const abort = new AbortController();
    const threadId = await codex.newThread();
    const run = codex.client.turnRun({ threadId, input: 'go' }, { signal: abort.signal });
    const written: string[] = [];
    const loop = (async () => {
      for await (const piece of run.text()) {
        written.push(piece);
        abort.abort('enough');
      }
    })();
    await expect(loop).rejects.toBe('enough');
    expect(written).toEqual(['half']);
    await expect(run.result()).rejects.toBe('enough');
    expect((await codex.client.turnRun({ threadId, input: 'next' }).result()).status).toBe('completed');
  });
});

describe('after a run', () => {
  test('its text can be had again, a loop says why it gets nothing, and both ids are known before its end', async () => {
    await using codex = await codexWithModel();
    const middle = gate();
    codex.provider.enqueue([text('Hel', middle, 'lo'), text('Bye')]);
    const run = codex.client.threadRun({ thread: { cwd }, turn: 'hi' });
    const result = run.result();
    await middle.reached;
    expect(await run.started()).toEqual({ threadId: run.threadId, turnId: run.turnId });
    expect(run.thread).toMatchObject({ cwd, approvalPolicy: 'on-request', thread: { id: run.threadId } });
    middle.open();
    expect((await result).thread).toEqual(run.thread);
    expect(await collected(run.text())).toEqual(['Hello', 'Bye']);
    await expect(run.next()).rejects.toThrow(AlreadyReadError);
  });

  test('L11 that was left, its turn/completed reaches the one who waits for it', async () => {
    await using codex = await codexWithModel();
    codex.provider.enqueue(text('endless', gate()));
    const run = codex.client.turnRun({ threadId: await codex.newThread(), input: 'go' });
    for await (const { method } of run) if (method === 'item/agentMessage/delta') break;
    const { turnId } = await run.started();
    for await (const { params } of codex.client.events({ turnId, methods: ['turn/completed'] })) {
      expect(params.turn.status).toBe('interrupted');
      break;
    }
  });
});

test('a turn that fails has in its error what it did until then', async () => {
  await using codex = await codexWithModel();
  const failing = [text('partial'), failure({ code: 'rate_limit_exceeded', message: 'slow down' })];
  codex.provider.enqueue(patch('one.txt'), failing);
  const threadId = await codex.newThread({ cwd, sandbox: 'workspace-write' });
  const run = codex.client.turnRun({ threadId, input: 'go' }, { collectEvents: true });
  const error: unknown = await run.result().catch((reason: unknown) => reason);
  if (!(error instanceof TurnFailedError)) throw error;
  expect(error.result).toMatchObject({
    status: 'failed',
    diff: expect.stringContaining('one.txt'),
    agentMessages: [{ text: 'partial' }],
    usage: { last: { totalTokens: expect.any(Number) } },
    raw: { turn: { error: { codexErrorInfo: 'rateLimitExceeded' } } },
  });
  expect(error.result.events?.at(-1)?.method).toBe('turn/completed');
});
