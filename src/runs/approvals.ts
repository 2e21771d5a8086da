/**
 * Decisions as data: the right response for each kind of server request, old and new. Nothing here sends
 * anything; pass the response to `respond`, or keep it as a standing answer.
 */

import type {
  CommandExecutionApprovalDecision,
  GrantedPermissionProfile,
  JsonValue,
} from '../protocol/generated.js';
import type { MadeAnswer, ServerRequestResult } from '../session/messages/answer-types.js';
import {
  type AnyServerRequest,
  type ServerRequest,
  type ServerRequestMethod,
  scopeOf,
} from '../session/messages/server-message.js';
import {
  checkKnownKeys,
  describeValue,
  isPlainObject,
  memberOf,
  rejectArgument,
} from '../support/argument-checks.js';
import { InvalidArgumentError } from '../support/errors.js';

/** How far an approval goes: this one request, or all like it until the session ends. */
export type ApprovalScope = 'once' | 'session';

/** How a request is denied. */
export interface DenyOptions {
  /**
   * What becomes of the turn: the agent goes on without what it asked for, or the turn is interrupted.
   *
   * @defaultValue `'continue'`
   */
  readonly then?: 'continue' | 'interrupt' | undefined;
}

/** The methods of server requests that {@link accept} answers: those that ask for more than a yes. */
export type ContentRequestMethod = 'mcpServer/elicitation/request' | 'item/tool/requestUserInput';

/**
 * What is filled in. For a form of an MCP server, its fields by name; for questions to the user, the answer or answers to
 * each question by the question's id.
 */
export type AcceptedContent<M extends ContentRequestMethod> = 'item/tool/requestUserInput' extends M
  ? Readonly<Record<string, string | readonly string[]>>
  : Readonly<Record<string, unknown>>;

/** Denials that an interruption follows, because the protocol's answer alone ends no turn. */
const interrupting = new WeakSet<object>();

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
export function approve<R extends AnyServerRequest>(
  request: R,
  scope: ApprovalScope = 'once',
): MadeAnswer<R['method']> {
  if (scope !== 'once' && scope !== 'session') rejectArgument('scope', scope, '"once" or "session"');
  const response = approvalOf(checkedRequest(request), scope === 'session');
  if (response === undefined) {
    const message = `request: ${request.method} cannot be answered with an approval alone; build its response and pass it to respond()`;
    throw new InvalidArgumentError('request', message);
  }
  // approvalOf builds the response of the method it was given; the mark is in the types alone.
  return response as MadeAnswer<R['method']>;
}

/**
 * The response that denies a request. The agent goes on without what it asked for; with `{then: 'interrupt'}` the turn
 * ends as `interrupted`, whatever kind the request is of. Where the protocol has a decision for that it is used; where it
 * has none, `respond` sends `turn/interrupt` after the denial, so pass it this very object and no copy of it.
 *
 * A command is denied with `decline`, which codex 0.169 takes although it lists only `cancel` as available.
 *
 * @throws InvalidArgumentError when the protocol has no denial for the request (refuse it with `respondError()`), or when
 * the turn of a request that names none is to be interrupted
 */
export function deny<R extends AnyServerRequest>(
  request: R,
  options: DenyOptions = {},
): MadeAnswer<R['method']> {
  checkKnownKeys('options', options, ['then']);
  const { then = 'continue' } = options;
  if (then !== 'continue' && then !== 'interrupt')
    rejectArgument('options.then', then, '"continue" or "interrupt"');
  const asked = checkedRequest(request);
  const response = then === 'interrupt' ? interruptionOf(asked) : denialOf(asked);
  if (response === undefined) {
    const message = `request: the protocol has no denial for ${request.method}; refuse it with respondError()`;
    throw new InvalidArgumentError('request', message);
  }
  // Both build the response of the method they were given; the mark is in the types alone.
  return response as MadeAnswer<R['method']>;
}

/**
 * The response that gives what was asked for: the fields of an MCP server's form, or the user's answers to questions.
 * Nothing is filled in by itself; whether the content is right is the server's to check.
 *
 * @throws InvalidArgumentError when the request is none that asks for content ({@link approve} answers it), or the content
 * is no object, or answers a question that was not asked
 */
export function accept<R extends ServerRequest<ContentRequestMethod>>(
  request: R,
  content: AcceptedContent<R['method']>,
): MadeAnswer<R['method']> {
  // The response is that of the method it was given; the mark is in the types alone.
  return contentResponse(checkedRequest(request), content) as MadeAnswer<R['method']>;
}

/** Whether the turn of the request that this answers is to be interrupted, too. */
export function interruptsTurn(response: unknown): boolean {
  return typeof response === 'object' && response !== null && interrupting.has(response);
}

/** The denial of a request after which the agent goes on, or undefined where the protocol has none. */
export function denialOf(request: ServerRequest): ServerRequestResult<ServerRequestMethod> | undefined {
  switch (request.method) {
    case 'item/commandExecution/requestApproval':
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

/** The denial that ends the turn. */
function interruptionOf(request: ServerRequest): ServerRequestResult<ServerRequestMethod> | undefined {
  switch (request.method) {
    case 'item/commandExecution/requestApproval':
    case 'item/fileChange/requestApproval':
      return { decision: 'cancel' };
    case 'applyPatchApproval':
    case 'execCommandApproval':
      return { decision: 'abort' };
  }
  const denial = denialOf(request);
  if (denial !== undefined && scopeOf(request).turnId === undefined) {
    const message = `request: this ${request.method} names no turn that could be interrupted; deny it without options.then`;
    throw new InvalidArgumentError('request', message);
  }
  if (denial !== undefined) interrupting.add(denial);
  return denial;
}

function contentResponse(
  request: ServerRequest,
  content: unknown,
): ServerRequestResult<ContentRequestMethod> {
  if (request.method === 'item/tool/requestUserInput')
    return { answers: answersOf(request.params.questions, content) };
  if (request.method !== 'mcpServer/elicitation/request') {
    const message = `request: ${request.method} asks for no content; answer it with approve() or deny(), or pass its response to respond()`;
    throw new InvalidArgumentError('request', message);
  }
  if (!isPlainObject(content)) rejectArgument('content', content, 'an object: the fields of the form');
  // What JSON cannot carry is refused by `respond`.
  return { action: 'accept', content: content as JsonValue, _meta: null };
}

function answersOf(
  questions: readonly { readonly id: string }[],
  content: unknown,
): Record<string, { answers: string[] }> {
  checkKnownKeys(
    'content',
    content,
    questions.map(({ id }) => id),
  );
  const entries = Object.entries(content as object).map(([id, answer]): [string, { answers: string[] }] => {
    const answers = typeof answer === 'string' ? [answer] : answer;
    if (!Array.isArray(answers) || !answers.every((one) => typeof one === 'string'))
      rejectArgument(`content.${id}`, answer, 'a string, or an array of strings');
    return [id, { answers: [...answers] }];
  });
  return Object.fromEntries(entries);
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

function checkedRequest(request: AnyServerRequest): ServerRequest {
  // What has another name than those of the protocol is left by every switch over them.
  if (memberOf(request, 'kind') === 'request') return request as ServerRequest;
  throw new InvalidArgumentError(
    'request',
    `request: expected a server request, got ${describeValue(request)}`,
  );
}
