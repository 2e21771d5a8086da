/**
 * Decisions as data: the right response for each kind of server request, old and new. Nothing here sends
 * anything; pass the response to `respond`, or keep it as a standing answer.
 */

import type { CommandExecutionApprovalDecision, GrantedPermissionProfile } from '../protocol/generated.js';
import type {
  ServerRequest,
  ServerRequestMethod,
  ServerRequestResult,
} from '../session/messages/server-message.js';
import { describeValue, memberOf, rejectArgument } from '../support/argument-checks.js';
import { InvalidArgumentError } from '../support/errors.js';

/** How far an approval goes: this one request, or all like it until the session ends. */
export type ApprovalScope = 'once' | 'session';

/** The text the model reads when a request is denied where the protocol has room for one. */
const DENIAL_TEXT = 'The user denied this request.';

/**
 * The response that approves a request. Approves no more than asked: `'session'` becomes a single approval where the
 * server does not offer more.
 *
 * @param scope - `'once'` by default
 * @throws InvalidArgumentError when the request is none that a yes can answer (a question, a tool call, a form),
 * or `availableDecisions` offers no approval
 */
export function approve<R extends ServerRequest>(
  request: R,
  scope: ApprovalScope = 'once',
): ServerRequestResult<R['method']> {
  if (scope !== 'once' && scope !== 'session') rejectArgument('scope', scope, '"once" or "session"');
  const response = approvalOf(checkedRequest(request), scope === 'session');
  if (response === undefined) {
    const message = `request: ${request.method} cannot be answered with an approval alone; build its response and pass it to respond()`;
    throw new InvalidArgumentError('request', message);
  }
  // approvalOf builds the response of the method it was given.
  return response as ServerRequestResult<R['method']>;
}

/**
 * The response that denies a request. The turn goes on without what was asked for, except where the server offers only
 * `cancel` for a command, which ends the turn as `interrupted`.
 *
 * @throws InvalidArgumentError when the protocol has no denial for the request; refuse it with `respondError()`
 */
export function deny<R extends ServerRequest>(request: R): ServerRequestResult<R['method']> {
  const response = denialOf(checkedRequest(request));
  if (response === undefined) {
    const message = `request: the protocol has no denial for ${request.method}; refuse it with respondError()`;
    throw new InvalidArgumentError('request', message);
  }
  // denialOf builds the response of the method it was given.
  return response as ServerRequestResult<R['method']>;
}

/** The denial of a request, or undefined where the protocol has none. */
export function denialOf(request: ServerRequest): ServerRequestResult<ServerRequestMethod> | undefined {
  switch (request.method) {
    case 'item/commandExecution/requestApproval':
      return {
        decision:
          offered<'decline' | 'cancel'>(request.params.availableDecisions, ['decline', 'cancel']) ??
          'decline',
      };
    case 'item/fileChange/requestApproval':
      return { decision: 'decline' };
    case 'item/permissions/requestApproval':
      return { permissions: {}, scope: 'turn' };
    case 'applyPatchApproval':
    case 'execCommandApproval':
      return { decision: { denied: { rejection: DENIAL_TEXT } } };
    case 'mcpServer/elicitation/request':
      return { action: 'decline', content: null, _meta: null };
    case 'item/tool/requestUserInput':
      return { answers: {} };
    case 'item/tool/call':
      return { contentItems: [{ type: 'inputText', text: DENIAL_TEXT }], success: false };
    default:
      return undefined;
  }
}

function approvalOf(
  request: ServerRequest,
  forSession: boolean,
): ServerRequestResult<ServerRequestMethod> | undefined {
  switch (request.method) {
    case 'item/commandExecution/requestApproval':
      return { decision: commandApproval(request, forSession) };
    case 'item/fileChange/requestApproval':
      return { decision: forSession ? 'acceptForSession' : 'accept' };
    case 'item/permissions/requestApproval':
      return { permissions: grantOf(request.params.permissions), scope: forSession ? 'session' : 'turn' };
    case 'applyPatchApproval':
    case 'execCommandApproval':
      return { decision: forSession ? 'approved_for_session' : 'approved' };
    case 'mcpServer/elicitation/request':
      return request.params.mode === 'url' ? { action: 'accept', content: null, _meta: null } : undefined;
    default:
      return undefined;
  }
}

function commandApproval(
  request: ServerRequest<'item/commandExecution/requestApproval'>,
  forSession: boolean,
): CommandExecutionApprovalDecision {
  const { availableDecisions } = request.params;
  const decision = offered(availableDecisions, forSession ? ['acceptForSession', 'accept'] : ['accept']);
  if (decision !== undefined) return decision;
  throw new InvalidArgumentError(
    'request',
    `request: the server offers no plain approval for this command, only ${JSON.stringify(availableDecisions)}; pick one and pass it to respond()`,
  );
}

/** The first of the wanted decisions that the server offers; a server that lists none takes any. */
function offered<D extends string>(
  available: readonly CommandExecutionApprovalDecision[] | null | undefined,
  wanted: readonly D[],
): D | undefined {
  if (available === null || available === undefined) return wanted[0];
  return wanted.find((decision) => available.some((other) => other === decision));
}

/** Grants what was asked for and nothing else. */
function grantOf(requested: {
  readonly network: GrantedPermissionProfile['network'] | null;
  readonly fileSystem: GrantedPermissionProfile['fileSystem'] | null;
}): GrantedPermissionProfile {
  const { network, fileSystem } = requested;
  return { ...(network ? { network } : {}), ...(fileSystem ? { fileSystem } : {}) };
}

function checkedRequest<R extends ServerRequest>(request: R): R {
  if (memberOf(request, 'kind') === 'request') return request;
  throw new InvalidArgumentError(
    'request',
    `request: expected a server request, got ${describeValue(request)}`,
  );
}
