/** approve() and deny(): the right response for every kind of server request, old and new, and no more than was asked. */
import {
  type ApprovalScope,
  approve,
  deny,
  InvalidArgumentError,
  type ServerRequest,
  type ServerRequestMethod,
} from 'codex-async-client';
import { describe, expect, test } from 'vitest';

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
    { decision: 'cancel' },
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
    { decision: 'cancel' },
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
