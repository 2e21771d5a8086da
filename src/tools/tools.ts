/**
 * A set of tools that belong together. Owns their names, what the server is told of them, and that a call of one becomes a call
 * in hand, or is answered with what is wrong with it.
 */
import type { DynamicToolSpec } from '../protocol/generated.js';
import { type Asker, askerOf } from '../session/answers/askers.js';
import type { AnyServerMessage } from '../session/messages/server-message.js';
import { calledTool, TOOL_CALL, toolKey } from '../session/messages/tool-key.js';
import {
  checkKnownKeys,
  describeValue,
  isPlainObject,
  memberOf,
  rejectArgument,
} from '../support/argument-checks.js';
import { InvalidArgumentError } from '../support/errors.js';
import { checkDescription, checkName } from './definition-checks.js';
import {
  calledToolOf,
  type DefinedToolCall,
  LiveToolCall,
  type RefusedToolCall,
  type ToolCall,
  type ToolRequest,
} from './tool-call.js';
import { failureOf } from './tool-content.js';
import type { ToolDefinitions, ToolsOptions } from './tool-definition.js';
import { ToolForm } from './tool-form.js';

/** Tools that were defined; see `defineTools`. */
export interface Tools<Call extends ToolCall = ToolCall> {
  /** What the server is told of them: `threadStart({ dynamicTools: tools.specs })`. */
  readonly specs: readonly DynamicToolSpec[];

  /**
   * The call that a message is, in any loop over messages of any client: a stream's, a run's, a tap's. Undefined for every
   * message that calls none of these tools. One whose arguments do not fit was answered with what is wrong with them, and says so
   * by `issues`; it is not to be answered again.
   *
   * Answer each call. Nothing is refused when the loop is left: that is for `AsyncClient.toolCalls`.
   *
   * @throws InvalidArgumentError when it is a call that came by no client, such as a copy of a message
   */
  match(message: AnyServerMessage): Promise<Call | RefusedToolCall<Call['tool']> | undefined>;
}

/** The calls of a set of tools, such as `ToolCallOf<typeof tools>`: a union, discriminated by `tool`. */
export type ToolCallOf<Set extends Tools> = Set extends Tools<infer Call> ? Call : never;

/** The tools of one definition. @internal */
export class ToolSet implements Tools {
  readonly specs: readonly DynamicToolSpec[];
  /** By {@link toolKey}. */
  readonly #forms = new Map<string, ToolForm>();

  /** @throws InvalidArgumentError that names the part which cannot work */
  constructor(definitions: ToolDefinitions, options: ToolsOptions) {
    if (!isPlainObject(definitions))
      rejectArgument('definitions', definitions, 'an object with a definition for each tool');
    checkKnownKeys('options', options, ['namespace']);
    const { namespace } = options;
    if (namespace !== undefined) checkNamespace(namespace);
    const tools = Object.entries(definitions).map(([name, definition]) => {
      const form = new ToolForm(name, definition, namespace !== undefined);
      this.#forms.set(toolKey(namespace?.name, name), form);
      return form.spec;
    });
    if (tools.length === 0) rejectArgument('definitions', definitions, 'one tool at least');
    this.specs = namespace === undefined ? tools : [{ type: 'namespace', ...namespace, tools }];
  }

  /** The tools by their names on the wire; see {@link toolKey}. */
  get keys(): readonly string[] {
    return [...this.#forms.keys()];
  }

  async match(message: AnyServerMessage): Promise<ToolCall | RefusedToolCall | undefined> {
    const form = this.#formOf(message);
    if (form === undefined) return undefined;
    const asker = askerOf(message);
    if (asker === undefined) {
      const expected = 'expected a call as a client handed it out, because that client answers it';
      const text = `message: ${expected}, got ${describeValue(message)} that came by none, such as a copy`;
      throw new InvalidArgumentError('message', text);
    }
    // What has the key of a form is a call.
    const request = message as ToolRequest;
    const made = await form.input(request.params.arguments);
    const called = calledToolOf(form.name, request);
    if (made.issues === undefined) return new LiveToolCall(form, called, asker, made.value);
    await refuse(request, asker, form.refusalOf(made.issues));
    return { ...called, issues: made.issues };
  }

  #formOf(message: AnyServerMessage): ToolForm | undefined {
    const key = memberOf(message, 'method') === TOOL_CALL ? calledTool(message) : undefined;
    return key === undefined ? undefined : this.#forms.get(key);
  }
}

/** Answers a call that nobody runs. Who answered it first, or withdrew it, is in the right. Never rejects. @internal */
export async function refuse(request: ToolRequest, asker: Asker, text: string): Promise<void> {
  await asker.respond(request, failureOf(text)).catch(() => {});
}

/**
 * Defines tools that codex lets the model call, and that run in your own loop: `client.toolCalls(tools)`, or `tools.match(msg)`.
 * A thread gets them when it is started, and keeps them: `threadStart({ dynamicTools: tools.specs })` or
 * `threadRun({ thread: { tools }, turn })`. The client has to be started with `experimentalApi: true`.
 *
 * @throws InvalidArgumentError that names the part which codex would not take, or which is no schema
 */
export function defineTools<const Definitions extends ToolDefinitions>(
  definitions: Definitions,
  options: ToolsOptions = {},
): Tools<DefinedToolCall<Definitions>> {
  // A set has the types of its definitions, which only the compiler knows.
  return new ToolSet(definitions, options) as Tools as Tools<DefinedToolCall<Definitions>>;
}

/** The set behind what a user hands over. @throws InvalidArgumentError when it is none of `defineTools` @internal */
export function toolSetOf(argument: string, tools: unknown): ToolSet {
  if (tools instanceof ToolSet) return tools;
  return rejectArgument(argument, tools, 'tools made by defineTools()');
}

function checkNamespace(namespace: ToolsOptions['namespace']): void {
  checkKnownKeys('options.namespace', namespace, ['name', 'description']);
  checkName('options.namespace.name', namespace?.name, 'namespace');
  checkDescription('options.namespace.description', namespace?.description);
}
