/**
 * A call of a tool in the user's hands. Owns how it is answered; that this is done once, and not when nobody waits for it any
 * more, the session sees to.
 */
import type { SchemaIssue } from '../schemas/output-schema.js';
import { isPending } from '../schemas/value-check.js';
import type { Asker } from '../session/answers/askers.js';
import type { ServerRequest } from '../session/messages/server-message.js';
import { checkRequiredText } from '../support/argument-checks.js';
import { failureOf } from './tool-content.js';
import type { ToolAnswer, ToolDefinitions, ToolInput } from './tool-definition.js';
import type { ToolForm } from './tool-form.js';

/** A call on the wire. */
export type ToolRequest = ServerRequest<'item/tool/call'>;

/** Where a call comes from. */
export interface CalledTool<Name extends string> {
  /** The tool that is called, by its name in the definitions. */
  readonly tool: Name;
  /** The thread that calls it. */
  readonly threadId: string;
  /** The turn that calls it, and waits. */
  readonly turnId: string;
  /** Names the call; it is the id of the item, too. */
  readonly callId: string;
  /** The server request itself. */
  readonly request: ToolRequest;
}

/** A call of one tool, by its name, what it is called with, and what it is answered with. */
export interface ToolCall<Name extends string = string, Input = unknown, Answer = NonNullable<unknown> | null>
  extends CalledTool<Name> {
  /** What it is called with, as its schema has it. */
  readonly input: Input;
  /** Nothing is wrong with the input. */
  readonly issues?: undefined;
  /**
   * Fires when nobody waits for the answer any more: the turn is over, interrupted or not, the server settled the call
   * otherwise, or is gone.
   */
  readonly signal: AbortSignal;

  /**
   * Answers the call; settles when the pipe has taken the answer. A text goes as it is, and so does an array of content items
   * where the tool has no output schema; any other value goes as its JSON text. With an output schema the value is checked first.
   *
   * @throws InvalidArgumentError when the answer cannot be JSON, is a promise, or is not what the output schema asks for; the call
   * can still be answered
   * @throws AlreadyRespondedError when it was answered before, or refused because the loop it came from was left
   * @throws StaleRequestError when the server does not wait for it any more: its turn is over
   * @throws ServerClosedError when the server is gone
   */
  respond(answer: Answer): Promise<void>;

  /**
   * Answers that the tool could not do it, with a reason that the model reads; the turn goes on.
   *
   * @throws InvalidArgumentError when the message is no text; otherwise what `respond` throws
   */
  fail(message: string): Promise<void>;
}

/** The calls of tools as they were defined: a union, discriminated by `tool`. */
export type DefinedToolCall<Definitions extends ToolDefinitions> = {
  [Name in keyof Definitions & string]: ToolCall<
    Name,
    ToolInput<Definitions[Name]>,
    ToolAnswer<Definitions[Name]>
  >;
}[keyof Definitions & string];

/**
 * A call whose arguments do not fit. It was answered with what is wrong with them, so that the model can mend it, and is told
 * apart by its `issues`.
 */
export interface RefusedToolCall<Name extends string = string> extends CalledTool<Name> {
  /** There is none. */
  readonly input?: undefined;
  /** What is wrong with the arguments; one at least. */
  readonly issues: readonly SchemaIssue[];
}

/** Where a call comes from, as every call has it. @internal */
export function calledToolOf(name: string, request: ToolRequest): CalledTool<string> {
  const { threadId, turnId, callId } = request.params;
  return { tool: name, threadId, turnId, callId, request };
}

/** A call that waits for its answer. @internal */
export class LiveToolCall implements ToolCall {
  readonly tool: string;
  readonly threadId: string;
  readonly turnId: string;
  readonly callId: string;
  readonly input: unknown;
  readonly request: ToolRequest;
  readonly #form: ToolForm;
  readonly #asker: Asker;

  constructor(form: ToolForm, called: CalledTool<string>, asker: Asker, input: unknown) {
    this.tool = called.tool;
    this.threadId = called.threadId;
    this.turnId = called.turnId;
    this.callId = called.callId;
    this.input = input;
    this.request = called.request;
    this.#form = form;
    this.#asker = asker;
  }

  get signal(): AbortSignal {
    return this.#asker.signalOf(this.request);
  }

  async respond(answer: unknown): Promise<void> {
    const made = this.#form.content(answer);
    // Without a wait where there is nothing to wait for: who leaves right after has answered.
    const contentItems = isPending(made) ? await made : made;
    await this.#asker.respond(this.request, { contentItems, success: true });
  }

  async fail(message: string): Promise<void> {
    checkRequiredText('message', message);
    await this.#asker.respond(this.request, failureOf(message));
  }
}
