/// <reference lib="esnext.disposable" preserve="true" />
/**
 * The entry point `codex-async-client/testing`: a scripted model for a real codex, so that programs are
 * tested with the real server and without network or account. Every export is named here on purpose.
 * The main entry point never loads this one.
 */
export {
  applyPatch,
  type PermissionsWanted,
  requestPermissions,
  requestUserInput,
  type ShellCommandOptions,
  type SpawnAgentOptions,
  shellCommand,
  spawnAgent,
  type UserInputQuestion,
} from './codex-tools.js';
export type { FakeEnd, FakeTurn } from './fake-turn.js';
export { type FakeThread, fakeThreadRun, fakeTurnRun } from './fake-turn-run.js';
export { type Gate, gate } from './gate.js';
export { LocalModelProvider, type LocalModelProviderOptions } from './local-model-provider.js';
export type {
  ModelInputItem,
  ModelRequest,
  ModelRequestBody,
  ModelTool,
  ReplyOutcome,
  ToolOutput,
} from './model-request.js';
export type { LocalProviderOptions } from './provider-options.js';
export {
  commentary,
  customToolCall,
  disconnect,
  echo,
  failure,
  finalAnswer,
  httpError,
  rawEvent,
  rawReasoning,
  reasoning,
  repeatText,
  type ToolCallOptions,
  text,
  toolCall,
  usage,
} from './reply-builders.js';
export type { RequestMatch } from './reply-script.js';
export type {
  CustomToolCallStep,
  DisconnectStep,
  EchoStep,
  FailureStep,
  HttpErrorStep,
  ModelReply,
  RawEventStep,
  ReasoningStep,
  RepeatedPiece,
  ReplyStep,
  TextPiece,
  TextStep,
  ToolCallStep,
  UsageStep,
} from './reply-steps.js';
export type { NextRequestOptions } from './request-log.js';
