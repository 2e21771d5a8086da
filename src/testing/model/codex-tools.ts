/**
 * Calls of codex's own tools, by the names and arguments that codex 0.169 understands. What is known
 * about those tools lives here only, so that a newer codex changes one file. Which tools a request
 * really offered is in `ModelRequest.toolNames`.
 */
import { checkKnownKeys, checkText, rejectArgument } from '../../support/argument-checks.js';
import { customToolCall, toolCall } from './reply-builders.js';
import type { CustomToolCallStep, ToolCallStep } from './reply-steps.js';

/** How a command is to be run. */
export interface ShellCommandOptions {
  /** Ask to run outside the sandbox, so that the client is asked for approval. @defaultValue `false` */
  readonly escalate?: boolean | undefined;
  /** The reason shown with the approval request. Only with `escalate`. @defaultValue none */
  readonly justification?: string | undefined;
  /** The directory to run in. @defaultValue the thread's directory */
  readonly cwd?: string | undefined;
  /** Run in a login shell, whose start files may print more. @defaultValue `false` */
  readonly login?: boolean | undefined;
  /** The id of the call, which becomes the id of the thread's item. @defaultValue a new id */
  readonly callId?: string | undefined;
}

/**
 * Runs a shell command (tool `exec_command`). With `escalate`, and an approval policy of `on-request`
 * (the one that `LocalModelProvider.options` sets), the client gets `item/commandExecution/requestApproval`.
 *
 * @throws InvalidArgumentError when the command is empty, or a justification comes without `escalate`.
 */
export function shellCommand(command: string, options: ShellCommandOptions = {}): ToolCallStep {
  if (typeof command !== 'string' || command === '')
    rejectArgument('shellCommand', command, 'a shell command as non-empty text');
  const { escalate = false, justification, cwd, login = false, callId } = options;
  if (justification !== undefined && !escalate)
    rejectArgument('shellCommand.justification', justification, 'nothing without `escalate: true`');
  const args = {
    cmd: command,
    login,
    ...(cwd === undefined ? {} : { workdir: cwd }),
    ...(escalate ? { sandbox_permissions: 'require_escalated' } : {}),
    ...(justification === undefined ? {} : { justification }),
  };
  return toolCall('exec_command', args, { callId });
}

/**
 * Changes files (tool `apply_patch`). The patch is text of the form
 * `*** Begin Patch`, then `*** Add File: path` with `+` lines (or `*** Update File:`, `*** Delete File:`),
 * then `*** End Patch`. Outside what the sandbox may write, the client gets `item/fileChange/requestApproval`.
 *
 * @throws InvalidArgumentError when the text does not begin with `*** Begin Patch`.
 */
export function applyPatch(
  patch: string,
  options: { readonly callId?: string | undefined } = {},
): CustomToolCallStep {
  if (typeof patch !== 'string' || !patch.startsWith('*** Begin Patch'))
    rejectArgument('applyPatch', patch, 'a patch that begins with "*** Begin Patch"');
  return customToolCall('apply_patch', patch, options);
}

/** One question of {@link requestUserInput}. */
export interface UserInputQuestion {
  /** What the answer is found under. */
  readonly id: string;
  /** A short label, 12 characters or fewer. */
  readonly header: string;
  /** What the user reads. */
  readonly question: string;
  /** The answers to choose from, two or more. */
  readonly options: readonly { readonly label: string; readonly description: string }[];
}

/**
 * Asks the user questions (tool `request_user_input`): the client gets `item/tool/requestUserInput`. Outside plan mode codex
 * needs the feature `default_mode_request_user_input`, which `LocalModelProvider.options` turns on.
 *
 * @throws InvalidArgumentError when there is no question.
 */
export function requestUserInput(
  questions: readonly UserInputQuestion[],
  options: { readonly callId?: string | undefined } = {},
): ToolCallStep {
  if (!Array.isArray(questions) || questions.length === 0)
    rejectArgument('requestUserInput', questions, 'one or more questions');
  return toolCall('request_user_input', { questions }, options);
}

/** What {@link requestPermissions} asks for. */
export interface PermissionsWanted {
  /** Why, as shown to the user. */
  readonly reason?: string | undefined;
  /** Access to the network. */
  readonly network?: boolean | undefined;
  /** Absolute paths to read below. */
  readonly read?: readonly string[] | undefined;
  /** Absolute paths to write below. */
  readonly write?: readonly string[] | undefined;
  /** The id of the call, which becomes the id of the request's item. @defaultValue a new id */
  readonly callId?: string | undefined;
}

/**
 * Asks for more permissions (tool `request_permissions`): the client gets `item/permissions/requestApproval`. Codex needs the
 * feature `request_permissions_tool`, which `LocalModelProvider.options` turns on.
 *
 * @throws InvalidArgumentError when nothing is asked for.
 */
export function requestPermissions(wanted: PermissionsWanted): ToolCallStep {
  checkKnownKeys('requestPermissions', wanted, ['reason', 'network', 'read', 'write', 'callId']);
  const { reason, network, read, write, callId } = wanted;
  if (network !== true && read === undefined && write === undefined)
    rejectArgument('requestPermissions', wanted, 'at least one of network, read and write');
  const fileSystem = read === undefined && write === undefined ? {} : { file_system: { read, write } };
  const permissions = { ...(network === true ? { network: { enabled: true } } : {}), ...fileSystem };
  return toolCall('request_permissions', { reason, permissions }, { callId });
}

/** How a sub-agent is started. */
export interface SpawnAgentOptions {
  /**
   * The task's name in lower-case letters, digits and underscores. With it the call is for codex's feature `multi_agent_v2`
   * (`LocalModelProvider.start({ config: { features: { multi_agent_v2: true } } })`), which needs one.
   * @defaultValue none
   */
  readonly taskName?: string | undefined;
  /** The id of the call, which becomes the id of the thread's item. @defaultValue a new id */
  readonly callId?: string | undefined;
}

/**
 * Starts a sub-agent with `message` as its task (tool `spawn_agent`). The sub-agent has a thread of its own, and its
 * model requests have `message` as their user text: `provider.when({ userText: message }, ...)` scripts it. When it
 * ends before its parent, codex asks the parent's model once more.
 *
 * @throws InvalidArgumentError when the message is empty.
 */
export function spawnAgent(message: string, options: SpawnAgentOptions = {}): ToolCallStep {
  if (typeof message !== 'string' || message === '')
    rejectArgument('spawnAgent', message, 'a task as non-empty text');
  const { taskName, ...call } = options;
  if (taskName === undefined)
    return toolCall('spawn_agent', { message }, { namespace: 'multi_agent_v1', ...call });
  checkText('spawnAgent.taskName', taskName);
  return toolCall('spawn_agent', { task_name: taskName, message }, { namespace: 'collaboration', ...call });
}
