/**
 * The shapes of the OpenAI Responses API that codex reads, as far as scripted replies use them: the
 * events of the stream and the items inside. Types and small constructors only; nothing is sent here.
 */
import type { UsageStep } from './reply-steps.js';

/** A message item, as it begins and as it ends. */
interface MessageItem {
  readonly type: 'message';
  readonly role: 'assistant';
  readonly id: string;
  readonly phase?: string;
  readonly content: readonly { readonly type: 'output_text'; readonly text: string }[];
}

/** A reasoning item, as it begins and as it ends. */
interface ReasoningItem {
  readonly type: 'reasoning';
  readonly id: string;
  readonly summary: readonly { readonly type: 'summary_text'; readonly text: string }[];
  readonly content?: readonly { readonly type: 'reasoning_text'; readonly text: string }[];
  readonly encrypted_content: null;
}

interface FunctionCallItem {
  readonly type: 'function_call';
  readonly call_id: string;
  readonly name: string;
  readonly namespace?: string;
  readonly arguments: string;
}

interface CustomToolCallItem {
  readonly type: 'custom_tool_call';
  readonly call_id: string;
  readonly name: string;
  readonly input: string;
  readonly status: 'completed';
}

/** An item of the model's output. */
export type OutputItem = MessageItem | ReasoningItem | FunctionCallItem | CustomToolCallItem;

/** What a delta belongs to. */
interface DeltaFields {
  readonly item_id: string;
  readonly output_index: number;
  readonly delta: string;
}

/** An event of the stream. */
export type ResponseEvent =
  | { readonly type: 'response.created'; readonly response: { readonly id: string } }
  | { readonly type: 'response.output_item.added'; readonly output_index: number; readonly item: OutputItem }
  | { readonly type: 'response.output_item.done'; readonly output_index: number; readonly item: OutputItem }
  | ({ readonly type: 'response.output_text.delta'; readonly content_index: number } & DeltaFields)
  | ({ readonly type: 'response.reasoning_text.delta'; readonly content_index: number } & DeltaFields)
  | ({ readonly type: 'response.reasoning_summary_text.delta'; readonly summary_index: number } & DeltaFields)
  | {
      readonly type: 'response.reasoning_summary_part.added';
      readonly item_id: string;
      readonly output_index: number;
      readonly summary_index: number;
      readonly part: { readonly type: 'summary_text'; readonly text: string };
    }
  | {
      readonly type: 'response.completed';
      readonly response: { readonly id: string; readonly usage: TokenUsage };
    }
  | {
      readonly type: 'response.failed';
      readonly response: {
        readonly id: string;
        readonly error: { readonly code: string; readonly message: string };
      };
    };

/** The token usage at the end of a response. */
interface TokenUsage {
  readonly input_tokens: number;
  readonly input_tokens_details: { readonly cached_tokens: number };
  readonly output_tokens: number;
  readonly output_tokens_details: { readonly reasoning_tokens: number };
  readonly total_tokens: number;
}

/** The wire's form of a usage step. */
export function tokenUsage(step: UsageStep): TokenUsage {
  return {
    input_tokens: step.inputTokens,
    input_tokens_details: { cached_tokens: step.cachedInputTokens ?? 0 },
    output_tokens: step.outputTokens,
    output_tokens_details: { reasoning_tokens: step.reasoningOutputTokens ?? 0 },
    total_tokens: step.inputTokens + step.outputTokens,
  };
}

/** One server-sent event: its name, its JSON, and the empty line that ends it. */
export function eventFrame(event: { readonly type: string }): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}
