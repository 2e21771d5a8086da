/**
 * Builders for the steps of a scripted reply, so that a script reads as a list of what the model does.
 * Each one returns plain data and checks it at once: a mistake is reported where it was written, not
 * when codex asks for the reply.
 */
import { checkStep } from './reply-checks.js';
import type {
  CustomToolCallStep,
  DisconnectStep,
  EchoStep,
  FailureStep,
  HttpErrorStep,
  RawEventStep,
  ReasoningStep,
  RepeatedPiece,
  TextPiece,
  TextStep,
  ToolCallStep,
  UsageStep,
} from './reply-steps.js';

/**
 * A message of the agent; each piece arrives as one `item/agentMessage/delta`.
 *
 * @throws InvalidArgumentError when there is no piece, or a piece is neither non-empty text, a repeat nor a gate.
 */
export function text(...pieces: TextPiece[]): TextStep {
  return checked('text', { type: 'text', pieces });
}

/** Like {@link text}, marked as remarks on the way (`phase: "commentary"`). @throws InvalidArgumentError as `text` does. */
export function commentary(...pieces: TextPiece[]): TextStep {
  return checked('commentary', { type: 'text', pieces, phase: 'commentary' });
}

/** Like {@link text}, marked as the final answer (`phase: "final_answer"`). @throws InvalidArgumentError as `text` does. */
export function finalAnswer(...pieces: TextPiece[]): TextStep {
  return checked('finalAnswer', { type: 'text', pieces, phase: 'final_answer' });
}

/**
 * `count` equal pieces for {@link text}, for floods: `text(repeatText('word ', 100_000))`.
 *
 * @throws InvalidArgumentError when `piece` is empty or `count` is not a whole number of 1 or more.
 */
export function repeatText(piece: string, count: number): RepeatedPiece {
  const repeated: RepeatedPiece = { type: 'repeat', piece, count };
  checkStep('repeatText', { type: 'text', pieces: [repeated] });
  return repeated;
}

/** The agent's reasoning as a summary; each piece is one `item/reasoning/summaryTextDelta`. @throws InvalidArgumentError as `text` does. */
export function reasoning(...pieces: TextPiece[]): ReasoningStep {
  return checked('reasoning', { type: 'reasoning', part: 'summary', pieces });
}

/** The agent's reasoning as raw text; each piece is one `item/reasoning/textDelta`. @throws InvalidArgumentError as `text` does. */
export function rawReasoning(...pieces: TextPiece[]): ReasoningStep {
  return checked('rawReasoning', { type: 'reasoning', part: 'text', pieces });
}

/** Where a tool call goes, and the id it has. */
export interface ToolCallOptions {
  /** The namespace of the tool, for tools that have one (sub-agents, MCP servers, some dynamic tools). @defaultValue none */
  readonly namespace?: string | undefined;
  /** The id of the call, which becomes the id of the thread's item. @defaultValue a new id */
  readonly callId?: string | undefined;
}

/**
 * A call of a tool with JSON arguments: one of codex's own tools, or a dynamic tool of the thread, which
 * the client is then asked to run (`item/tool/call`).
 *
 * @throws InvalidArgumentError when the name is empty or the arguments are neither a plain object nor text.
 */
export function toolCall(
  name: string,
  args: Readonly<Record<string, unknown>> | string,
  options: ToolCallOptions = {},
): ToolCallStep {
  return checked('toolCall', { type: 'tool_call', name, arguments: args, ...options });
}

/** A call of a tool that takes free text. @throws InvalidArgumentError when the name is empty or the input is no text. */
export function customToolCall(
  name: string,
  input: string,
  options: { readonly callId?: string | undefined } = {},
): CustomToolCallStep {
  return checked('customToolCall', { type: 'custom_tool_call', name, input, ...options });
}

/**
 * A message that repeats the newest text of the user, one word a piece.
 *
 * @param prefix - What comes before it. @defaultValue `'Echo: '`
 * @throws InvalidArgumentError when the prefix is no text.
 */
export function echo(prefix = 'Echo: '): EchoStep {
  return checked('echo', { type: 'echo', prefix });
}

/** The token usage that the reply reports. @throws InvalidArgumentError when a number is not a whole number of 0 or more. */
export function usage(tokens: Omit<UsageStep, 'type'>): UsageStep {
  return checked('usage', { type: 'usage', ...tokens });
}

/** The turn fails with this error. @throws InvalidArgumentError when the code or the message is missing. */
export function failure(error: Omit<FailureStep, 'type'>): FailureStep {
  return checked('failure', { type: 'failure', ...error });
}

/**
 * The request is refused with an HTTP status, for example 429 or 500.
 *
 * @throws InvalidArgumentError when the status is not from 400 to 599.
 */
export function httpError(status: number, message = `scripted status ${status}`): HttpErrorStep {
  return checked('httpError', { type: 'http_error', status, message });
}

/** The connection to the model breaks off here, in the middle of the reply. */
export function disconnect(): DisconnectStep {
  return { type: 'disconnect' };
}

/** Any event of the Responses API, sent as it is. @throws InvalidArgumentError when the event has no `type`. */
export function rawEvent(event: RawEventStep['event']): RawEventStep {
  return checked('rawEvent', { type: 'raw_event', event });
}

function checked<
  Step extends
    | TextStep
    | ReasoningStep
    | ToolCallStep
    | CustomToolCallStep
    | EchoStep
    | UsageStep
    | FailureStep
    | HttpErrorStep
    | RawEventStep,
>(builder: string, step: Step): Step {
  checkStep(builder, step);
  return step;
}
