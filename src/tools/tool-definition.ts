/** What a user says of tools, and the types that follow from it. */
import type { DynamicToolCallOutputContentItem } from '../protocol/generated.js';
import type { JsonSchema, StandardJsonSchema, StandardSchema } from '../schemas/output-schema.js';

/** One tool. */
export interface ToolDefinition {
  /** What it does and when to use it, for the model to read; not empty. */
  readonly description: string;
  /**
   * What it is called with: a schema of an object. One of a library that can say itself (zod 4.2, ArkType 2.1.28, Valibot with
   * `toStandardJsonSchema`) types and checks the input. A plain JSON Schema gives a record of unknown values, checked as far as
   * types, keys, listed values, bounds and choices go.
   *
   * The model is told it as JSON Schema. Codex passes on types, descriptions, keys, listed values, elements, choices and
   * references, and leaves out others, such as bounds, `pattern`, `format` and `default`: say those in descriptions, too.
   */
  readonly input: JsonSchema | StandardJsonSchema;
  /**
   * What it answers with: the value given to `respond` is typed and checked by it before it is sent. A schema of any library
   * that speaks Standard Schema, or a plain JSON Schema, which is checked like that of an input.
   * @defaultValue none: `respond` takes any content, and any JSON value
   */
  readonly output?: JsonSchema | StandardSchema | undefined;
  /**
   * Keeps the tool from the model until it searches for it; only in a namespace.
   * @defaultValue false
   */
  readonly deferLoading?: boolean | undefined;
}

/** Tools by name: 1 to 128 letters, digits, `_` and `-`. */
export type ToolDefinitions = Readonly<Record<string, ToolDefinition>>;

/** Options of `defineTools`. */
export interface ToolsOptions {
  /**
   * Groups the tools for the model. Its name has 1 to 64 letters, digits, `_` and `-`; the description says what they are for.
   * @defaultValue none: each tool stands for itself
   */
  readonly namespace?: { readonly name: string; readonly description: string } | undefined;
}

/** What the model reads of an answer: texts, and images and audio by their URLs (`data:` ones, too). */
export type ToolContent = readonly DynamicToolCallOutputContentItem[];

/** Whatever JSON can carry. */
type JsonAnswer = NonNullable<unknown> | null;

/** What a library says of the two sides of its schema. */
type Side<Schema, Name extends 'input' | 'output'> = Schema extends { readonly '~standard': infer Standard }
  ? Standard extends { readonly types?: infer Types }
    ? NonNullable<Types> extends { readonly [N in Name]: infer Value }
      ? Value
      : unknown
    : unknown
  : never;

/** Whether a schema is one of a library. */
interface Library {
  readonly '~standard': object;
}

/** The type of a tool's input: that of its schema; with a plain JSON Schema a record. */
export type ToolInput<Definition extends ToolDefinition> = InputOf<Definition['input']>;

type InputOf<Schema> = Schema extends Library ? Side<Schema, 'output'> : Readonly<Record<string, unknown>>;

/**
 * What a tool's call is answered with: what its output schema takes. Without one a text, {@link ToolContent}, or any other JSON
 * value, which is sent as its text.
 */
export type ToolAnswer<Definition extends ToolDefinition> = Definition extends {
  readonly output: infer Schema;
}
  ? AnswerOf<Schema>
  : JsonAnswer;

type AnswerOf<Schema> = Schema extends Library ? Side<Schema, 'input'> : JsonAnswer;
