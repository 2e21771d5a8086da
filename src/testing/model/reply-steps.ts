/**
 * What a scripted reply of the local model is made of: plain data, one type for each kind of step.
 * The builders in `reply-builders.ts` and `codex-tools.ts` make these steps; writing them as literals
 * works as well. A step says what the model does, never how it looks on the wire.
 */
import type { Gate } from './gate.js';

/** One reply of the model, to one request: a step, or several in order. */
export type ModelReply = ReplyStep | readonly ReplyStep[];

/** One thing that the model does in a reply. */
export type ReplyStep =
  | TextStep
  | ReasoningStep
  | ToolCallStep
  | CustomToolCallStep
  | EchoStep
  | UsageStep
  | FailureStep
  | HttpErrorStep
  | DisconnectStep
  | RawEventStep
  | Gate;

/** A piece of streamed text (one delta), the same piece many times, or a gate between two pieces. */
export type TextPiece = string | RepeatedPiece | Gate;

/** `count` deltas with the same text; sent one by one and never held in memory together. */
export interface RepeatedPiece {
  readonly type: 'repeat';
  /** The text of each delta. */
  readonly piece: string;
  /** How many deltas. */
  readonly count: number;
}

/** A message of the agent, streamed in pieces. */
export interface TextStep {
  readonly type: 'text';
  /** One delta each. */
  readonly pieces: readonly TextPiece[];
  /** Marks the message as remarks on the way, or as the final answer; codex passes it on as `phase`. */
  readonly phase?: 'commentary' | 'final_answer' | undefined;
}

/** Reasoning, streamed in pieces: a summary, or the raw text. */
export interface ReasoningStep {
  readonly type: 'reasoning';
  /** Which of the two it is. */
  readonly part: 'summary' | 'text';
  /** One delta each. */
  readonly pieces: readonly TextPiece[];
}

/** A call of a tool that takes JSON arguments; codex runs it and asks the model again. */
export interface ToolCallStep {
  readonly type: 'tool_call';
  /** The tool's name. */
  readonly name: string;
  /** The arguments; a string is sent as it is, valid JSON or not. */
  readonly arguments: Readonly<Record<string, unknown>> | string;
  /** The namespace of the tool, for tools that have one. */
  readonly namespace?: string | undefined;
  /** The id of the call, which becomes the id of the thread's item. A new one by default. */
  readonly callId?: string | undefined;
}

/** A call of a tool that takes free text, such as `apply_patch`. */
export interface CustomToolCallStep {
  readonly type: 'custom_tool_call';
  /** The tool's name. */
  readonly name: string;
  /** The free text that the tool gets. */
  readonly input: string;
  /** The id of the call, which becomes the id of the thread's item. A new one by default. */
  readonly callId?: string | undefined;
}

/** A message that repeats the newest text of the user, word by word, after `prefix`. */
export interface EchoStep {
  readonly type: 'echo';
  /** What the message begins with. */
  readonly prefix: string;
}

/** The token usage that the reply reports at its end. The total is the sum of input and output. */
export interface UsageStep {
  readonly type: 'usage';
  /** How many tokens the model read. */
  readonly inputTokens: number;
  /** How many of the input tokens came from the cache. @defaultValue `0` */
  readonly cachedInputTokens?: number | undefined;
  /** How many tokens the model wrote. */
  readonly outputTokens: number;
  /** How many of the output tokens were reasoning. @defaultValue `0` */
  readonly reasoningOutputTokens?: number | undefined;
}

/** The model gives up: `response.failed` with this code. The last step of its reply. */
export interface FailureStep {
  readonly type: 'failure';
  /** For example `rate_limit_exceeded`, `insufficient_quota`, `context_length_exceeded`, `server_is_overloaded`. */
  readonly code: string;
  /** What went wrong, for people. */
  readonly message: string;
}

/** The request is refused with an HTTP status instead of a stream. The only step of its reply. */
export interface HttpErrorStep {
  readonly type: 'http_error';
  /** An HTTP status from 400 to 599. */
  readonly status: number;
  /** What went wrong, for people. */
  readonly message: string;
}

/** The connection breaks off in the middle of the stream. The last step of its reply. */
export interface DisconnectStep {
  readonly type: 'disconnect';
}

/** Any event of the Responses API, sent as it is: for what has no step of its own. */
export interface RawEventStep {
  readonly type: 'raw_event';
  /** The event, with its `type`. */
  readonly event: { readonly type: string; readonly [field: string]: unknown };
}
