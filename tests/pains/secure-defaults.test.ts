/** Secure defaults: nothing is approved unless the user says so, and nothing from the environment is printed. */
import { inspect } from 'node:util';
import { AsyncClient, type StartOptions } from 'codex-async-client';
import { LocalModelProvider, shellCommand, text } from 'codex-async-client/testing';
import { describe, expect, test } from 'vitest';
import { scriptedCommand } from '../helpers/scripted.js';
import { PlayedServer } from '../runs/played-server.js';

/** Every request that a server can make, old and new. */
const ASKED = [
  'item/commandExecution/requestApproval',
  'item/fileChange/requestApproval',
  'item/permissions/requestApproval',
  'item/tool/requestUserInput',
  'item/tool/call',
  'mcpServer/elicitation/request',
  'applyPatchApproval',
  'execCommandApproval',
  'account/chatgptAuthTokens/refresh',
  'not/known/yet',
];
/** Words that would grant something. */
const YES =
  /"(accept|approved|acceptForSession|approved_for_session|allow)|"success":true|"network":|"fileSystem":/;

describe('nothing is approved by default', () => {
  test('no request of the server is answered while nobody answers it', async () => {
    await using server = new PlayedServer();
    server.piped.send(...ASKED.map((method, id) => ({ id, method, params: { threadId: 't', turnId: 'u' } })));
    for (const _ of ASKED) await server.client.nextMessage();
    const call = server.client.request('thread/list', {});
    server.answer(await server.next('thread/list'), {});
    await call;
    expect(server.piped.received.filter(({ method }) => method === undefined)).toEqual([]);
    expect(server.client.stats().requests.unansweredByUs).toBe(ASKED.length);
  });

  test('L16 a run that nobody iterates grants nothing, whatever is asked', async () => {
    await using server = new PlayedServer();
    const result = server.client.turnRun({ threadId: 't', input: 'go' }).result();
    const turn = (await server.turn()).accept().started();
    const permissions = { network: { enabled: true }, fileSystem: { write: ['/'] } };
    for (const [id, method] of ASKED.entries()) turn.ask(id, method, { permissions, mode: 'url' });
    for (const id of ASKED.keys())
      expect(JSON.stringify(await server.answerTo(id)), ASKED[id]).not.toMatch(YES);
    turn.complete();
    await result;
  });

  test('L16 a real codex that asks for an escalated command does not get to run it', async () => {
    await using provider = await LocalModelProvider.start();
    provider.enqueue(shellCommand('echo ran', { escalate: true }), text('done'));
    await using client = await AsyncClient.start({ ...provider.options });
    const { thread } = await client.threadStart({ approvalPolicy: 'on-request' });
    const { items } = await client.turnRun({ threadId: thread.id, input: 'go' }).result();
    const commands = items.filter((item) => item.type === 'commandExecution');
    expect(commands).toMatchObject([{ status: 'declined', aggregatedOutput: null }]);
  });
});

describe('no value of the environment is in an error', () => {
  const SECRET = 'a value that nobody may read';
  const env = { MY_SETTING: SECRET };
  const failures: readonly (readonly [string, StartOptions])[] = [
    ['a codex that is not there', { codexPath: '/no/such/codex', env }],
    ['a program that is not there', { command: ['/no/such/program'], env }],
    ['a folder that is no program', { command: ['/'], env }],
    ['a server that refuses', { command: scriptedCommand('exits-in-handshake'), env }],
    ['a folder that is not there', { cwd: '/no/such/folder', command: ['codex'], env }],
    ['a bad value beside it', { command: ['codex'], env: { ...env, OTHER: 5 as never } }],
  ];

  test.each(failures)('of %s', async (_, options) => {
    const error = await AsyncClient.start(options).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(Error);
    // As a logger prints it: the causes and every member included.
    expect(inspect(error, { depth: 20, showHidden: true })).not.toContain(SECRET);
  });
});
