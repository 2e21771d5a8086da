// The public surface as the compiler sees it: every export of the entry points, with its members and their docs.
// What is private, marked `@internal`, inherited from the language or generated is left out.

import { fileURLToPath } from 'node:url';
import {
  API,
  type Checker,
  type Symbol as Declared,
  ModifierFlags,
  type Project,
  SignatureKind,
  SymbolFlags,
} from 'typescript/unstable/sync';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

/** One thing a user can name, and what is said of it. */
export interface ApiEntry {
  /** For example `AsyncClient.start`, `ReadOptions.timeoutMs`, `approve`. */
  readonly name: string;
  /** The file it is declared in, from the repository. */
  readonly file: string;
  readonly kind: 'class' | 'interface' | 'type' | 'function' | 'constant' | 'method' | 'property';
  readonly isOptional: boolean;
  readonly doc: string;
  /** The names of its tags, for example `throws`. */
  readonly tags: readonly string[];
  /** The text of its `@defaultValue`. */
  readonly defaultValue: string | undefined;
  /** The type, as the compiler prints it. */
  readonly type: string;
  /** What a call gives back, as the compiler prints it; undefined for what cannot be called. */
  readonly returns: string | undefined;
}

const ENTRY_POINTS = ['src/index.ts', 'src/testing/index.ts', 'src/view/index.ts'] as const;

/** Every export of the entry points and every public member of it. */
export function publicApi(): ApiEntry[] {
  return withProject((project) =>
    ENTRY_POINTS.flatMap((path) =>
      exportsOf(project, path).flatMap(([name, symbol]) => [
        entryOf(project.checker, symbol, name),
        ...handwrittenMembersOf(project.checker, symbol).map((member) =>
          entryOf(project.checker, member, `${name}.${nameOf(member)}`),
        ),
      ]),
    ),
  );
}

/** The generated methods of the client. */
export function typedMethods(): ApiEntry[] {
  return withProject((project) => {
    const client = new Map(exportsOf(project, 'src/index.ts')).get('AsyncClient');
    if (client === undefined) throw new Error('src/index.ts exports no AsyncClient');
    return project.checker
      .getPropertiesOfType(project.checker.getDeclaredTypeOfSymbol(client))
      .filter(({ declarations }) => declarations.every(({ path }) => path.endsWith('generated.ts')))
      .map((member) => entryOf(project.checker, member, member.name));
  });
}

function withProject<T>(ask: (project: Project) => T): T {
  const api = new API({ cwd: REPOSITORY });
  try {
    const snapshot = api.updateSnapshot({ openProjects: [`${REPOSITORY}tsconfig.json`] });
    const project = snapshot.getProject(`${REPOSITORY}tsconfig.json`);
    if (project === undefined) throw new Error('tsconfig.json is no project');
    return ask(project);
  } finally {
    api.close();
  }
}

/** The exports of a file by their public names; the namespace of generated types is left out. */
function exportsOf({ checker, program }: Project, path: string): [string, Declared][] {
  const file = program.getSourceFile(`${REPOSITORY}${path}`);
  const module = file && checker.getSymbolAtLocation(file);
  if (module === undefined) throw new Error(`${path} exports nothing`);
  return checker
    .getExportsOfModule(module)
    .map((exported): [string, Declared] => [
      exported.name,
      isA(exported, SymbolFlags.Alias) ? checker.getAliasedSymbol(exported) : exported,
    ])
    .filter(([, symbol]) => !isA(symbol, SymbolFlags.ValueModule));
}

/** The members that are written by hand: statics and properties, own ones and those of base classes. */
function handwrittenMembersOf(checker: Checker, symbol: Declared): Declared[] {
  if (!isA(symbol, SymbolFlags.Class | SymbolFlags.Interface | SymbolFlags.TypeAlias)) return [];
  const type = checker.getDeclaredTypeOfSymbol(symbol);
  const statics = isA(symbol, SymbolFlags.Class) ? [...symbol.getExports().values()] : [];
  return [...statics, ...checker.getPropertiesOfType(type)].filter((member) => isPublic(checker, member));
}

function isPublic(checker: Checker, member: Declared): boolean {
  if (member.name === 'prototype' || member.name.includes('#')) return false;
  const isOurs = member.declarations.some(
    ({ path }) => path.startsWith(`${REPOSITORY}src/`) && !path.endsWith('generated.ts'),
  );
  if (!isOurs || tagsOf(checker, member).includes('internal')) return false;
  const declaration = member.declarations[0]?.resolve();
  const modifiers =
    (declaration as { readonly modifierFlags?: ModifierFlags } | undefined)?.modifierFlags ?? 0;
  return (modifiers & (ModifierFlags.Private | ModifierFlags.Protected)) === 0;
}

function entryOf(checker: Checker, symbol: Declared, name: string): ApiEntry {
  const isType = isA(symbol, SymbolFlags.Class | SymbolFlags.Interface | SymbolFlags.TypeAlias);
  const type = isType ? undefined : checker.getTypeOfSymbol(symbol);
  const calls = type === undefined ? [] : checker.getSignaturesOfType(type, SignatureKind.Call);
  const returned = calls[0] && checker.getReturnTypeOfSignature(calls[0]);
  return {
    name,
    file: (symbol.declarations[0]?.path ?? '').slice(REPOSITORY.length),
    kind: kindOf(symbol, calls.length > 0),
    isOptional: isA(symbol, SymbolFlags.Optional),
    doc: checker.getDocumentationCommentOfSymbol(symbol).trim(),
    tags: tagsOf(checker, symbol),
    defaultValue: checker.getJsDocTagsOfSymbol(symbol).find((tag) => tag.name === 'defaultValue')?.text,
    type: type === undefined ? '' : checker.typeToString(type),
    returns: returned && checker.typeToString(returned),
  };
}

const tagsOf = (checker: Checker, symbol: Declared): string[] =>
  checker.getJsDocTagsOfSymbol(symbol).map(({ name }) => name);

function kindOf(symbol: Declared, isCallable: boolean): ApiEntry['kind'] {
  if (isA(symbol, SymbolFlags.Class)) return 'class';
  if (isA(symbol, SymbolFlags.Interface)) return 'interface';
  if (isA(symbol, SymbolFlags.TypeAlias)) return 'type';
  if (isA(symbol, SymbolFlags.Function)) return 'function';
  if (isA(symbol, SymbolFlags.BlockScopedVariable)) return 'constant';
  return isCallable && isA(symbol, SymbolFlags.Method) ? 'method' : 'property';
}

/** `[Symbol.asyncDispose]` has the name `__@asyncDispose@137` inside the compiler. */
function nameOf(member: Declared): string {
  const wellKnown = /^__@(\w+)@\d+$/.exec(member.name)?.[1];
  return wellKnown === undefined ? member.name : `[Symbol.${wellKnown}]`;
}

function isA(symbol: Declared, flags: SymbolFlags): boolean {
  return (symbol.flags & flags) !== 0;
}
