/**
 * Items that are calls of tools. Owns which items are, how the tool is called, and what of a call is content. A new type of
 * item does not compile until somebody has decided about it here.
 */
import type { Attributes } from '@opentelemetry/api';
import type { ThreadItem } from '../protocol/generated.js';
import type { ItemOf } from '../runs/turn/turn-result.js';
import { memberOf } from '../support/argument-checks.js';
import { CODEX, COMMON } from './conventions.js';

/** A call of a tool, as its item tells of it. */
export interface ToolFacts {
  readonly name: string;
  /** Who executes it, by the conventions: the program that uses the client (`function`), or the agent's side (`extension`). */
  readonly type: 'function' | 'extension';
  /** What may be known without a look at content. */
  readonly attributes?: Attributes;
  /** Content: what it was called with. */
  readonly input?: unknown;
  /** Content: what came of it. */
  readonly output?: unknown;
}

type ItemType = ThreadItem['type'];

/** How a call is read, or why the item is none. */
type Reader<T extends ItemType> = ((item: ItemOf<T>) => ToolFacts) | string;

const READERS: { readonly [T in ItemType]: Reader<T> } = {
  commandExecution: ({ command, cwd, exitCode, aggregatedOutput }) => ({
    name: 'shell',
    type: 'extension',
    attributes: typeof exitCode === 'number' ? { [COMMON.exitCode]: exitCode } : {},
    input: { command, cwd },
    output: aggregatedOutput,
  }),
  fileChange: ({ changes }) => ({
    name: 'apply_patch',
    type: 'extension',
    attributes: { [CODEX.changedFiles]: changes?.length },
    input: changes,
  }),
  mcpToolCall: ({ tool, server, arguments: input, result, error }) => ({
    name: tool,
    type: 'extension',
    attributes: { [CODEX.mcpServer]: server },
    input,
    output: result ?? error,
  }),
  dynamicToolCall: ({ tool, namespace, arguments: input, contentItems }) => ({
    name: tool,
    type: 'function',
    attributes: { [CODEX.toolNamespace]: namespace ?? undefined },
    input,
    output: contentItems,
  }),
  collabAgentToolCall: ({ tool, prompt, agentsStates }) => ({
    name: tool,
    type: 'extension',
    input: prompt,
    output: agentsStates,
  }),
  webSearch: ({ query, results }) => ({
    name: 'web_search',
    type: 'extension',
    input: query,
    output: results,
  }),
  imageView: ({ path }) => ({ name: 'view_image', type: 'extension', input: path }),
  imageGeneration: ({ revisedPrompt }) => ({
    name: 'image_generation',
    type: 'extension',
    input: revisedPrompt,
  }),
  sleep: ({ durationMs }) => ({ name: 'sleep', type: 'extension', input: durationMs }),
  userMessage: 'what the user says',
  hookPrompt: 'what a hook adds to what the user says',
  agentMessage: 'what the model says',
  plan: 'what the model says',
  reasoning: 'what the model says',
  functionCallOutput: 'what the model reads of a call, whose own item tells of it',
  subAgentActivity: 'what another thread does; its own messages tell of it',
  enteredReviewMode: 'a mark',
  exitedReviewMode: 'a mark',
  contextCompaction: 'what the server does between calls of the model',
};

/** What an item tells of a call; undefined when it is none, or of a type that nobody knows. */
export function toolFactsOf(item: ThreadItem): ToolFacts | undefined {
  const reader = Object.hasOwn(READERS, item.type) ? READERS[item.type] : undefined;
  // The type of the item says which reader it is.
  return typeof reader === 'function' ? (reader as (received: ThreadItem) => ToolFacts)(item) : undefined;
}

/** The status that an item has, of those that have one. */
export function itemStatusOf(item: ThreadItem): string | undefined {
  const status = memberOf(item, 'status');
  return typeof status === 'string' ? status : undefined;
}
