/**
 * The spans `execute_tool` of one turn. Owns which calls are open, and that a call whose beginning was not told has a span
 * all the same.
 */
import { type Span, SpanKind } from '@opentelemetry/api';
import type { ThreadItem } from '../protocol/generated.js';
import { CODEX, GEN_AI, OPERATION, spanName } from './conventions.js';
import { hrTimeOf } from './message-clock.js';
import {
  endSpan,
  endUnfinished,
  jsonAttribute,
  markFailed,
  type SpanParent,
  type TurnEnd,
} from './span-parts.js';
import { itemStatusOf, type ToolFacts } from './tool-facts.js';

/** A call that goes on. */
interface OpenCall {
  readonly span: Span;
  readonly startMs: number;
  readonly facts: ToolFacts;
  /** Somebody was asked about it. */
  wasAsked: boolean;
}

/** The calls of tools of one turn, by the id of their item. */
export class ToolCalls {
  readonly #parent: SpanParent;
  readonly #open = new Map<string, OpenCall>();

  constructor(parent: SpanParent) {
    this.#parent = parent;
  }

  /** A call has begun. One that is told of twice is one call. */
  started(item: ThreadItem, facts: ToolFacts, startMs: number): void {
    if (this.#open.has(item.id)) return;
    const { tracer, context, attributes, content } = this.#parent;
    const { name, type, attributes: own } = facts;
    const options = {
      kind: SpanKind.INTERNAL,
      startTime: hrTimeOf(startMs),
      attributes: {
        [GEN_AI.operation]: OPERATION.tool,
        [GEN_AI.conversation]: attributes[GEN_AI.conversation],
        [GEN_AI.toolName]: name,
        [GEN_AI.toolType]: type,
        [GEN_AI.toolCallId]: item.id,
        [CODEX.itemType]: item.type,
        [GEN_AI.toolArguments]: content ? jsonAttribute(facts.input) : undefined,
        ...own,
      },
    };
    const span = tracer.startSpan(spanName(OPERATION.tool, name), options, context);
    this.#open.set(item.id, { span, startMs, facts, wasAsked: false });
  }

  /** A call is over. */
  completed(item: ThreadItem, facts: ToolFacts, startMs: number, endMs: number): void {
    this.started(item, facts, startMs);
    const call = this.#open.get(item.id);
    if (call === undefined) return;
    this.#open.delete(item.id);
    const { span, wasAsked } = call;
    const status = itemStatusOf(item);
    span.setAttributes({
      ...facts.attributes,
      [CODEX.itemStatus]: status,
      [CODEX.decision]: wasAsked && canBeDeclined(item) ? decisionOf(status) : undefined,
      [GEN_AI.toolResult]: this.#parent.content ? jsonAttribute(facts.output) : undefined,
    });
    if (status === 'failed')
      markFailed(span, { type: status, message: 'the call failed' }, this.#parent.content);
    endSpan(span, endMs, call.startMs);
  }

  /** The span of the call that somebody is asked about, where it is known which. */
  askedAbout(itemId: string | undefined, mcpServer: string | undefined): Span | undefined {
    if (itemId === undefined) return this.#callOf(mcpServer)?.span;
    const call = this.#open.get(itemId);
    if (call !== undefined) call.wasAsked = true;
    return call?.span;
  }

  /** The turn is over, or nothing is known any more: calls that go on end with it. */
  ended(end: TurnEnd): void {
    for (const { span, startMs } of this.#open.values()) endUnfinished(span, end, startMs);
    this.#open.clear();
  }

  /** The call of an MCP server's tool, when one alone goes on: a server's question names no item. */
  #callOf(mcpServer: string | undefined): OpenCall | undefined {
    if (mcpServer === undefined) return undefined;
    const calls = [...this.#open.values()].filter(
      ({ facts }) => facts.attributes?.[CODEX.mcpServer] === mcpServer,
    );
    return calls.length === 1 ? calls[0] : undefined;
  }
}

/** Whether a status says that somebody said no. */
function canBeDeclined({ type }: ThreadItem): boolean {
  return type === 'commandExecution' || type === 'fileChange';
}

/** What was answered; the answer itself goes from the client to the server, so the item has to tell. */
function decisionOf(status: string | undefined): 'declined' | 'accepted' {
  return status === 'declined' ? 'declined' : 'accepted';
}
