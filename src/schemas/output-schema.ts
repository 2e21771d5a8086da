/**
 * What a user may hand over as the schema of an output. The shape of a Standard Schema is that of standardschema.dev,
 * which zod, ArkType and Valibot speak: types alone, no dependency.
 */

/** What a schema found wrong with a value. */
export interface SchemaIssue {
  /** What is wrong. */
  readonly message: string;
  /** Where: the keys from the root of the value; undefined for the value itself. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** What validating came to: the value, which the schema may have changed, or what is wrong with it. */
export type SchemaValidation<Output> =
  | {
      /** The value as the schema has it. */
      readonly value: Output;
      /** Nothing is wrong with it. */
      readonly issues?: undefined;
    }
  | {
      /** What is wrong with it. */
      readonly issues: readonly SchemaIssue[];
    };

/**
 * A schema that says itself as JSON Schema, checks a value, and has its type: a Standard Schema with Standard JSON Schema
 * (https://standardschema.dev/json-schema). zod has it from 4.2 on and ArkType from 2.1.28 on; with Valibot it is
 * `toStandardJsonSchema(schema)` of `@valibot/to-json-schema`. What `z.toJSONSchema(schema)` gives is one, too.
 */
export interface StandardJsonSchema<Output = unknown> {
  /** What Standard Schema asks a library for. */
  readonly '~standard': {
    readonly version: 1;
    /** The library that it comes from. */
    readonly vendor: string;
    /** Checks a value, and gives it back as the schema has it. */
    readonly validate: (value: unknown) => SchemaValidation<Output> | Promise<SchemaValidation<Output>>;
    /** Says the schema as JSON Schema; throws when it cannot. */
    readonly jsonSchema: {
      readonly input: (options: { readonly target: 'draft-2020-12' | 'draft-07' }) => object;
    };
    /** For the compiler alone. */
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined;
  };
}

/**
 * A schema that checks a value and has its type: a Standard Schema (https://standardschema.dev), which zod, ArkType and
 * Valibot speak as they are. It need not be able to say itself.
 */
export interface StandardSchema<Output = unknown> {
  /** What Standard Schema asks a library for. */
  readonly '~standard': Pick<
    StandardJsonSchema<Output>['~standard'],
    'version' | 'vendor' | 'validate' | 'types'
  >;
}

/** What no JSON Schema has, by which a schema of a library is told apart. */
interface NoLibrary {
  /** A schema of a library has it, and is taken for what it is. */
  readonly '~standard'?: never;
}

/**
 * A JSON Schema as a plain object: a literal, also in place, one `as const`, or one typed by an interface.
 *
 * To the compiler an interface is no record, and a literal in place fits nothing but a record; so it is either.
 */
export type JsonSchema = (object & NoLibrary) | (Readonly<Record<string, unknown>> & NoLibrary);

/** The schema of an output: a JSON Schema, or a schema of a library, which types and checks the output. */
export type OutputSchema = JsonSchema | StandardJsonSchema;
