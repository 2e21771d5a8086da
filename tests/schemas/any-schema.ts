/** Schemas that strict mode can say, with values that fit them; keys and texts are such as go wrong. */
import fc from 'fast-check';

/** A schema with a value that fits it. */
export interface Sample {
  readonly schema: Record<string, unknown>;
  readonly value: unknown;
}

type Node = Record<string, unknown>;

const DEPTH = 3;
/** Names that mean something to schemas and to objects. */
const key = fc.constantFrom('a', 'b', 'type', 'properties', 'required', 'constructor', '$ref', 'ü');
const NULL_OR_TEXT = { type: ['string', 'null'] };

const scalar: fc.Arbitrary<Node> = fc.oneof(
  fc.constantFrom({ type: 'string' }, { type: 'integer' }, { type: 'number' }, { type: 'boolean' }),
  fc.constantFrom<Node>({ enum: ['x', 'y'] }, { const: 'z' }, { type: 'string', enum: ['only'] }),
  fc.constantFrom<Node>(
    NULL_OR_TEXT,
    { type: 'null' },
    { enum: ['x', null] },
    { type: ['integer', 'boolean'] },
  ),
  fc.constantFrom<Node>({ anyOf: [{ type: 'string' }, { type: 'null' }] }, { $ref: '#/$defs/List' }),
  fc.constant<Node>({ $ref: '#/$defs/List', description: 'a list' }),
);

const described = fc.constantFrom<Node>({}, { description: 'what it is' }, { default: 1, examples: [2] });

function objectOf(depth: number): fc.Arbitrary<Node> {
  return fc
    .tuple(fc.dictionary(key, node(depth - 1), { maxKeys: 4 }), fc.array(fc.boolean(), { minLength: 4 }))
    .map(([properties, flags]) => {
      const required = Object.keys(properties).filter((_, index) => flags[index]);
      return { type: 'object', properties, ...(required.length > 0 && { required }) };
    });
}

function node(depth: number): fc.Arbitrary<Node> {
  if (depth <= 0) return scalar;
  const object = objectOf(depth);
  const array = node(depth - 1).map((items) => ({ type: 'array', items }));
  const choice = fc
    .tuple(fc.constantFrom('anyOf', 'oneOf'), object, array, fc.boolean())
    .map(([word, one, other, hasNull]) => ({ [word]: [other, one, ...(hasNull ? [{ type: 'null' }] : [])] }));
  const told = fc
    .tuple(fc.constantFrom('anyOf', 'oneOf'), object, object)
    .map(([word, one, other]) => ({ [word]: [tagged(one, 'one'), tagged(other, 'other')] }));
  const any = fc.oneof(scalar, object, array, choice, told);
  return fc.tuple(any, described).map(([made, about]) => ('$ref' in made ? made : { ...made, ...about }));
}

/** An object that its branch can be told by. */
function tagged(object: Node, tag: string): Node {
  const { properties, required = [] } = object;
  return {
    ...object,
    properties: { ...Object(properties), kind: { type: 'string', const: tag } },
    required: [...(required as string[]), 'kind'],
  };
}

/** The definitions that every schema has: a list that goes on, or ends. */
const DEFINITIONS = {
  List: {
    type: 'object',
    properties: { head: { type: 'string' }, tail: { $ref: '#/$defs/List' }, note: { type: 'string' } },
    required: ['head'],
  },
};

/** Whether a part lets `null` through, worked out by hand for the parts that are made here. */
function takesNull(schema: Node): boolean {
  const branches = schema['anyOf'] ?? schema['oneOf'];
  if (Array.isArray(branches)) return branches.some((branch: Node) => takesNull(branch));
  const values = schema['enum'];
  if (Array.isArray(values)) return values.includes(null);
  return [schema['type']].flat().includes('null');
}

/** Values that fit; a key that may be left out and may be `null` is there, because its absence cannot be told. */
function fitting(schema: Node, depth: number): fc.Arbitrary<unknown> {
  if ('$ref' in schema) return fitting(DEFINITIONS.List, depth - 1);
  if ('const' in schema) return fc.constant(schema['const']);
  const listed = schema['enum'] ?? schema['anyOf'] ?? schema['oneOf'];
  if (Array.isArray(schema['enum'])) return fc.constantFrom(...schema['enum']);
  if (Array.isArray(listed)) return fc.oneof(...listed.map((branch: Node) => fitting(branch, depth)));
  return fc.oneof(...[schema['type']].flat().map((name) => typedValue(String(name), schema, depth)));
}

function typedValue(name: string, schema: Node, depth: number): fc.Arbitrary<unknown> {
  if (name === 'null') return fc.constant(null);
  if (name === 'boolean') return fc.boolean();
  if (name === 'integer') return fc.integer();
  if (name === 'number') return fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n + 0);
  if (name === 'string') return fc.string();
  if (name === 'array') return fc.array(fitting(schema['items'] as Node, depth - 1), { maxLength: 3 });
  const required = (schema['required'] ?? []) as string[];
  const isAlways = ([name, part]: [string, Node]) => required.includes(name) || takesNull(part);
  const all = Object.entries(schema['properties'] as Record<string, Node>);
  // What names itself has to end.
  const entries = depth < 0 ? all.filter(isAlways) : all;
  const model = Object.fromEntries(entries.map(([name, part]) => [name, fitting(part, depth - 1)]));
  return fc.record(model, { requiredKeys: entries.filter(isAlways).map(([name]) => name) });
}

/** Any schema that strict mode can say, with a value that fits it. */
export const anySample: fc.Arbitrary<Sample> = objectOf(DEPTH).chain((root) => {
  const schema = { ...root, $defs: DEFINITIONS };
  return fitting(schema, DEPTH).map((value) => ({
    schema,
    value: JSON.parse(JSON.stringify(value)) as unknown,
  }));
});
