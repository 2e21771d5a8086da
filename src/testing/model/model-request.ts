/**
 * One request that codex made to the model: its body as parsed, and the few facts that scripts and
 * assertions ask for. It reads the body leniently, because the body belongs to codex and grows with it.
 */
import { isPlainObject } from '../../support/argument-checks.js';

/** The body of a request to the Responses API, as codex sends it; more members than named here may be there. */
export interface ModelRequestBody {
  /** The model that the turn asked for. */
  readonly model: string;
  /** The history: instructions, messages, tool calls and their outputs, oldest first. */
  readonly input: readonly ModelInputItem[];
  /** The tools offered to the model. */
  readonly tools?: readonly ModelTool[] | undefined;
  /** How the answer is to look; `format` holds the turn's `outputSchema`. */
  readonly text?: { readonly format?: unknown; readonly [member: string]: unknown } | undefined;
  readonly [member: string]: unknown;
}

/** An item of a request's history. */
export interface ModelInputItem {
  /** For example `message`, `function_call` or `function_call_output`. */
  readonly type?: string | undefined;
  /** Who wrote a message: `user`, `assistant` or `developer`. */
  readonly role?: string | undefined;
  /** The parts of a message. */
  readonly content?: unknown;
  readonly [member: string]: unknown;
}

/** A tool that a request offers. */
export interface ModelTool {
  /** For example `function`, `custom` or `namespace`. */
  readonly type: string;
  /** The name that the model calls it by. */
  readonly name?: string | undefined;
  readonly [member: string]: unknown;
}

/** What a tool gave back, as codex told the model. */
export interface ToolOutput {
  /** The id of the call that it answers. */
  readonly callId: string;
  /** The output as text; the text parts joined when it has several. */
  readonly text: string;
}

/** How the reply to a request ended: all of it was sent, it was cut on purpose, or codex (or `close`) hung up first. */
export type ReplyOutcome = 'sent' | 'cut' | 'aborted';

/** A request that codex made to the model. */
export interface ModelRequest {
  /** Its place among all requests of this provider, from 0. */
  readonly index: number;
  /** The body, as parsed. */
  readonly body: ModelRequestBody;
  /** The HTTP headers, names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The thread that asks, a sub-agent's own thread included. */
  readonly threadId: string | undefined;
  /** The turn that asks. */
  readonly turnId: string | undefined;
  /** The newest text that the user wrote (for a sub-agent: its task), or `''`. Context that codex adds is left out. */
  readonly userText: string;
  /** The tool outputs at the end of the history: those the model has not answered yet. */
  readonly toolOutputs: readonly ToolOutput[];
  /** The names of the tools offered; a tool in a namespace is named `namespace.tool`. */
  readonly toolNames: readonly string[];
  /** How many text and reasoning pieces of the reply were handed to the socket so far. */
  readonly piecesSent: number;
  /** Settles when the reply is over; never rejects. */
  readonly finished: Promise<ReplyOutcome>;
}

/** A request together with the means to move it on, which stay inside the provider. */
export interface OpenModelRequest {
  readonly request: ModelRequest;
  countPiece(): void;
  finish(outcome: ReplyOutcome): void;
}

/** The request for a body, or `undefined` when the body is none of the Responses API. */
export function openModelRequest(
  index: number,
  body: unknown,
  headers: Readonly<Record<string, string>>,
): OpenModelRequest | undefined {
  if (!isRequestBody(body)) return undefined;
  let piecesSent = 0;
  let finish: (outcome: ReplyOutcome) => void = () => undefined;
  const finished = new Promise<ReplyOutcome>((resolve) => {
    finish = resolve;
  });
  const request: ModelRequest = {
    index,
    body,
    headers,
    threadId: headers['thread-id'] ?? metadata(body, 'thread_id'),
    turnId: metadata(body, 'turn_id'),
    userText: newestUserText(body.input),
    toolOutputs: trailingToolOutputs(body.input),
    toolNames: toolNames(body.tools ?? []),
    get piecesSent() {
      return piecesSent;
    },
    finished,
  };
  return {
    request,
    countPiece: () => {
      piecesSent += 1;
    },
    finish: (outcome) => finish(outcome),
  };
}

function isRequestBody(body: unknown): body is ModelRequestBody {
  return isPlainObject(body) && typeof body['model'] === 'string' && Array.isArray(body['input']);
}

function metadata(body: ModelRequestBody, name: string): string | undefined {
  const fields = body['client_metadata'];
  const value = isPlainObject(fields) ? fields[name] : undefined;
  return typeof value === 'string' ? value : undefined;
}

/** Codex adds context in the user's name, each a whole element with such a tag, or the text of AGENTS.md. */
const ADDED_CONTEXT = /^\s*(?:<(skill|[a-z]+(?:_[a-z]+)+)>[\s\S]*<\/\1>\s*$|# AGENTS\.md instructions)/;

function newestUserText(input: readonly ModelInputItem[]): string {
  for (const item of [...input].reverse()) {
    const task = subAgentTask(item);
    if (task !== undefined) return task;
    if (item.role !== 'user') continue;
    const text = textParts(item.content)
      .filter((part) => !ADDED_CONTEXT.test(part))
      .join('\n');
    if (text !== '') return text;
  }
  return '';
}

/** With the feature `multi_agent_v2` a sub-agent's task comes as a message between agents, its text in a field of its own. */
function subAgentTask(item: ModelInputItem): string | undefined {
  if (item.type !== 'agent_message' || !Array.isArray(item.content)) return undefined;
  if (!textParts(item.content).some((part) => part.includes('NEW_TASK'))) return undefined;
  const parts = item.content.filter(isPlainObject).map((part) => part['encrypted_content']);
  return parts.filter((part) => typeof part === 'string').join('');
}

function trailingToolOutputs(input: readonly ModelInputItem[]): ToolOutput[] {
  const outputs: ToolOutput[] = [];
  for (const item of [...input].reverse()) {
    if (item.type?.endsWith('_output') !== true) break;
    outputs.unshift({ callId: String(item['call_id']), text: textParts(item['output']).join('\n') });
  }
  return outputs;
}

function textParts(content: unknown): string[] {
  if (typeof content === 'string') return [content];
  if (!Array.isArray(content)) return [];
  return content.flatMap((part: unknown) =>
    isPlainObject(part) && typeof part['text'] === 'string' ? [part['text']] : [],
  );
}

function toolNames(tools: readonly ModelTool[]): string[] {
  return tools.flatMap((tool) => {
    const name = tool.name ?? tool.type;
    const inner = tool['tools'];
    if (!Array.isArray(inner)) return [name];
    return inner.map((entry: unknown) => `${name}.${isPlainObject(entry) ? String(entry['name']) : '?'}`);
  });
}
