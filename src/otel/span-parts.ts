/** What the spans of a turn have in common: where they are made, and how one that is cut short is ended. */
import { type Attributes, type Context, type Span, SpanStatusCode, type Tracer } from '@opentelemetry/api';
import { CODEX, COMMON } from './conventions.js';
import { guarded } from './guarded-spans.js';
import { hrTimeOf } from './message-clock.js';

/** Where spans go, and what they may hold. */
export interface SpanSettings {
  readonly tracer: Tracer;
  /** Spans hold what was said and done, and the texts of errors. */
  readonly content: boolean;
}

/** The span that others are under, and what they share with it. */
export interface SpanParent extends SpanSettings {
  readonly context: Context;
  /** The model, the provider and the conversation. */
  readonly attributes: Attributes;
}

/** Why what is open is ended. */
export interface TurnEnd {
  /** The status of the turn; or `gap`, `left` or `lost` where nobody told of its end. */
  readonly reason: string;
  readonly atMs: number;
  readonly error?: SpanError | undefined;
}

/** An error as a span has it. */
export interface SpanError {
  readonly type: string;
  readonly message: string;
}

/** Marks a span as failed; the text of the error is content, because it may quote some. */
export function markFailed(span: Span, { type, message }: SpanError, content: boolean): void {
  span.setAttribute(COMMON.errorType, type);
  span.setStatus(content ? { code: SpanStatusCode.ERROR, message } : { code: SpanStatusCode.ERROR });
}

/** Ends a span, and no earlier than it began. An exporter that throws keeps no other span from its end. */
export function endSpan(span: Span, atMs: number, startMs: number): void {
  guarded(() => span.end(hrTimeOf(Math.max(atMs, startMs))));
}

/** Ends a span whose end nobody told. */
export function endUnfinished(span: Span, { reason, atMs }: TurnEnd, startMs: number): void {
  span.setAttribute(CODEX.unfinished, reason);
  endSpan(span, atMs, startMs);
}

/** A value as an attribute can hold it; undefined stays undefined. */
export function jsonAttribute(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
