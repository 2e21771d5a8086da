/**
 * The spans of one turn: `invoke_agent`, and under it its model calls and its tools. Owns what each message of the turn does
 * to them; which messages are the turn's is for `conversation-spans.ts`.
 *
 * The invariant: when the turn has ended, every span of it has, and nothing of it is held.
 */
import { type Context, type Span, SpanKind, trace } from '@opentelemetry/api';
import type {
  ErrorNotification,
  ThreadItem,
  ThreadTokenUsage,
  Turn,
  UserInput,
} from '../protocol/generated.js';
import type { ServerNotification, ServerRequest } from '../session/messages/server-message.js';
import {
  CODEX,
  DEFAULT_AGENT_NAME,
  DEFAULT_PROVIDER,
  EVENT,
  GEN_AI,
  OPERATION,
  providerName,
  spanName,
} from './conventions.js';
import { errorTypeOf } from './error-type.js';
import { hrTimeOf, toldTime } from './message-clock.js';
import { type MessagePart, ModelCalls } from './model-calls.js';
import { OpenWaits } from './open-waits.js';
import { endSpan, markFailed, type SpanSettings, type TurnEnd } from './span-parts.js';
import type { ThreadFacts } from './thread-facts.js';
import { TurnUsage, type UsedCall, usageAttributes } from './token-usage.js';
import { ToolCalls } from './tool-calls.js';
import { type ToolFacts, toolFactsOf } from './tool-facts.js';

/** A turn that begins. */
export interface TurnBeginning {
  readonly threadId: string;
  readonly turnId: string | undefined;
  readonly startMs: number;
  readonly facts: ThreadFacts;
  /** The context whose span is the parent. */
  readonly parent: Context;
}

/** The spans of one turn. */
export class TurnSpan {
  readonly threadId: string;
  /** The context of the turn's own span, for the turns of its sub-agents. */
  readonly context: Context;
  /** What was told of it since messages were missed; false makes its end doubtful. */
  isHeardOf = true;
  /** The turn's id, and other names that the server has for it: a review runs as a turn within the turn. */
  readonly #names = new Set<string>();
  readonly #span: Span;
  readonly #startMs: number;
  readonly #settings: SpanSettings;
  readonly #calls: ModelCalls;
  readonly #tools: ToolCalls;
  readonly #waits = new OpenWaits();
  readonly #usage: TurnUsage;
  #isCompacting = false;
  readonly #said: unknown[] = [];
  #answer: string | undefined;

  constructor(settings: SpanSettings, { threadId, turnId, startMs, facts, parent }: TurnBeginning) {
    this.threadId = threadId;
    this.#settings = settings;
    this.#startMs = startMs;
    if (turnId !== undefined) this.#names.add(turnId);
    const { model, provider = DEFAULT_PROVIDER, agentName = DEFAULT_AGENT_NAME } = facts;
    const shared = {
      [GEN_AI.provider]: providerName(provider),
      [GEN_AI.conversation]: threadId,
      [GEN_AI.requestModel]: model,
    };
    const attributes = {
      [GEN_AI.operation]: OPERATION.turn,
      ...shared,
      [GEN_AI.agentName]: agentName,
      [CODEX.turnId]: turnId,
    };
    const options = { kind: SpanKind.INTERNAL, startTime: hrTimeOf(startMs), attributes };
    this.#span = settings.tracer.startSpan(spanName(OPERATION.turn, agentName), options, parent);
    this.context = trace.setSpan(parent, this.#span);
    const above = { ...settings, context: this.context, attributes: shared };
    this.#usage = new TurnUsage(facts.total);
    this.#calls = new ModelCalls(above, model, startMs);
    this.#tools = new ToolCalls(above);
  }

  /** The turn's id, and its other names. */
  get names(): readonly string[] {
    return [...this.#names];
  }

  /** Whether a name is the turn's. */
  isCalled(turnId: string | undefined): boolean {
    return turnId === undefined || this.#names.has(turnId);
  }

  /** The server has another name for the turn. */
  alsoCalled(turnId: string): void {
    this.#names.add(turnId);
  }

  /** A message of the turn, its beginning and its end left out. */
  notified(message: ServerNotification, atMs: number): void {
    switch (message.method) {
      case 'item/started':
        this.#itemStarted(message.params.item, atMs);
        break;
      case 'item/completed':
        this.#itemCompleted(message.params.item, atMs);
        break;
      case 'thread/tokenUsage/updated':
        this.#used(message.params.tokenUsage, atMs);
        break;
      case 'error':
        this.#failed(message.params, atMs);
        break;
      case 'model/rerouted':
        this.#calls.rerouted(message.params.toModel);
        break;
      case 'serverRequest/resolved':
        this.#waits.resolved(message.params.requestId, atMs);
    }
  }

  /** Somebody is asked something. */
  asked(request: ServerRequest, atMs: number): void {
    const kind = OpenWaits.kindOf(request);
    if (kind === undefined) return;
    this.#count(this.#usage.believed());
    const { itemId, mcpServer } = OpenWaits.subjectOf(request);
    this.#waits.asked(request, kind, this.#tools.askedAbout(itemId, mcpServer) ?? this.#span, atMs);
  }

  /** Messages are missing: what goes on may have ended among them, and is ended; the turn itself goes on. */
  missed(count: number, atMs: number): void {
    this.#span.addEvent(EVENT.gap, { [CODEX.missed]: count }, hrTimeOf(atMs));
    this.#endParts({ reason: 'gap', atMs });
    this.isHeardOf = false;
  }

  /** The server has told of the turn's end. */
  completed({ status, error }: Turn, atMs: number): void {
    const failure =
      status === 'failed' ? { type: errorTypeOf(error), message: error?.message ?? '' } : undefined;
    if (status === 'completed') this.#count(this.#usage.believed());
    this.#span.setAttribute(CODEX.turnStatus, status);
    this.#end({ reason: status, atMs, error: failure });
  }

  /** Nobody will tell of the turn's end. */
  abandoned(end: TurnEnd): void {
    this.#span.setAttribute(CODEX.unfinished, end.reason);
    this.#end(end);
  }

  #itemStarted(item: ThreadItem, atMs: number): void {
    const startMs = toldTime(item.startedAtMs, atMs);
    const facts = toolFactsOf(item);
    if (facts !== undefined || isModelOutput(item)) this.#count(this.#usage.believed());
    if (facts !== undefined) {
      this.#calls.spoke(startMs, toolCallPart(item, facts));
      this.#tools.started(item, facts, startMs);
    } else if (isModelOutput(item)) this.#calls.spoke(startMs);
    if (item.type === 'contextCompaction') this.#isCompacting = true;
  }

  #itemCompleted(item: ThreadItem, atMs: number): void {
    const endMs = toldTime(item.completedAtMs, atMs);
    const facts = toolFactsOf(item);
    if (facts !== undefined || isModelOutput(item)) this.#count(this.#usage.believed());
    if (facts !== undefined) {
      this.#tools.completed(item, facts, toldTime(item.startedAtMs, endMs), endMs);
      this.#calls.toolDone(endMs);
    } else if (isModelOutput(item)) this.#modelSaid(item, endMs);
    if (item.type === 'userMessage') this.#userSaid(item.content);
    if (item.type === 'contextCompaction') this.#isCompacting = false;
  }

  #used(usage: ThreadTokenUsage, atMs: number): void {
    const unheard = this.#isCompacting ? 'old' : 'in doubt';
    this.#count(this.#usage.told(usage, atMs, this.#calls.isHeard ? 'a call' : unheard));
  }

  #count(calls: readonly UsedCall[]): void {
    for (const { usage, atMs } of calls) this.#calls.used(usage, atMs);
  }

  #failed({ error, willRetry }: ErrorNotification, atMs: number): void {
    this.#usage.disbelieved();
    // An error without another try ends the turn, which tells of it again.
    if (willRetry) this.#calls.retried({ type: errorTypeOf(error), message: error.message }, atMs);
  }

  #end(end: TurnEnd): void {
    this.#endParts(end);
    const used = this.#usage.used;
    if (used !== undefined) this.#span.setAttributes(usageAttributes(used));
    if (this.#said.length > 0) this.#span.setAttribute(GEN_AI.inputMessages, JSON.stringify(this.#said));
    if (this.#answer !== undefined) {
      const message = { role: 'assistant', parts: [textPart(this.#answer)], finish_reason: 'stop' };
      this.#span.setAttribute(GEN_AI.outputMessages, JSON.stringify([message]));
    }
    if (end.error !== undefined) markFailed(this.#span, end.error, this.#settings.content);
    endSpan(this.#span, end.atMs, this.#startMs);
  }

  #endParts(end: TurnEnd): void {
    this.#waits.ended();
    this.#tools.ended(end);
    this.#calls.ended(end);
  }

  #modelSaid(item: ThreadItem, atMs: number): void {
    const said = item.type === 'agentMessage' && this.#settings.content ? item.text : undefined;
    this.#answer = said ?? this.#answer;
    this.#calls.spoke(atMs, said === undefined ? undefined : textPart(said));
  }

  #userSaid(content: readonly UserInput[]): void {
    if (this.#settings.content) this.#said.push({ role: 'user', parts: content.map(inputPart) });
  }
}

function isModelOutput({ type }: ThreadItem): boolean {
  return type === 'agentMessage' || type === 'reasoning' || type === 'plan';
}

function toolCallPart({ id }: ThreadItem, { name, input }: ToolFacts): MessagePart {
  return { type: 'tool_call', id, name, arguments: input };
}

function textPart(content: string): MessagePart {
  return { type: 'text', content };
}

/** What a user gave, without the bytes of pictures and sounds. */
function inputPart(input: UserInput): object {
  return input.type === 'text' ? textPart(input.text) : { type: input.type };
}
