/// <reference lib="esnext.disposable" preserve="true" />
/**
 * The entry point `codex-async-client/testing`: a scripted model for a real codex, so that programs are tested with the
 * real server and without network or account; tapes of conversations, which play without codex and go wrong on purpose;
 * and runs that are made in a test. Every export is named here on purpose. The main entry point never loads this one.
 */

export type { FakeEnd, FakeTurn } from './fakes/fake-turn.js';
export { type FakeThread, fakeThreadRun, fakeTurnRun } from './fakes/fake-turn-run.js';
export type { Difference } from './fit/line-comparison.js';
export { TapeMismatchError } from './fit/tape-mismatch-error.js';
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
} from './model/codex-tools.js';
export { type Gate, gate } from './model/gate.js';
export { LocalModelProvider, type LocalModelProviderOptions } from './model/local-model-provider.js';
export type {
  ModelInputItem,
  ModelRequest,
  ModelRequestBody,
  ModelTool,
  ReplyOutcome,
  ToolOutput,
} from './model/model-request.js';
export type { LocalProviderOptions } from './model/provider-options.js';
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
} from './model/reply-builders.js';
export type { RequestMatch } from './model/reply-script.js';
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
} from './model/reply-steps.js';
export type { NextRequestOptions } from './model/request-log.js';
export { everyCrash, everySplit } from './replay/fault-plans.js';
export type { FaultPlan, TapeFault } from './replay/faults.js';
export type { ReplayReport } from './replay/replay-report.js';
export { type ReplayOptions, replayTape, type TapeReplay } from './replay/tape-replay.js';
export { readTape } from './tapes/read-tape.js';
export {
  type RecordedClient,
  type RecordTapeOptions,
  recordTape,
  type TapeRecording,
  type TapeSummary,
} from './tapes/record-tape.js';
export type { RedactOptions } from './tapes/redaction.js';
export type { Tape, TapeEnd, TapeGap, TapeHeader, TapeLine, TapeMessage } from './tapes/tape.js';
