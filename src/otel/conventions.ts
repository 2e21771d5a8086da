/**
 * The names that spans and attributes have. Owns the version of the semantic conventions for generative AI, and every
 * name of an attribute or event; no other file spells one. Also what the conventions call a provider.
 *
 * The names `gen_ai.*`, `error.*` and `process.*` are those of the conventions. The names `codex.*`, `approval.*` and
 * `input.*` say what those have no name for.
 */

/** The version of the OpenTelemetry semantic conventions that the spans follow. Its part for generative AI is in development. */
export const SEMANTIC_CONVENTIONS_VERSION = '1.41.0';

/** The schema that the default tracer names, so that a backend can tell the version. */
export const SCHEMA_URL = `https://opentelemetry.io/schemas/${SEMANTIC_CONVENTIONS_VERSION}`;

/** What a span is about. */
export const OPERATION = {
  turn: 'invoke_agent',
  modelCall: 'chat',
  tool: 'execute_tool',
} as const;

/** Attributes that the conventions name. */
export const GEN_AI = {
  operation: 'gen_ai.operation.name',
  provider: 'gen_ai.provider.name',
  agentName: 'gen_ai.agent.name',
  conversation: 'gen_ai.conversation.id',
  requestModel: 'gen_ai.request.model',
  responseModel: 'gen_ai.response.model',
  inputTokens: 'gen_ai.usage.input_tokens',
  outputTokens: 'gen_ai.usage.output_tokens',
  cacheReadTokens: 'gen_ai.usage.cache_read.input_tokens',
  cacheWriteTokens: 'gen_ai.usage.cache_creation.input_tokens',
  reasoningTokens: 'gen_ai.usage.reasoning.output_tokens',
  toolName: 'gen_ai.tool.name',
  toolType: 'gen_ai.tool.type',
  toolCallId: 'gen_ai.tool.call.id',
  toolArguments: 'gen_ai.tool.call.arguments',
  toolResult: 'gen_ai.tool.call.result',
  inputMessages: 'gen_ai.input.messages',
  outputMessages: 'gen_ai.output.messages',
} as const;

/** Attributes that the conventions name for spans of any kind. */
export const COMMON = { errorType: 'error.type', exitCode: 'process.exit.code' } as const;

/** Attributes that the conventions have no name for. */
export const CODEX = {
  turnId: 'codex.turn.id',
  turnStatus: 'codex.turn.status',
  itemType: 'codex.item.type',
  itemStatus: 'codex.item.status',
  mcpServer: 'codex.mcp.server',
  toolNamespace: 'codex.tool.namespace',
  changedFiles: 'codex.file_change.count',
  /** How an approval went, as the item shows it. */
  decision: 'codex.approval.decision',
  /** Why a span ended although its end was not told. */
  unfinished: 'codex.unfinished',
  requestMethod: 'codex.request.method',
  waitMs: 'codex.wait_ms',
  missed: 'codex.messages.missed',
  errorMessage: 'codex.error.message',
} as const;

/** Names of events on spans. */
export const EVENT = {
  /** The server tries the model again. */
  retry: 'codex.retry',
  /** Messages are missing that the tap had no room for. */
  gap: 'codex.gap',
} as const;

/** The provider where nobody has told of another: the one that codex has by default. */
export const DEFAULT_PROVIDER = 'openai';

/** The providers that codex itself brings along and that the conventions have another name for. */
const WELL_KNOWN_PROVIDERS: ReadonlyMap<string, string> = new Map([
  ['amazon-bedrock', 'aws.bedrock'],
  ['amazon-bedrock-runtime', 'aws.bedrock'],
]);

/** What the conventions call a provider of codex; where they have no name for it, it is codex's own. */
export function providerName(provider: string): string {
  return WELL_KNOWN_PROVIDERS.get(provider) ?? provider;
}

/** The agent where its thread has no name of its own. */
export const DEFAULT_AGENT_NAME = 'codex';

/** The name of a span: what is done, and with what. */
export function spanName(operation: string, subject: string | undefined): string {
  return subject === undefined ? operation : `${operation} ${subject}`;
}
