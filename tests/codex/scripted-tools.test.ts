/**
 * Scripted tool calls under a real `codex app-server`: each makes codex do what its builder says, and ask
 * its client in the way that programs under test will see.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  applyPatch,
  gate,
  LocalModelProvider,
  requestPermissions,
  requestUserInput,
  shellCommand,
  spawnAgent,
  text,
  toolCall,
} from 'codex-async-client/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { RawAppServer } from './raw-app-server.js';

let cwd = '';
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'codex-tools-test-'));
});
afterEach(async () => {
  await rm(cwd, { recursive: true, force: true });
});

describe('a scripted shell command', () => {
  test('runs in the sandbox without a question', async () => {
    await using provider = await LocalModelProvider.start({
      replies: [shellCommand('echo hi'), text('ran')],
    });
    await using server = await RawAppServer.start(provider.options);
    const threadId = await server.startThread({ cwd });
    await server.runTurn(threadId, 'go');
    const items = server.all('item/completed').map((params) => params['item']);
    const command = items.find((item) => item.type === 'commandExecution');
    // What the machine's shell says when it starts may come before it.
    const aggregatedOutput = expect.stringMatching(/(^|\n)hi\n$/);
    expect(command).toMatchObject({ status: 'completed', exitCode: 0, aggregatedOutput });
    expect(
      server.messages.filter((message) => message.method !== undefined && message.id !== undefined),
    ).toEqual([]);
    const [, second] = provider.requests;
    expect(second?.toolOutputs).toMatchObject([{ callId: command.id }]);
    expect(second?.toolOutputs[0]?.text).toContain('hi\n');
  });

  test('asks for approval when it is escalated, and runs once it is accepted', async () => {
    await using provider = await LocalModelProvider.start();
    await using server = await RawAppServer.start(provider.options);
    provider.enqueue(
      shellCommand('echo hi > out.txt', { escalate: true, justification: 'May I?', callId: 'call_1' }),
      text('ran'),
    );
    const threadId = await server.startThread({ cwd });
    const completed = server.next(({ method }) => method === 'turn/completed');
    await server.startTurn(threadId, 'go');
    const params = await server.first('item/commandExecution/requestApproval', threadId);
    expect(params).toMatchObject({ itemId: 'call_1', reason: 'May I?', cwd });
    expect(params['availableDecisions']).toEqual(expect.arrayContaining(['accept', 'cancel']));
    const request = server.messages.find((message) => message.params === params);
    expect(request?.id).toBe(0);
    server.respond(request ?? {}, { decision: 'accept' });
    await completed;
    expect(await server.first('serverRequest/resolved')).toEqual({ threadId, requestId: 0 });
    expect(await readFile(join(cwd, 'out.txt'), 'utf8')).toBe('hi\n');
  });

  test('is not run when the approval is declined, and the model is told', async () => {
    await using provider = await LocalModelProvider.start();
    await using server = await RawAppServer.start(provider.options);
    provider.enqueue(shellCommand('echo hi > out.txt', { escalate: true }), text('a pity'));
    const threadId = await server.startThread({ cwd });
    const completed = server.next(({ method }) => method === 'turn/completed');
    await server.startTurn(threadId, 'go');
    await server.first('item/commandExecution/requestApproval', threadId);
    server.respond({ id: 0 }, { decision: 'decline' });
    expect((await completed).params?.['turn']).toMatchObject({ status: 'completed' });
    const items = server.all('item/completed').map((params) => params['item']);
    expect(items.find((item) => item.type === 'commandExecution').status).toBe('declined');
    expect(provider.requests[1]?.toolOutputs[0]?.text).toMatch(/rejected|declined/i);
    await expect(readFile(join(cwd, 'out.txt'))).rejects.toThrow('ENOENT');
  });

  test('of a login shell runs with the home of the provider, and without the profile of the user', async () => {
    // What login shells of each kind read.
    for (const name of ['.profile', '.bash_profile', '.zshenv', '.zprofile'])
      await writeFile(join(cwd, name), 'echo a profile\n');
    await using provider = await LocalModelProvider.start({
      replies: [shellCommand('echo "home: $HOME"', { login: true }), text('ran')],
    });
    await using server = await RawAppServer.start(provider.options, { HOME: cwd });
    await server.runTurn(await server.startThread({ cwd }), 'go');
    const printed = provider.requests[1]?.toolOutputs[0]?.text;
    expect(printed).toContain(`home: ${provider.options.env['HOME']}\n`);
    expect(printed).not.toContain('a profile');
  });

  test('is answered by the rule for its output', async () => {
    await using provider = await LocalModelProvider.start({ replies: [shellCommand('echo needle')] });
    await using server = await RawAppServer.start(provider.options);
    provider.when({ toolOutput: 'needle' }, text('found it'));
    await server.runTurn(await server.startThread({ cwd }), 'go');
    expect(server.deltas()).toEqual(['found it']);
  });
});

test('a scripted patch asks for approval of the file change and is applied once accepted', async () => {
  await using provider = await LocalModelProvider.start();
  await using server = await RawAppServer.start(provider.options);
  const patch = '*** Begin Patch\n*** Add File: new.txt\n+one\n+two\n*** End Patch\n';
  provider.enqueue(applyPatch(patch, { callId: 'call_patch' }), text('done'));
  const threadId = await server.startThread({ cwd });
  const completed = server.next(({ method }) => method === 'turn/completed');
  await server.startTurn(threadId, 'go');
  const params = await server.first('item/fileChange/requestApproval', threadId);
  expect(params['itemId']).toBe('call_patch');
  server.respond({ id: 0 }, { decision: 'accept' });
  await completed;
  expect(await readFile(join(cwd, 'new.txt'), 'utf8')).toBe('one\ntwo\n');
  expect((await server.first('turn/diff/updated'))['diff']).toContain('+two');
});

test.each([
  ['a dynamic tool', null, { type: 'function', name: 'look_up', description: 'Looks up.' }],
  ['a dynamic tool in a namespace', 'crm', { type: 'function', name: 'look_up', description: 'Looks up.' }],
] as const)('a scripted call of %s makes codex ask the client to run it', async (_, namespace, tool) => {
  await using provider = await LocalModelProvider.start();
  await using server = await RawAppServer.start(provider.options);
  const fn = { ...tool, inputSchema: { type: 'object', properties: { key: { type: 'string' } } } };
  const dynamicTools =
    namespace === null ? [fn] : [{ type: 'namespace', name: namespace, description: 'Tools.', tools: [fn] }];
  provider.enqueue(
    toolCall('look_up', { key: 'a' }, namespace === null ? {} : { namespace }),
    text('thanks'),
  );
  const threadId = await server.startThread({ cwd, dynamicTools });
  const completed = server.next(({ method }) => method === 'turn/completed');
  await server.startTurn(threadId, 'go');
  const params = await server.first('item/tool/call', threadId);
  expect(params).toMatchObject({ namespace, tool: 'look_up', arguments: { key: 'a' } });
  server.respond({ id: 0 }, { contentItems: [{ type: 'inputText', text: 'value of a' }], success: true });
  await completed;
  expect(provider.requests[1]?.toolOutputs).toEqual([{ callId: params['callId'], text: 'value of a' }]);
});

test('scripted questions reach the client, in the default mode as well', async () => {
  await using provider = await LocalModelProvider.start();
  await using server = await RawAppServer.start(provider.options);
  const options = [
    { label: 'red', description: 'Red.' },
    { label: 'blue', description: 'Blue.' },
  ];
  provider.enqueue(
    requestUserInput([{ id: 'q1', header: 'Colour', question: 'Which?', options }]),
    text('ok'),
  );
  const threadId = await server.startThread({ cwd });
  const completed = server.next(({ method }) => method === 'turn/completed');
  await server.startTurn(threadId, 'go');
  const params = await server.first('item/tool/requestUserInput', threadId);
  expect(params['questions']).toMatchObject([{ id: 'q1', question: 'Which?', options }]);
  server.respond({ id: 0 }, { answers: { q1: { answers: ['blue'] } } });
  await completed;
  expect(provider.requests[1]?.toolOutputs[0]?.text).toContain('blue');
});

test('a scripted wish for permissions reaches the client', async () => {
  await using provider = await LocalModelProvider.start();
  await using server = await RawAppServer.start(provider.options);
  provider.enqueue(requestPermissions({ reason: 'To fetch.', network: true, write: [cwd] }), text('ok'));
  const threadId = await server.startThread({ cwd });
  const completed = server.next(({ method }) => method === 'turn/completed');
  await server.startTurn(threadId, 'go');
  const params = await server.first('item/permissions/requestApproval', threadId);
  expect(params).toMatchObject({ reason: 'To fetch.', permissions: { network: { enabled: true } } });
  expect(JSON.stringify(params['permissions'].fileSystem)).toContain(cwd);
  server.respond({ id: 0 }, { permissions: { network: { enabled: true } }, scope: 'turn' });
  await completed;
  expect(provider.requests[1]?.toolOutputs[0]?.text).toContain('"scope":"turn"');
});

test('a scripted sub-agent works on a thread of its own, with its own replies', async () => {
  await using provider = await LocalModelProvider.start({ defaultReply: text('noted') });
  await using server = await RawAppServer.start(provider.options);
  const parentMayEnd = gate();
  provider.when({ userText: 'count the files' }, text('there are ', 'two'));
  provider.enqueue(spawnAgent('count the files'), [parentMayEnd, text('parent done')]);
  const parent = await server.startThread({ cwd });
  const parentCompleted = server.next(
    ({ method, params }) => method === 'turn/completed' && params?.['threadId'] === parent,
  );
  await server.startTurn(parent, 'delegate');
  const childCompleted = await server.first('turn/completed');
  const child = childCompleted['threadId'];
  parentMayEnd.open();
  await parentCompleted;
  expect(child).not.toBe(parent);
  expect(server.deltas(child)).toEqual(['there are ', 'two']);
  // When the child ends first, codex tells the parent's model so, and asks it once more in the same turn.
  expect(server.deltas(parent).join('')).toMatch(/^parent done(noted)?$/);
  const calls = server.all('item/completed', parent).map((params) => params['item']);
  expect(calls.find((item) => item.type === 'collabAgentToolCall')).toMatchObject({
    tool: 'spawnAgent',
    receiverThreadIds: [child],
  });
  expect(provider.requests.map((request) => request.threadId)).toContain(child);
});

test('a scripted sub-agent of the second kind has its task as user text, too', async () => {
  const config = { features: { multi_agent_v2: true } };
  await using provider = await LocalModelProvider.start({ config, defaultReply: text('noted') });
  await using server = await RawAppServer.start(provider.options);
  provider.when({ userText: 'count the files' }, text('two'));
  provider.when({ userText: 'delegate' }, spawnAgent('count the files', { taskName: 'count' }));
  const parent = await server.startThread({ cwd });
  await server.startTurn(parent, 'delegate');
  const isChilds = (message: { params?: Record<string, unknown> }) => message.params?.['threadId'] !== parent;
  const completed = (message: { method?: string }) => message.method === 'turn/completed';
  const message =
    server.messages.find((one) => completed(one) && isChilds(one)) ??
    (await server.next((one) => completed(one) && isChilds(one)));
  expect(server.deltas(message.params?.['threadId'])).toEqual(['two']);
});
