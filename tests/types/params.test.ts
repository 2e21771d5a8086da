// What a caller may write, and what a reader still reads. `tsc -p tests/tsconfig.json` is what fails here; nothing is called.
import type { AsyncClient, protocol, ServerRequest, WithTurnInput } from 'codex-async-client';
import { describe, expectTypeOf, test } from 'vitest';

/** A client for the type system only: the functions that use it are never run. */
declare const client: AsyncClient;

/** Type-checks calls without making them. */
function check(_calls: () => unknown): void {}

const SETTINGS = { tools: { names: ['a', 'b'], limits: [1, null] }, on: true } as const;

describe('what a caller writes', () => {
  test('is checked by a compiler that tells undefined from what is left out', () => {
    // @ts-expect-error or the next test could not fail
    check((): { a?: string } => ({ a: undefined }));
  });

  test('takes undefined where a member may be left out', () => {
    check(() => [
      client.threadStart({ model: process.env['MODEL'], sandbox: undefined, config: undefined }),
      client.request('thread/list', { cursor: undefined }),
      client.paginate('thread/list', { cursor: undefined }),
      client.turnRun({ threadId: 't', input: 'x', model: process.env['MODEL'] }),
      client.threadRun({ thread: { cwd: undefined }, turn: { input: 'x', effort: undefined } }),
      client.commandRun({ command: ['ls'], env: { A: undefined }, size: undefined }),
      // @ts-expect-error what is needed is needed
      client.fsReadFile({ path: undefined }),
    ]);
  });

  test('takes read-only data', () => {
    check(() => [
      client.threadStart({ config: SETTINGS, runtimeWorkspaceRoots: ['/a'] as const }),
      client.commandExec({ command: ['ls', '-l'] as const }),
      client.configBatchWrite({
        edits: [{ keyPath: 'a', value: SETTINGS, mergeStrategy: 'replace' }],
      } as const),
      client.request('turn/start', { threadId: 't', input: [{ type: 'text', text: 'x' }] } as const),
      // @ts-expect-error a function is no JSON
      client.threadStart({ config: { a: () => 1 } }),
    ]);
  });

  test('leaves out what the server has a default for', () => {
    check(() => [
      client.initialize({ clientInfo: { name: 'a', version: '1' } }),
      client.request('turn/start', { threadId: 't', input: [], sandboxPolicy: { type: 'workspaceWrite' } }),
      client.fuzzyFileSearch({ query: 'x', roots: [] }),
      // @ts-expect-error a list of roots has no default
      client.fuzzyFileSearch({ query: 'x' }),
    ]);
  });

  test('takes whatever was read', () => {
    expectTypeOf<protocol.UserInput>().toExtend<protocol.SentUserInput>();
    expectTypeOf<protocol.JsonValue>().toExtend<protocol.SentJsonValue>();
    expectTypeOf<protocol.SandboxPolicy>().toExtend<protocol.SentSandboxPolicy>();
    expectTypeOf<protocol.ResponseItem>().toExtend<protocol.SentResponseItem>();
    expectTypeOf<protocol.CollaborationMode>().toExtend<protocol.SentCollaborationMode>();
    expectTypeOf<protocol.ThreadStartResponse['sandbox']>().toExtend<
      NonNullable<protocol.TurnStartParams['sandboxPolicy']>
    >();
  });

  test('holds for answers to the server as well', () => {
    check((): Promise<void> | undefined => {
      const request = undefined as unknown as ServerRequest;
      if (request.method === 'item/permissions/requestApproval')
        return client.respond(request, {
          permissions: { fileSystem: { entries: [] as const, read: undefined } },
          strictAutoReview: undefined,
        });
      if (request.method === 'mcpServer/elicitation/request')
        return client.respond(request, { action: 'accept', content: SETTINGS });
      return undefined;
    });
  });
});

describe('what the server sends', () => {
  test('has arrays that a reader may change, and every member that is promised', () => {
    expectTypeOf<protocol.Thread['turns']>().toEqualTypeOf<protocol.Turn[]>();
    expectTypeOf<protocol.ModelListResponse['data']>().toEqualTypeOf<protocol.Model[]>();
    expectTypeOf<Extract<protocol.ThreadItem, { type: 'userMessage' }>['content']>().toEqualTypeOf<
      protocol.UserInput[]
    >();
    expectTypeOf<Extract<protocol.UserInput, { type: 'text' }>['text_elements']>().toEqualTypeOf<
      protocol.TextElement[]
    >();
    expectTypeOf<protocol.AdditionalNetworkPermissions>().toEqualTypeOf<{ enabled: boolean | null }>();
  });

  test('has JSON that narrows to an array', () => {
    const value = undefined as unknown as protocol.JsonValue;
    if (Array.isArray(value)) expectTypeOf(value).toEqualTypeOf<protocol.JsonValue[]>();
  });
});

test('turnStart and turnSteer take the input of turnRun, request() that of the protocol', () => {
  const params = { threadId: 't', expectedTurnId: 'u' };
  const image = { type: 'localImage', path: '/a.png' } as const;
  expectTypeOf<Parameters<AsyncClient['turnStart']>[0]>().toEqualTypeOf<
    WithTurnInput<protocol.TurnStartParams>
  >();
  check(() => [
    client.turnStart({ threadId: 't', input: 'x' }),
    client.turnStart({ threadId: 't', input: ['x', image] }),
    client.turnStart({ threadId: 't', input: [{ type: 'text', text: 'x' }] }),
    client.turnSteer({ ...params, input: 'x' }),
    client.turnSteer({ ...params, input: ['x', image] as const }),
    // @ts-expect-error an image has a path
    client.turnStart({ threadId: 't', input: [{ type: 'localImage' }] }),
    // @ts-expect-error needs input
    client.turnSteer(params),
    // @ts-expect-error the protocol has items alone
    client.request('turn/start', { threadId: 't', input: 'x' }),
  ]);
});
