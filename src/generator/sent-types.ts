/**
 * Gives the types that a caller writes the form that is easy to write: members that may be left out take `undefined` too,
 * arrays may be read-only, what the server has a default for may be left out, and what serves codex's own tests is not there.
 * What the server sends keeps upstream's form, in which it is easy to read.
 *
 * A type of both kinds stays as it is, and callers get a second one with the prefix `Sent` where the two differ. Whatever
 * was read can be sent: the form for callers takes all that the other one has, and more.
 */
import { type Declaration, renameWords } from './flatten.js';
import { mayLeaveOut, type Schema, type Schemas, schemaOf } from './protocol-schemas.js';
import { closingIndex, colonIndex, isMark, splitTop, type Token, textOf, tokenize, trim } from './tokens.js';
import { fieldsOf, unionMembers } from './type-shape.js';

/** The prefix of a caller's type whose plain name belongs to what the server sends. */
const SENT_PREFIX = 'Sent';

/** Where each direction begins: the names of types. */
export interface Directions {
  /** What callers write: requests, notifications, answers to the server's requests. */
  readonly sent: readonly string[];
  /** What they read: answers, the server's requests and notifications. */
  readonly received: readonly string[];
}

/**
 * The declarations with the callers' types in the callers' form, ordered by name.
 *
 * @throws Error when a name with the prefix is taken, or a type where a direction begins would need it
 */
export function withSentTypes(
  declarations: readonly Declaration[],
  { sent, received }: Directions,
  schemas: Schemas,
): Declaration[] {
  const byName = new Map(declarations.map((declaration) => [declaration.name, declaration]));
  const written = reachedFrom(sent, byName);
  const read = reachedFrom(received, byName);
  const formOf = ({ name, body }: Declaration) => sentForm(body, schemas[name]);
  const twice = differing(
    [...written].filter(([name]) => read.has(name)).map(([, declaration]) => declaration),
    formOf,
  );
  const renames = new Map([...twice].map((name) => [name, SENT_PREFIX + name]));
  checkNames(renames, byName, sent);
  const sentOf = (declaration: Declaration): Declaration => ({
    ...declaration,
    name: renames.get(declaration.name) ?? declaration.name,
    body: renameWords(formOf(declaration), renames),
  });
  return declarations
    .flatMap((declaration) => {
      const { name } = declaration;
      if (!written.has(name)) return [declaration];
      if (!read.has(name)) return [sentOf(declaration)];
      return twice.has(name) ? [declaration, sentOf(declaration)] : [declaration];
    })
    .sort((left, right) => (left.name < right.name ? -1 : 1));
}

/** Of types in both directions those that callers write in another form, or that name one of those. */
function differing(
  shared: readonly Declaration[],
  formOf: (declaration: Declaration) => string,
): Set<string> {
  const found = new Set(
    shared
      .filter((declaration) => codeOf(formOf(declaration)) !== codeOf(declaration.body))
      .map(({ name }) => name),
  );
  let size: number;
  do {
    size = found.size;
    for (const { name, body } of shared) if (wordsOf(body).some((word) => found.has(word))) found.add(name);
  } while (found.size > size);
  return found;
}

function checkNames(
  renames: ReadonlyMap<string, string>,
  declared: ReadonlyMap<string, Declaration>,
  roots: readonly string[],
): void {
  for (const [name, sentName] of renames) {
    if (declared.has(sentName)) throw new Error(`${name} needs the name ${sentName}, which is taken`);
    if (roots.includes(name)) throw new Error(`${name} is both sent and received, and begins a direction`);
  }
}

function reachedFrom(
  roots: readonly string[],
  declared: ReadonlyMap<string, Declaration>,
): Map<string, Declaration> {
  const reached = new Map<string, Declaration>();
  const open = [...roots];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const declaration = declared.get(name);
    if (declaration === undefined || reached.has(name)) continue;
    reached.set(name, declaration);
    open.push(...wordsOf(declaration.body));
  }
  return reached;
}

function wordsOf(body: string): string[] {
  return tokenize(body)
    .filter(({ kind }) => kind === 'word')
    .map(({ text }) => text);
}

/** The text without its white space. */
function codeOf(text: string): string {
  return text.replaceAll(/\s+/g, '');
}

/** The text of a type as callers write it; where the two do not differ only white space may be other. */
export function sentForm(body: string, schema?: Schema): string {
  return rewritten(tokenize(body), schema);
}

function rewritten(tokens: readonly Token[], schema: Schema | undefined): string {
  let out = '';
  for (let index = 0; index < tokens.length; index += 1) {
    const token = tokens[index];
    if (token === undefined) break;
    if (isMark(token, '{')) {
      const end = closingIndex(tokens, index);
      out += objectForm(tokens.slice(index, end + 1), schema);
      index = end;
    } else if (token.kind === 'word' && isMark(tokens[index + 1], '[') && isMark(tokens[index + 2], ']')) {
      out += `ReadonlyArray<${token.text}>`;
      index += 2;
    } else out += token.kind === 'word' && token.text === 'Array' ? 'ReadonlyArray' : token.text;
  }
  return out;
}

function objectForm(object: readonly Token[], union: Schema | undefined): string {
  const inside = object.slice(1, -1);
  const fields = fieldsOf(textOf(object)) ?? [];
  const schema = schemaOf(union, fixedValues(fields));
  const texts = splitTop(inside, ',').flatMap((field, index) => {
    const { name = '', optional = false } = fields[index] ?? {};
    return optional && isForTests(name) ? [] : [fieldForm(field, name, schema)];
  });
  // A mapped type admits no comma after its only member.
  return `{ ${texts.join(', ')}${isMark(trim(inside).at(-1), ',') ? ',' : ''} }`;
}

/** Serves codex's own tests, and nobody who writes params. */
function isForTests(name: string): boolean {
  return /^mock[A-Z]/.test(name);
}

function fixedValues(fields: readonly { name: string; type: string }[]): Map<string, string> {
  return new Map(
    fields.flatMap(({ name, type }) => {
      const value = /^"([^"]*)"$/.exec(type)?.[1];
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}

function fieldForm(field: readonly Token[], name: string, schema: Schema | undefined): string {
  const colon = colonIndex(field);
  const head = textOf(field.slice(0, colon)).trimEnd();
  const type = rewritten(field.slice(colon + 1), schema?.properties?.[name]);
  if (!head.endsWith('?') && !mayLeaveOut(schema, name)) return `${textOf(field.slice(0, colon))}:${type}`;
  const isOpen = unionMembers(type).includes('undefined');
  return `${head.replace(/\?$/, '')}?:${type}${isOpen ? '' : ' | undefined'}`;
}
