/**
 * Writes what the client needs at run time to check names before it sends them: the keys of each client method's params,
 * and the keys of the answer to each server request, with the choices where a key has a closed list of them. A type that
 * takes any key has no entry.
 */
import type { Declaration } from './flatten.js';
import type { Method, MethodMap } from './method-map.js';
import { choicesOf, keysOf, type LookUp } from './type-shape.js';

/** Names are broken into lines of about this many columns. */
const LINE_COLUMNS = 100;

/** The text of the tables. */
export function nameTables(map: MethodMap, declarations: readonly Declaration[]): string {
  const bodies = new Map(declarations.map(({ name, body }) => [name, body]));
  const lookUp: LookUp = (name) => bodies.get(name);
  return `${paramsKeys(map.clientRequests, lookUp)}\n${resultChoices(map.serverRequests, lookUp)}`;
}

function paramsKeys(methods: readonly Method[], lookUp: LookUp): string {
  const lines = methods.flatMap(({ method, params }) => {
    const keys = keysOf(params, lookUp);
    return keys === undefined ? [] : [`  '${method}': ${nameList(keys)},\n`];
  });
  return `/** The keys of the params of each client method, with white space between them. */
export const PARAMS_KEYS: Readonly<Record<string, string>> = {\n${lines.join('')}};\n`;
}

function resultChoices(methods: readonly Method[], lookUp: LookUp): string {
  const lines = methods.flatMap(({ method, response }) => {
    const keys = response === undefined ? undefined : keysOf(response, lookUp);
    if (keys === undefined) return [];
    const members = keys.map((key) => `    ${key}: ${nameList(choicesAt(response ?? '', key, lookUp))},\n`);
    return [`  '${method}': {\n${members.join('')}  },\n`];
  });
  return `/**
 * The keys of the answer to each server request, each with the values it may have: texts, and in braces the key of an
 * object, with white space between them; empty where any value may stand.
 */
export const RESULT_CHOICES: Readonly<Record<string, Readonly<Record<string, string>>>> = {\n${lines.join('')}};\n`;
}

function choicesAt(response: string, key: string, lookUp: LookUp): readonly string[] {
  return choicesOf(response, key, lookUp) ?? [];
}

/** A literal of names with white space between them, in lines that can be read. */
function nameList(names: readonly string[]): string {
  const lines: string[] = [];
  for (const name of names) {
    const last = lines.at(-1);
    if (last === undefined || last.length + name.length >= LINE_COLUMNS) lines.push(name);
    else lines[lines.length - 1] = `${last} ${name}`;
  }
  return lines.length > 1 ? `\`${lines.join('\n    ')}\`` : `'${lines[0] ?? ''}'`;
}
