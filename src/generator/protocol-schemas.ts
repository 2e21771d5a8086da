/**
 * What the JSON Schema that codex writes of its protocol says and its TypeScript does not: which keys a caller may leave
 * out, and what a method does. TypeScript has every member that may be `null`, and every one with a default, as one that
 * has to be there; the schema has what the server takes. Knows nothing of TypeScript but the names of fields.
 */

/** As much of JSON Schema as says which keys an object needs. */
export interface Schema {
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly description?: string;
}

/** The schemas of a protocol by the names of its types. */
export type Schemas = Readonly<Record<string, Schema>>;

/** The bundle that `generate-json-schema` writes, as far as it is used. */
interface Bundle {
  readonly definitions: Schemas & { readonly v2?: Schemas };
}

/**
 * The schemas in a bundle; of two types with one name that of `v2`, as in the flat file.
 *
 * @throws Error when the text is no such bundle
 */
export function readSchemas(bundle: string): Schemas {
  const { definitions } = JSON.parse(bundle) as Partial<Bundle>;
  if (definitions?.v2 === undefined)
    throw new Error('expected a bundle with definitions.v2; the format of generate-json-schema has changed');
  const { v2, ...root } = definitions;
  return { ...root, ...v2 };
}

/**
 * The schema of one object of a union: the one with the same fixed values, such as `type: "text"`. Of a schema that is no
 * union the schema itself.
 *
 * @param fixed - the fields of the object that have one value
 */
export function schemaOf(schema: Schema | undefined, fixed: ReadonlyMap<string, string>): Schema | undefined {
  const alternatives = schema?.oneOf ?? schema?.anyOf;
  if (alternatives === undefined) return schema;
  if (fixed.size === 0) return undefined;
  return alternatives.find(({ properties }) =>
    [...fixed].every(([name, value]) => properties?.[name]?.enum?.includes(value)),
  );
}

/** What the protocol says of its requests as such, by method; most have nothing. */
export function methodDescriptions(schemas: Schemas): Map<string, string> {
  const requests = schemas['ClientRequest']?.oneOf ?? [];
  return new Map(
    requests.flatMap(({ description, properties }) => {
      const method = properties?.['method']?.enum?.[0];
      return typeof method === 'string' && description !== undefined ? [[method, description] as const] : [];
    }),
  );
}

/** May a caller leave the key out? Only when the schema has the key, and does not ask for it. */
export function mayLeaveOut(schema: Schema | undefined, key: string): boolean {
  return schema?.properties?.[key] !== undefined && !(schema.required ?? []).includes(key);
}
