/** Every kind of server request that codex 0.169 can be brought to make, answered in pull form. */
import { access, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  accept,
  approve,
  deny,
  StaleRequestError,
  type ThreadReference,
  type TurnRun,
} from 'codex-async-client';
import {
  applyPatch,
  requestPermissions,
  requestUserInput,
  shellCommand,
  text,
  toolCall,
} from 'codex-async-client/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { codexWithModel } from './codex-with-model.js';

let cwd = '';
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'codex-approvals-'));
});
afterEach(() => rm(cwd, { recursive: true, force: true }));

const COMMAND = shellCommand('echo hi > out.txt', { escalate: true, justification: 'May I?' });
const PATCH = applyPatch('*** Begin Patch\n*** Add File: new.txt\n+one\n*** End Patch\n');

/** The items of a type that a run completed, with their status. */
async function statusesOf(run: TurnRun, type: string): Promise<string[]> {
  const { items } = await run.result();
  return items.flatMap((item) => (item.type === type && 'status' in item ? [item.status] : []));
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

describe('a command', () => {
  test('runs once it is approved in the loop over its turn', async () => {
    await using codex = await codexWithModel();
    codex.provider.enqueue(COMMAND, text('ran'));
    const run = codex.client.turnRun({ threadId: await codex.newThread({ cwd }), input: 'go' });
    for await (const message of run) {
      if (message.method !== 'item/commandExecution/requestApproval') continue;
      expect(message.params).toMatchObject({ reason: 'May I?', cwd });
      await codex.client.respond(message, approve(message));
    }
    expect(await statusesOf(run, 'commandExecution')).toEqual(['completed']);
    expect(await readFile(join(cwd, 'out.txt'), 'utf8')).toBe('hi\n');
    expect(codex.client.stats().requests.unansweredByUs).toBe(0);
  });

  test('is not run once it is denied, and the agent goes on', async () => {
    await using codex = await codexWithModel();
    codex.provider.enqueue(COMMAND, text('a pity'));
    const run = codex.client.turnRun({ threadId: await codex.newThread({ cwd }), input: 'go' });
    for await (const message of run) {
      if (message.method !== 'item/commandExecution/requestApproval') continue;
      await codex.client.respond(message, deny(message));
    }
    expect(await statusesOf(run, 'commandExecution')).toEqual(['declined']);
    expect(await run.result()).toMatchObject({ status: 'completed', finalMessage: 'a pity' });
    expect(await exists(join(cwd, 'out.txt'))).toBe(false);
  });

  test('L16 is denied while result() drives and nobody answers', async () => {
    await using codex = await codexWithModel();
    codex.provider.enqueue(COMMAND, text('a pity'));
    const run = codex.client.turnRun({ threadId: await codex.newThread({ cwd }), input: 'go' });
    expect(await statusesOf(run, 'commandExecution')).toEqual(['declined']);
    expect((await run.result()).items).toContainEqual(
      expect.objectContaining({ type: 'commandExecution', aggregatedOutput: null }),
    );
    expect(await exists(join(cwd, 'out.txt'))).toBe(false);
  });

  test('nothing is approved by default: codex does not run what nobody answered, and shutdown is no yes', async () => {
    await using codex = await codexWithModel();
    codex.provider.enqueue(COMMAND, text('done'));
    const threadId = await codex.newThread({ cwd });
    for await (const message of codex.client.turnRun({ threadId, input: 'go' })) {
      if (message.kind !== 'request') continue;
      const { thread } = await codex.client.threadRead({ threadId });
      expect(thread.status).toEqual({ type: 'active', activeFlags: ['waitingOnApproval'] });
      break;
    }
    await codex.client.shutdown();
    expect(await exists(join(cwd, 'out.txt'))).toBe(false);
    expect(codex.provider.requests).toHaveLength(1);
  });

  test('L17 runs when a standing answer accepts it', async () => {
    const standingAnswers = { 'item/commandExecution/requestApproval': { decision: 'accept' } } as const;
    await using codex = await codexWithModel({ standingAnswers });
    codex.provider.enqueue(COMMAND, text('ran'));
    const run = codex.client.turnRun({ threadId: await codex.newThread({ cwd }), input: 'go' });
    expect(await statusesOf(run, 'commandExecution')).toEqual(['completed']);
    expect(codex.client.stats().messages.standingAnswers).toBe(1);
  });

  test('is approved by a loop over requests of its own, beside text()', async () => {
    await using codex = await codexWithModel();
    codex.provider.enqueue(COMMAND, text('it ', 'ran'));
    const requests = codex.client.events({ kind: 'request' });
    const answered = (async () => {
      for await (const request of requests)
        if (request.method === 'item/commandExecution/requestApproval')
          await codex.client.respond(request, approve(request));
    })();
    const run = codex.client.turnRun({ threadId: await codex.newThread({ cwd }), input: 'go' });
    let written = '';
    for await (const piece of run.text()) written += piece;
    expect(written).toBe('it ran');
    expect(await statusesOf(run, 'commandExecution')).toEqual(['completed']);
    await requests.return();
    await answered;
  });
});

describe('a file change', () => {
  test.each([
    ['approve', 'completed', true],
    ['deny', 'declined', false],
  ] as const)('after %s() is %s', async (decision, status, isApplied) => {
    await using codex = await codexWithModel();
    codex.provider.enqueue(PATCH, text('done'));
    const run = codex.client.turnRun({ threadId: await codex.newThread({ cwd }), input: 'go' });
    for await (const message of run) {
      if (message.method !== 'item/fileChange/requestApproval') continue;
      await codex.client.respond(message, decision === 'approve' ? approve(message) : deny(message));
    }
    expect(await statusesOf(run, 'fileChange')).toEqual([status]);
    expect(await exists(join(cwd, 'new.txt'))).toBe(isApplied);
  });

  test('approved for the session is asked about once', async () => {
    await using codex = await codexWithModel();
    const again = applyPatch('*** Begin Patch\n*** Update File: new.txt\n-one\n+two\n*** End Patch\n');
    codex.provider.enqueue(PATCH, again, text('done'));
    const run = codex.client.turnRun({ threadId: await codex.newThread({ cwd }), input: 'go' });
    let asked = 0;
    for await (const message of run) {
      if (message.method !== 'item/fileChange/requestApproval') continue;
      asked += 1;
      await codex.client.respond(message, approve(message, 'session'));
    }
    expect(asked).toBe(1);
    expect(await readFile(join(cwd, 'new.txt'), 'utf8')).toBe('two\n');
  });
});

describe('permissions', () => {
  test('are granted as asked for by approve(), and none by deny()', async () => {
    await using codex = await codexWithModel();
    const wish = requestPermissions({ reason: 'To fetch.', network: true, write: [cwd] });
    codex.provider.enqueue(wish, wish, text('ok'));
    const run = codex.client.turnRun({ threadId: await codex.newThread({ cwd }), input: 'go' });
    let asked = 0;
    for await (const message of run) {
      if (message.method !== 'item/permissions/requestApproval') continue;
      await codex.client.respond(message, asked === 0 ? approve(message) : deny(message));
      asked += 1;
    }
    const outputs = codex.provider.requests.flatMap(({ toolOutputs }) => toolOutputs.map(({ text }) => text));
    expect(outputs).toHaveLength(2);
    expect(outputs[0]).toContain('"enabled":true');
    expect(outputs[0]).toContain(cwd);
    expect(outputs[1]).not.toContain('"enabled":true');
  });
});

describe('a question to the user', () => {
  test('is answered with data, or refused by deny(), and the turn goes on', async () => {
    await using codex = await codexWithModel();
    const options = ['red', 'blue'].map((label) => ({ label, description: label }));
    const question = requestUserInput([{ id: 'q', header: 'Colour', question: 'Which?', options }]);
    codex.provider.enqueue(question, question, text('ok'));
    const run = codex.client.turnRun({ threadId: await codex.newThread(), input: 'go' });
    let asked = 0;
    for await (const message of run) {
      if (message.method !== 'item/tool/requestUserInput') continue;
      const answer = asked === 0 ? accept(message, { q: 'blue' }) : deny(message);
      await codex.client.respond(message, answer);
      asked += 1;
    }
    expect(codex.provider.requests[1]?.toolOutputs[0]?.text).toContain('blue');
    expect(codex.provider.requests[2]?.toolOutputs[0]?.text).not.toContain('blue');
    expect((await run.result()).finalMessage).toBe('ok');
  });
});

describe('a dynamic tool', () => {
  test('is run in the loop, and refused with words by deny()', async () => {
    await using codex = await codexWithModel({ experimentalApi: true });
    const inputSchema = { type: 'object', properties: { key: { type: 'string' } } };
    const tool = { type: 'function', name: 'look_up', description: 'Looks up.', inputSchema } as const;
    codex.provider.enqueue(toolCall('look_up', { key: 'a' }), toolCall('look_up', { key: 'b' }), text('ok'));
    const threadId = await codex.newThread({ dynamicTools: [tool] });
    for await (const message of codex.client.turnRun({ threadId, input: 'go' })) {
      if (message.method !== 'item/tool/call') continue;
      expect(message.params.tool).toBe('look_up');
      const isFirst = JSON.stringify(message.params.arguments) === '{"key":"a"}';
      const found = { contentItems: [{ type: 'inputText' as const, text: 'value of a' }], success: true };
      await codex.client.respond(message, isFirst ? found : deny(message));
    }
    const outputs = codex.provider.requests.flatMap(({ toolOutputs }) => toolOutputs.map(({ text }) => text));
    expect(outputs).toEqual(['value of a', 'The user denied this request.']);
  });
});

describe('a denial that interrupts the turn', () => {
  const tool = { type: 'function', name: 'look_up', description: 'Looks up.', inputSchema: {} } as const;
  const options = ['red', 'blue'].map((label) => ({ label, description: label }));

  test.each([
    ['a command', COMMAND],
    ['a file change', PATCH],
    ['permissions', requestPermissions({ reason: 'To fetch.', network: true, write: [] })],
    ['a question', requestUserInput([{ id: 'q', header: 'Colour', question: 'Which?', options }])],
    ['a tool', toolCall('look_up', {})],
  ])('ends it, and the model is asked no more: %s', async (_, asks) => {
    await using codex = await codexWithModel({ experimentalApi: true });
    codex.provider.enqueue(asks, text('never said'));
    const threadId = await codex.newThread({ cwd, dynamicTools: [tool] });
    const run = codex.client.turnRun({ threadId, input: 'go' });
    let asked = 0;
    for await (const message of run) {
      if (message.kind !== 'request') continue;
      asked += 1;
      await codex.client.respond(message, deny(message, { then: 'interrupt' }));
    }
    expect(asked).toBe(1);
    expect((await run.result()).status).toBe('interrupted');
    expect(codex.client.stats().requests.unansweredByUs).toBe(0);
  });
});

describe('a request that goes stale', () => {
  test('fires its signal and refuses a late answer with StaleRequestError', async () => {
    await using codex = await codexWithModel();
    codex.provider.enqueue(COMMAND, text('never said'));
    const thread: ThreadReference = await codex.client.threadStart({ cwd });
    const run = codex.client.thread(thread).run('go');
    let reason: unknown;
    for await (const message of run) {
      if (message.method !== 'item/commandExecution/requestApproval') continue;
      const withdrawn = codex.client.signalOf(message);
      expect(withdrawn.aborted).toBe(false);
      const fired = new Promise((resolve) => withdrawn.addEventListener('abort', resolve, { once: true }));
      await run.interrupt();
      // The loop reads no further; the interruption and the wait for the turn's end are what reads the pipe.
      await Promise.all([fired, run.result()]);
      reason = withdrawn.reason;
      await expect(codex.client.respond(message, approve(message))).rejects.toThrow(StaleRequestError);
    }
    expect(reason).toBeInstanceOf(StaleRequestError);
    expect((await run.result()).status).toBe('interrupted');
    expect(await exists(join(cwd, 'out.txt'))).toBe(false);
  });

  test('L12 a tool call, which codex does not withdraw, is stale once its turn is interrupted', async () => {
    await using codex = await codexWithModel({ experimentalApi: true });
    const tool = { type: 'function', name: 'look_up', description: 'Looks up.', inputSchema: {} } as const;
    codex.provider.enqueue(toolCall('look_up', {}), text('never said'));
    const run = codex.client.turnRun({
      threadId: await codex.newThread({ dynamicTools: [tool] }),
      input: 'go',
    });
    for await (const message of run) {
      if (message.method !== 'item/tool/call') continue;
      const withdrawn = codex.client.signalOf(message);
      await run.interrupt();
      await run.result();
      expect(withdrawn.reason).toBeInstanceOf(StaleRequestError);
      expect(codex.client.stats().requests.unansweredByUs).toBe(0);
      await expect(codex.client.respond(message, deny(message))).rejects.toThrow(StaleRequestError);
    }
    expect((await run.result()).status).toBe('interrupted');
  });
});

describe('a request that codex sends again', () => {
  test('L12 a replayed approval is answered twice: not here, what comes again with thread/resume is the same request', async () => {
    await using codex = await codexWithModel();
    codex.provider.enqueue(COMMAND, text('ran'));
    const threadId = await codex.newThread({ cwd });
    const run = codex.client.turnRun({ threadId, input: 'go' });
    const replays: unknown[] = [];
    for await (const message of run) {
      if (message.method !== 'item/commandExecution/requestApproval') continue;
      replays.push(message.replayed);
      expect(codex.client.stats().requests.unansweredByUs).toBe(1);
      if (message.replayed === true) await codex.client.respond(message, approve(message));
      else await codex.client.threadResume({ threadId });
    }
    expect(replays).toEqual([undefined, true]);
    expect(await statusesOf(run, 'commandExecution')).toEqual(['completed']);
  });
});
