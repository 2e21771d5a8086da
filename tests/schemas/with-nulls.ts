/** What a model answers in strict form, made from a value that fits the schema: a `null` for each key that it lacks. */

type Node = Record<string, unknown>;

export function withNulls(root: Node, value: unknown): unknown {
  return answer(root, value);

  function answer(part: Node, of: unknown): unknown {
    if ('$ref' in part) return answer(Object(root['$defs']).List, of);
    const branches = part['anyOf'] ?? part['oneOf'];
    if (Array.isArray(branches)) return answer(branchFor(branches, of), of);
    if (Array.isArray(of)) return of.map((entry) => answer(part['items'] as Node, entry));
    if (typeof of !== 'object' || of === null) return of;
    const properties = Object.entries(part['properties'] as Record<string, Node>);
    return Object.fromEntries(
      properties.map(([name, property]) => [
        name,
        Object.hasOwn(of, name) ? answer(property, Reflect.get(of, name)) : null,
      ]),
    );
  }
}

/** The branches that are made here differ in type, or in their `kind`. */
function branchFor(branches: Node[], value: unknown): Node {
  const name = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
  const ofType = branches.filter((branch) => branch['type'] === name);
  const kind = Reflect.get(Object(value), 'kind');
  const told = ofType.find((branch) => Object(branch['properties']).kind?.const === kind);
  return told ?? ofType[0] ?? {};
}
