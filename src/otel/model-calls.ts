/**
 * The spans `chat` of one turn. The server tells what a model call has used, and not when it begins or ends, so both are
 * derived: a call begins with its turn, or when the usage of the call before it was told and the tools it asked for are done;
 * it ends with the last it was seen to say, or, where it asked for no tool, when its usage is told. A call that nothing was
 * heard of has a span only when its turn failed, which is what became of it.
 */
import { type Attributes, type Span, SpanKind } from '@opentelemetry/api';
import type { TokenUsageBreakdown } from '../protocol/generated.js';
import { CODEX, COMMON, EVENT, GEN_AI, OPERATION, spanName } from './conventions.js';
import { hrTimeOf } from './message-clock.js';
import { endSpan, markFailed, type SpanError, type SpanParent, type TurnEnd } from './span-parts.js';
import { usageAttributes } from './token-usage.js';

/** What a message of the model is made of, by the conventions. */
export type MessagePart =
  | { readonly type: 'text'; readonly content: string }
  | { readonly type: 'tool_call'; readonly id: string; readonly name: string; readonly arguments: unknown };

/** The model calls of one turn; one at a time. */
export class ModelCalls {
  readonly #parent: SpanParent;
  readonly #model: string | undefined;
  #reroutedTo: string | undefined;
  /** The call that has been heard of, and that goes on. */
  #span: Span | undefined;
  #beginsMs: number;
  #lastOutputMs: number | undefined;
  #hasCalledTools = false;
  /** The model has been asked, as far as one can know. */
  #isAwaited = true;
  #parts: MessagePart[] = [];

  constructor(parent: SpanParent, model: string | undefined, beginsMs: number) {
    this.#parent = parent;
    this.#model = model;
    this.#beginsMs = beginsMs;
  }

  /** The call that goes on has said something. */
  get isHeard(): boolean {
    return this.#lastOutputMs !== undefined;
  }

  /** The model has begun to say something, or has said it. */
  spoke(atMs: number, part?: MessagePart): void {
    this.#heard();
    this.#lastOutputMs = atMs;
    if (part === undefined) return;
    if (part.type === 'tool_call') this.#hasCalledTools = true;
    if (this.#parent.content) this.#parts.push(part);
  }

  /** A tool is done: a call that follows begins no earlier. */
  toolDone(atMs: number): void {
    if (this.#span === undefined) this.#beginsMs = Math.max(this.#beginsMs, atMs);
  }

  /** The server tries again after an error. */
  retried({ type, message }: SpanError, atMs: number): void {
    const text = this.#parent.content ? { [CODEX.errorMessage]: message } : {};
    this.#heard().addEvent(EVENT.retry, { [COMMON.errorType]: type, ...text }, hrTimeOf(atMs));
  }

  /** Another model than the one that was asked for answers. */
  rerouted(model: string): void {
    this.#reroutedTo = model;
    this.#span?.setAttribute(GEN_AI.responseModel, model);
  }

  /** A call is over, and has used this. */
  used(usage: TokenUsageBreakdown, atMs: number): void {
    const span = this.#heard();
    const finishReason = this.#hasCalledTools ? 'tool_call' : 'stop';
    span.setAttributes(usageAttributes(usage));
    this.#isAwaited = this.#hasCalledTools;
    this.#end(span, this.#hasCalledTools ? (this.#lastOutputMs ?? atMs) : atMs, finishReason);
    this.#beginsMs = atMs;
  }

  /** The turn is over, or nothing is known any more; a call that was under way ends with it. */
  ended(end: TurnEnd): void {
    const span = this.#isAwaited && end.reason === 'failed' ? this.#heard() : this.#span;
    if (span === undefined) return;
    if (end.error !== undefined) markFailed(span, end.error, this.#parent.content);
    // A turn that completed had its answer; a server that told no usage leaves the last word for the end.
    const isWhole = end.reason === 'completed';
    if (end.error === undefined && !isWhole) span.setAttribute(CODEX.unfinished, end.reason);
    this.#end(span, isWhole ? (this.#lastOutputMs ?? end.atMs) : end.atMs, finishReasonOf(end));
    this.#beginsMs = end.atMs;
  }

  /** The span of the call that goes on. */
  #heard(): Span {
    this.#span ??= this.#begin();
    return this.#span;
  }

  #begin(): Span {
    const { tracer, context, attributes } = this.#parent;
    const response: Attributes =
      this.#reroutedTo === undefined ? {} : { [GEN_AI.responseModel]: this.#reroutedTo };
    const options = {
      kind: SpanKind.CLIENT,
      startTime: hrTimeOf(this.#beginsMs),
      attributes: { ...attributes, [GEN_AI.operation]: OPERATION.modelCall, ...response },
    };
    return tracer.startSpan(spanName(OPERATION.modelCall, this.#model), options, context);
  }

  #end(span: Span, atMs: number, finishReason: string): void {
    const parts = this.#parts;
    if (parts.length > 0) {
      const message = { role: 'assistant', parts, finish_reason: finishReason };
      span.setAttribute(GEN_AI.outputMessages, JSON.stringify([message]));
    }
    endSpan(span, atMs, this.#beginsMs);
    this.#span = undefined;
    this.#lastOutputMs = undefined;
    this.#hasCalledTools = false;
    this.#parts = [];
  }
}

/** Why the model said no more, of a call whose usage was not told. */
function finishReasonOf({ reason, error }: TurnEnd): string {
  if (error !== undefined) return 'error';
  return reason === 'completed' ? 'stop' : reason;
}
