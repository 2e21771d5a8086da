/// <reference lib="esnext.disposable" preserve="true" />
/**
 * The public surface of `codex-async-client`. Every export is named here on purpose: adding one makes it part
 * of the contract. The types of the protocol are under `protocol`. The reference above gives `Symbol.asyncDispose` to
 * programs whose own `lib` does not have it, and the declaration below the name `AbortSignal` to programs that have
 * neither the types of the DOM nor those of Node.js; with either it adds nothing.
 */

export type {
  ConnectTarget,
  ProxyTarget,
  SocketTarget,
  UrlTarget,
} from './app-server/connection/connect-target.js';
export { ConnectionError } from './app-server/connection/connection-error.js';
export type { AppServerOptions, ConfigObject, ConfigValue } from './app-server/launch/server-options.js';
export type {
  AttachableChild,
  AttachableExit,
  AttachableReadable,
  AttachableWritable,
} from './app-server/lifetime/attachable-child.js';
export { AsyncClient } from './client/async-client.js';
export type {
  AttachOptions,
  BufferOptions,
  ClientOptions,
  ConnectOptions,
  StartOptions,
} from './client/client-options.js';
export type { Conversation } from './client/conversation.js';
export type {
  ClientState,
  ClientStats,
  InitializeOptions,
  ShutdownOptions,
} from './client/conversation-types.js';
export type { ServerInfo } from './client/server-info.js';
export type {
  HealthCheckOptions,
  RestartOptions,
  SuperviseConnectOptions,
  SuperviseOptions,
  SuperviseStartOptions,
  SupervisionOptions,
} from './client/supervise-options.js';
export type * as protocol from './protocol/generated.js';
export { PROTOCOL_VERSION } from './protocol/generated.js';
export {
  type AcceptedContent,
  type ApprovalScope,
  accept,
  approve,
  type ContentRequestMethod,
  type DenyOptions,
  deny,
} from './runs/approvals.js';
export type { ByteStream } from './runs/command/byte-stream.js';
export type { CommandRunOptions, CommandRunParams } from './runs/command/command-params.js';
export type { CommandOutputChunk } from './runs/command/command-queue.js';
export type { CommandResult, CommandRun } from './runs/command/command-run.js';
export type { TextLines } from './runs/command/text-lines.js';
export type { FileWatch, FileWatchOptions, FileWatchParams } from './runs/file-watch.js';
export {
  type ServerSentEvents,
  type ServerSentEventsOptions,
  serverSentEvents,
} from './runs/follow/server-sent-events.js';
export type { ThreadEntries } from './runs/follow/thread-entries.js';
export type { GapEntry, MessageEntry, SnapshotEntry, ThreadEntry } from './runs/follow/thread-entry.js';
export type { EntryReadOptions, FollowOptions, ThreadLog } from './runs/follow/thread-log.js';
export type { GoalRunOptions, GoalRunParams } from './runs/goal/goal-options.js';
export type { GoalOutcome, GoalResult, GoalTurnResult } from './runs/goal/goal-result.js';
export type { GoalRun } from './runs/goal/goal-run.js';
export type { Login, LoginCompletedOptions, LoginOf } from './runs/login.js';
export type { PageItem, Pages, PaginatedMethod } from './runs/pages-methods.js';
export { plainCommandOf } from './runs/plain-command.js';
export type {
  ThreadFilter,
  ThreadGoalParams,
  ThreadHandle,
  ThreadOptions,
  ThreadReference,
} from './runs/thread/thread-handle.js';
export type {
  FirstTurn,
  NewThread,
  StartedThread,
  ThreadRun,
  ThreadRunParams,
  ThreadRunResult,
} from './runs/thread/thread-run.js';
export type { AdoptOptions, TurnReference } from './runs/turn/adopt-options.js';
export type { Budget } from './runs/turn/budget.js';
export type { CompactOptions } from './runs/turn/compact-turn.js';
export {
  BudgetExceededError,
  OutputMismatchError,
  TurnFailedError,
  TurnOutcomeUnknownError,
} from './runs/turn/result-errors.js';
export type { ReviewRunOptions } from './runs/turn/review-run.js';
export type { Run, TurnRun } from './runs/turn/run.js';
export type { RunSnapshots } from './runs/turn/run-snapshots.js';
export type { TurnInput, TurnInputItem, WithTurnInput } from './runs/turn/turn-input.js';
export type { TurnRunOptions, TurnRunParams } from './runs/turn/turn-options.js';
export type { AgentMessage, ItemOf, RawTurn, TurnOutcome, TurnResult } from './runs/turn/turn-result.js';
export type { TurnText } from './runs/turn/turn-text.js';
export type {
  JsonSchema,
  OutputSchema,
  SchemaIssue,
  SchemaValidation,
  StandardJsonSchema,
  StandardSchema,
} from './schemas/output-schema.js';
export type { StandingAnswers } from './session/answers/standing-answers.js';
export type { CloseReason } from './session/close-reason.js';
export type { AnswerTo, MadeAnswer, ServerRequestResult } from './session/messages/answer-types.js';
export type {
  AnyServerMessage,
  AnyServerRequest,
  NotificationMethod,
  ServerMessage,
  ServerNotification,
  ServerRequest,
  ServerRequestMethod,
  UnknownMessage,
  UnknownMethod,
  UnknownNotification,
  UnknownRequest,
} from './session/messages/server-message.js';
export type {
  ClientMethod,
  ParamsOf,
  RequestArguments,
  ResponseOf,
} from './session/requests/protocol-request.js';
export type { RequestOptions, TraceContext } from './session/requests/request-options.js';
export type { SessionStats } from './session/session-stats.js';
export type { EventFilter, Filtered } from './session/streams/event-filter.js';
export type { EventOptions, EventStream } from './session/streams/event-stream.js';
export type { HeldOptions } from './session/streams/held-options.js';
export type { ReadOptions } from './session/streams/read-options.js';
export type { StreamStats } from './session/streams/stream-stats.js';
export type { Gap } from './session/taps/held-copies.js';
export type { EventTap, Tap, TapOptions, WireFrame, WireTap } from './session/taps/tap.js';
export type { TapStats } from './session/taps/tap-stats.js';
export type { LostRequest, LostTurn, LostWork } from './supervisor/lost-work.js';
export type { PartialText } from './supervisor/partial-texts.js';
export type { Restart, Restarts } from './supervisor/restarts.js';
export type { SupervisedThreadHandle } from './supervisor/supervised-handle.js';
export type { SupervisedRunOptions } from './supervisor/supervised-runs.js';
export type { Supervisor } from './supervisor/supervisor.js';
export type { SupervisorState, SupervisorStats } from './supervisor/supervisor-stats.js';
export type { CodexErrorCode } from './support/error-codes.js';
export {
  AlreadyReadError,
  AlreadyRespondedError,
  BackpressureError,
  CodexClientError,
  ConcurrentReadError,
  HandshakeError,
  InvalidArgumentError,
  OverloadedError,
  ProtocolError,
  RequestTimeoutError,
  RpcError,
  ServerClosedError,
  type ServerExit,
  SpawnError,
  StaleRequestError,
  UnsupportedServerError,
} from './support/errors.js';
export type { PulledStream } from './support/pull-stream.js';
export {
  ResumeWouldSpendError,
  ThreadBusyElsewhereError,
  ThreadBusyError,
  ThreadRunError,
  TurnNotFoundError,
  TurnRemovedError,
} from './support/thread-errors.js';
export type { DefinedToolCall, RefusedToolCall, ToolCall } from './tools/tool-call.js';
export type { ToolCallOptions, ToolCalls } from './tools/tool-calls.js';
export type {
  ToolAnswer,
  ToolContent,
  ToolDefinition,
  ToolDefinitions,
  ToolInput,
  ToolsOptions,
} from './tools/tool-definition.js';
export { defineTools, type ToolCallOf, type Tools } from './tools/tools.js';
export type { RequestId } from './wire/wire-message.js';

declare global {
  interface AbortSignal {}
}
