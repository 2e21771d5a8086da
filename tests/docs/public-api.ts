// The public surface as an editor shows it: every export of the entry points, with its members, and what a hover says of
// them. What is private, inherited from the language or generated is left out.

import ts from 'typescript-5.9';
import { type PublishedTypes, withPublishedTypes } from './published-types.js';

/** One thing a user can name, and what is said of it. */
export interface ApiEntry {
  /** For example `AsyncClient.start`, `ReadOptions.timeoutMs`, `approve`. */
  readonly name: string;
  /** The file it is declared in, from the repository. */
  readonly file: string;
  readonly kind: 'class' | 'interface' | 'type' | 'function' | 'constant' | 'method' | 'property';
  readonly isOptional: boolean;
  /** As an editor shows it. */
  readonly doc: string;
  readonly tags: readonly Tag[];
  /** What stands in `{@link}`, in the doc and in the tags. */
  readonly links: readonly Link[];
  /** The text of its `@defaultValue`. */
  readonly defaultValue: string | undefined;
  /** The type, as the compiler prints it. */
  readonly type: string;
  /** What a call gives back, as the compiler prints it; undefined for what cannot be called. */
  readonly returns: string | undefined;
}

/** One block tag, for example `throws`. */
interface Tag {
  readonly name: string;
  readonly text: string;
}

/** One link, and whether an editor can follow it. */
interface Link {
  readonly text: string;
  readonly isResolved: boolean;
}

/** What is known of the package. */
export interface PublicApi {
  /** Every export of the entry points and every public member of it. */
  readonly entries: readonly ApiEntry[];
  /** The generated methods of the client. */
  readonly typedMethods: readonly ApiEntry[];
}

const ENTRY_POINTS = ['index', 'testing/index', 'view/index', 'otel/index'] as const;

/** Reads the surface from the declarations. */
export function publicApi(): PublicApi {
  return withPublishedTypes((types) => ({
    entries: ENTRY_POINTS.flatMap((path) =>
      exportsOf(types, path).flatMap(([name, symbol]) => [
        entryOf(types, symbol, name),
        ...handwrittenMembersOf(types, symbol).map((member) =>
          entryOf(types, member, `${name}.${nameOf(member)}`),
        ),
      ]),
    ),
    typedMethods: typedMethodsOf(types),
  }));
}

function typedMethodsOf(types: PublishedTypes): ApiEntry[] {
  const client = new Map(exportsOf(types, 'index')).get('AsyncClient');
  if (client === undefined) throw new Error('src/index.ts exports no AsyncClient');
  return types.checker
    .getPropertiesOfType(types.checker.getDeclaredTypeOfSymbol(client))
    .filter((member) => fileOf(types, member)?.endsWith('generated.ts'))
    .map((member) => entryOf(types, member, member.name));
}

/** The exports of a file by their public names; the namespace of generated types is left out. */
function exportsOf({ checker, declarationsOf }: PublishedTypes, path: string): [string, ts.Symbol][] {
  const module = checker.getSymbolAtLocation(declarationsOf(path));
  if (module === undefined) throw new Error(`${path} exports nothing`);
  return checker
    .getExportsOfModule(module)
    .map((exported): [string, ts.Symbol] => [
      exported.name,
      isA(exported, ts.SymbolFlags.Alias) ? checker.getAliasedSymbol(exported) : exported,
    ])
    .filter(([, symbol]) => !isA(symbol, ts.SymbolFlags.ValueModule));
}

/** The members that are written by hand: statics and properties, own ones and those of base classes. */
function handwrittenMembersOf(types: PublishedTypes, symbol: ts.Symbol): ts.Symbol[] {
  if (!isType(symbol)) return [];
  const type = types.checker.getDeclaredTypeOfSymbol(symbol);
  const statics = isA(symbol, ts.SymbolFlags.Class) ? [...(symbol.exports?.values() ?? [])] : [];
  return [...statics, ...types.checker.getPropertiesOfType(type)].filter((member) => isPublic(types, member));
}

function isPublic(types: PublishedTypes, member: ts.Symbol): boolean {
  if (member.name === 'prototype' || member.name.includes('#')) return false;
  const file = fileOf(types, member);
  if (file === undefined || file.endsWith('generated.ts')) return false;
  const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected;
  return (member.declarations ?? []).every(
    (declaration) => (ts.getCombinedModifierFlags(declaration) & hidden) === 0,
  );
}

function entryOf(types: PublishedTypes, symbol: ts.Symbol, name: string): ApiEntry {
  const { checker } = types;
  const type = isType(symbol) ? undefined : checker.getTypeOfSymbol(symbol);
  const call = type?.getCallSignatures()[0];
  const hovers = hoversOver(types, symbol);
  const tags = hovers.flatMap((hover) => hover.tags ?? []).map(tagOf);
  return {
    name,
    file: fileOf(types, symbol) ?? '',
    kind: kindOf(symbol, call !== undefined),
    isOptional: isA(symbol, ts.SymbolFlags.Optional),
    doc: shown(hovers[0]?.documentation).trim(),
    tags,
    links: hovers.flatMap(linksIn),
    defaultValue: tags.find((tag) => tag.name === 'defaultValue')?.text,
    type: type === undefined ? '' : checker.typeToString(type),
    returns: call && checker.typeToString(call.getReturnType()),
  };
}

type Hover = Pick<ts.QuickInfo, 'documentation' | 'tags'>;

/** What is shown over each declaration of a symbol: an overload may have words of its own. */
function hoversOver({ service, checker }: PublishedTypes, symbol: ts.Symbol): Hover[] {
  return (symbol.declarations ?? []).map((declaration) => {
    const name = ts.getNameOfDeclaration(declaration);
    const file = declaration.getSourceFile().fileName;
    // An editor says over `[Symbol.asyncDispose]` what the language says of that symbol; over a use it says this.
    const hover =
      name && !ts.isComputedPropertyName(name) && service.getQuickInfoAtPosition(file, name.getStart());
    return (
      hover || {
        documentation: symbol.getDocumentationComment(checker),
        tags: symbol.getJsDocTags(checker),
      }
    );
  });
}

function tagOf({ name, text }: ts.JSDocTagInfo): Tag {
  return { name, text: shown(text) };
}

/** What stands on the screen: of a link the name, without its braces. */
function shown(parts: readonly ts.SymbolDisplayPart[] = []): string {
  return parts
    .filter(({ kind }) => kind !== 'link')
    .map(({ text }) => text)
    .join('');
}

/** A link comes as parts: `{@link `, a name that has a target or a text that has none, `}`. */
function linksIn({ documentation = [], tags = [] }: Hover): Link[] {
  return [...documentation, ...tags.flatMap(({ text }) => text ?? [])].flatMap((part, index, parts) => {
    if (parts[index - 1]?.kind !== 'link' || parts[index + 1]?.kind === undefined) return [];
    if (part.kind !== 'linkName' && part.kind !== 'linkText') return [];
    return [{ text: part.text.trim(), isResolved: 'target' in part && part.target !== undefined }];
  });
}

function isType(symbol: ts.Symbol): boolean {
  return isA(symbol, ts.SymbolFlags.Class | ts.SymbolFlags.Interface | ts.SymbolFlags.TypeAlias);
}

function kindOf(symbol: ts.Symbol, isCallable: boolean): ApiEntry['kind'] {
  if (isA(symbol, ts.SymbolFlags.Class)) return 'class';
  if (isA(symbol, ts.SymbolFlags.Interface)) return 'interface';
  if (isA(symbol, ts.SymbolFlags.TypeAlias)) return 'type';
  if (isA(symbol, ts.SymbolFlags.Function)) return 'function';
  if (isA(symbol, ts.SymbolFlags.BlockScopedVariable)) return 'constant';
  return isCallable && isA(symbol, ts.SymbolFlags.Method) ? 'method' : 'property';
}

/** `[Symbol.asyncDispose]` has the name `__@asyncDispose@137` inside the compiler. */
function nameOf(member: ts.Symbol): string {
  const wellKnown = /^__@(\w+)@\d+$/.exec(member.name)?.[1];
  return wellKnown === undefined ? member.name : `[Symbol.${wellKnown}]`;
}

function fileOf({ sourceOf }: PublishedTypes, symbol: ts.Symbol): string | undefined {
  const declared = symbol.declarations?.[0]?.getSourceFile().fileName;
  return declared === undefined ? undefined : sourceOf(declared);
}

function isA(symbol: ts.Symbol, flags: ts.SymbolFlags): boolean {
  return (symbol.flags & flags) !== 0;
}
