/** approve() and deny(): the right response for every kind of server request, old and new, and no more than was asked. */
import {
  type ApprovalScope,
  accept,
  approve,
  type DenyOptions,
  deny,
  InvalidArgumentError,
  type ServerRequest,
  type ServerRequestMethod,
} from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { interruptsTurn } from '../../src/runs/approvals.js';

/** A request with no more members than a decision looks at. */
function requestOf(method: string, params: object = {}): ServerRequest {
  // The rest of the params plays no part here.
  return { kind: 'request', id: 0, method, params } as ServerRequest;
}

const COMMAND = 'item/commandExecution/requestApproval';
const PERMISSIONS = 'item/permissions/requestApproval';
const ELICITATION = 'mcpServer/elicitation/request';
const fileSystem = { entries: [{ path: '/tmp', access: 'write' }] };
const network = { enabled: true };

/** What the model reads in a denial. */
const DENIED = 'The user denied this request.';

const NONE = undefined;
type Row = readonly [
  ServerRequestMethod,
  object,
  once: object | undefined,
  session: object | undefined,
  denial: object | undefined,
];

/** What each request becomes; `NONE` where the protocol has no such answer. */
const RESPONSES: readonly Row[] = [
  [COMMAND, {}, { decision: 'accept' }, { decision: 'acceptForSession' }, { decision: 'decline' }],
  [
    COMMAND,
    { availableDecisions: null },
    { decision: 'accept' },
    { decision: 'acceptForSession' },
    { decision: 'decline' },
  ],
  [
    COMMAND,
    { availableDecisions: ['accept', 'cancel'] },
    { decision: 'accept' },
    { decision: 'accept' },
    { decision: 'decline' },
  ],
  [
    COMMAND,
    { availableDecisions: ['cancel', 'decline', 'acceptForSession', 'accept'] },
    { decision: 'accept' },
    { decision: 'acceptForSession' },
    { decision: 'decline' },
  ],
  [
    COMMAND,
    { availableDecisions: ['acceptForSession', 'decline'] },
    NONE,
    { decision: 'acceptForSession' },
    { decision: 'decline' },
  ],
  [
    COMMAND,
    { availableDecisions: [{ acceptWithExecpolicyAmendment: { execpolicy_amendment: ['ls'] } }, 'cancel'] },
    NONE,
    NONE,
    { decision: 'decline' },
  ],
  [
    'item/fileChange/requestApproval',
    {},
    { decision: 'accept' },
    { decision: 'acceptForSession' },
    { decision: 'decline' },
  ],
  [
    PERMISSIONS,
    { permissions: { network, fileSystem } },
    { permissions: { network, fileSystem }, scope: 'turn' },
    { permissions: { network, fileSystem }, scope: 'session' },
    { permissions: {}, scope: 'turn' },
  ],
  [
    PERMISSIONS,
    { permissions: { network, fileSystem: null } },
    { permissions: { network }, scope: 'turn' },
    { permissions: { network }, scope: 'session' },
    { permissions: {}, scope: 'turn' },
  ],
  [
    PERMISSIONS,
    { permissions: { network: null, fileSystem } },
    { permissions: { fileSystem }, scope: 'turn' },
    { permissions: { fileSystem }, scope: 'session' },
    { permissions: {}, scope: 'turn' },
  ],
  [
    'execCommandApproval',
    {},
    { decision: 'approved' },
    { decision: 'approved_for_session' },
    { decision: { denied: { rejection: DENIED } } },
  ],
  [
    'applyPatchApproval',
    {},
    { decision: 'approved' },
    { decision: 'approved_for_session' },
    { decision: { denied: { rejection: DENIED } } },
  ],
  [
    ELICITATION,
    { mode: 'url' },
    { action: 'accept', content: null, _meta: null },
    { action: 'accept', content: null, _meta: null },
    { action: 'decline', content: null, _meta: null },
  ],
  [ELICITATION, { mode: 'form' }, NONE, NONE, { action: 'decline', content: null, _meta: null }],
  ['item/tool/requestUserInput', {}, NONE, NONE, { answers: {} }],
  ['item/tool/call', {}, NONE, NONE, { success: false, contentItems: [{ type: 'inputText', text: DENIED }] }],
  ['account/chatgptAuthTokens/refresh', {}, NONE, NONE, NONE],
  ['attestation/generate', {}, NONE, NONE, NONE],
  ['currentTime/read', {}, NONE, NONE, NONE],
];

/** The response, or that there is none. */
function responseOf(answer: () => object): object | undefined {
  try {
    return answer();
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidArgumentError);
    expect(error).toMatchObject({
      argument: 'request',
      message: expect.stringMatching(/respond(Error)?\(\)/),
    });
    return undefined;
  }
}

describe.each(RESPONSES)('%s with %j', (method, params, once, session, denial) => {
  test.each([
    ['once', once],
    ['session', session],
  ] as const)('is approved for scope %s with %j', (scope, response) => {
    expect(responseOf(() => approve(requestOf(method, params), scope))).toEqual(response);
  });

  test('is approved once when no scope is given', () => {
    expect(responseOf(() => approve(requestOf(method, params)))).toEqual(once);
  });

  test('is denied', () => {
    expect(responseOf(() => deny(requestOf(method, params)))).toEqual(denial);
  });
});

describe('a denial that interrupts the turn', () => {
  const inTurn = { threadId: 'thread', turnId: 'turn' };

  test.each([
    [COMMAND, { decision: 'cancel' }],
    ['item/fileChange/requestApproval', { decision: 'cancel' }],
    ['execCommandApproval', { decision: 'abort' }],
    ['applyPatchApproval', { decision: 'abort' }],
  ])('is a decision of the protocol where there is one: %s', (method, response) => {
    const denial = deny(requestOf(method, inTurn), { then: 'interrupt' });
    expect(denial).toEqual(response);
    expect(interruptsTurn(denial)).toBe(false);
  });

  test.each([[PERMISSIONS], [ELICITATION], ['item/tool/requestUserInput'], ['item/tool/call']])(
    'is the denial and an interruption where there is none: %s',
    (method) => {
      const request = requestOf(method, inTurn);
      const denial = deny(request, { then: 'interrupt' });
      expect(denial).toEqual(deny(request));
      expect(interruptsTurn(denial)).toBe(true);
      for (const other of [deny(request), deny(request, { then: 'continue' }), { ...denial }, 'accept', null])
        expect(interruptsTurn(other)).toBe(false);
    },
  );

  test('L20 needs a turn, and a request that can be denied', () => {
    const elicitation = requestOf(ELICITATION, { threadId: 'thread', turnId: null });
    expect(() => deny(elicitation, { then: 'interrupt' })).toThrow('names no turn that could be interrupted');
    expect(deny(elicitation)).toMatchObject({ action: 'decline' });
    expect(() => deny(requestOf('currentTime/read', inTurn), { then: 'interrupt' })).toThrow(
      'respondError()',
    );
  });

  test.each([
    [{ then: 'stop' }, 'options.then', '"continue" or "interrupt"'],
    [{ than: 'interrupt' }, 'options.than', 'did you mean "then"'],
    [null, 'options', 'an object'],
  ])('L20 %j are no options', (options, argument, part) => {
    const call = () => deny(requestOf(COMMAND), options as DenyOptions);
    expect(call).toThrow(part);
    expect(call).toThrow(expect.objectContaining({ argument }));
  });
});

describe('accept()', () => {
  const questions = [{ id: 'color' }, { id: 'sizes' }];
  const question = requestOf('item/tool/requestUserInput', { questions });
  /** As a program without types calls it. */
  const acceptAny = accept as unknown as (request: ServerRequest, content: unknown) => unknown;

  test('fills in the form of an MCP server', () => {
    const form = requestOf(ELICITATION, { mode: 'form' }) as ServerRequest<typeof ELICITATION>;
    expect(accept(form, { name: 'x', age: 5 })).toEqual({
      action: 'accept',
      content: { name: 'x', age: 5 },
      _meta: null,
    });
  });

  test('answers the questions to the user: with one text, several, or not at all', () => {
    expect(acceptAny(question, { color: 'red', sizes: ['s', 'm'] })).toEqual({
      answers: { color: { answers: ['red'] }, sizes: { answers: ['s', 'm'] } },
    });
    expect(acceptAny(question, { color: 'red' })).toEqual({ answers: { color: { answers: ['red'] } } });
    expect(acceptAny(question, {})).toEqual({ answers: {} });
  });

  test.each([
    [question, { colour: 'red' }, 'content.colour', 'did you mean "color"'],
    [question, { color: 5 }, 'content.color', 'a string, or an array of strings'],
    [question, { color: ['red', 5] }, 'content.color', 'a string, or an array of strings'],
    [question, 'red', 'content', 'an object'],
    [requestOf(ELICITATION, { mode: 'form' }), 'yes', 'content', 'the fields of the form'],
    [requestOf(ELICITATION, { mode: 'form' }), undefined, 'content', 'the fields of the form'],
    [requestOf(COMMAND), {}, 'request', 'approve()'],
    [{ kind: 'notification' } as unknown as ServerRequest, {}, 'request', 'expected a server request'],
  ])('L20 refuses what does not fit: %#', (request, content, argument, part) => {
    const call = () => acceptAny(request, content);
    expect(call).toThrow(part);
    expect(call).toThrow(expect.objectContaining({ argument }));
  });
});

test('every server request of the protocol has a row above', () => {
  const covered = RESPONSES.map(([method]) => method);
  // Compiles only while the rows name every method.
  const all: Record<ServerRequestMethod, true> = {
    [COMMAND]: true,
    'item/fileChange/requestApproval': true,
    'item/tool/requestUserInput': true,
    [ELICITATION]: true,
    [PERMISSIONS]: true,
    'item/tool/call': true,
    'account/chatgptAuthTokens/refresh': true,
    'attestation/generate': true,
    'currentTime/read': true,
    applyPatchApproval: true,
    execCommandApproval: true,
  };
  expect([...new Set(covered)].sort()).toEqual(Object.keys(all).sort());
});

test('a request of a newer server can be neither approved nor denied, only answered', () => {
  expect(() => approve(requestOf('item/newer/requestApproval'))).toThrow(/item\/newer\/requestApproval/);
  expect(() => deny(requestOf('item/newer/requestApproval'))).toThrow(/respondError\(\)/);
});

test('the error for a command without a plain approval names what the server offers', () => {
  const request = requestOf(COMMAND, { availableDecisions: ['decline'] });
  expect(() => approve(request)).toThrow('only ["decline"]');
});

test.each([
  [undefined],
  [null],
  ['yes'],
  [0],
  [{}],
  [{ kind: 'notification', method: 'turn/started', params: {} }],
])('L20 %j is no server request', (value) => {
  // A program without types may hand over anything.
  expect(() => approve(value as ServerRequest)).toThrow(
    expect.objectContaining({ code: 'CODEX_INVALID_ARGUMENT', argument: 'request' }),
  );
  expect(() => deny(value as ServerRequest)).toThrow(/^request: expected a server request/);
});

test.each(['always', '', null, 1])('L20 %j is no scope', (scope) => {
  // As above.
  expect(() => approve(requestOf(COMMAND), scope as ApprovalScope)).toThrow(
    /^scope: expected "once" or "session", got /,
  );
});
