/**
 * The three kinds of mutants that Stryker lacks and this code needs, in the form of Stryker's own mutators: they look
 * at one node of Babel's syntax tree and give what may stand in its place. They change nothing and know no file.
 */

/** What the mutators read of a node of Babel's; each kind of node has some of the fields. */
export interface SyntaxNode {
  readonly type: string;
  readonly loc?: { readonly start: Position; readonly end: Position };
  readonly value?: unknown;
  readonly argument?: SyntaxNode | null;
  readonly expression?: SyntaxNode | boolean;
  readonly callee?: SyntaxNode;
  readonly body?: SyntaxNode | readonly SyntaxNode[];
  readonly key?: SyntaxNode;
  readonly computed?: boolean;
}

/** Lines from 1, columns from 0. */
interface Position {
  readonly line: number;
  readonly column: number;
}

/** A node where it stands. */
export interface SyntaxPath {
  readonly node: SyntaxNode;
  readonly parent: SyntaxNode | undefined;
}

/** A kind of mutants. */
export interface Mutator<Path extends SyntaxPath = SyntaxPath> {
  readonly name: string;
  mutate(path: Path): Iterable<SyntaxNode>;
}

const DELETABLE = new Set([
  'ExpressionStatement',
  'ReturnStatement',
  'ThrowStatement',
  'BreakStatement',
  'ContinueStatement',
]);

/** `rest();` becomes nothing, and so do `return`, `throw`, `break` and `continue`. */
const statementDeletion: Mutator = {
  name: 'StatementDeletion',
  *mutate({ node, parent }) {
    if (DELETABLE.has(node.type) && !isOnlyStatement(parent) && !callsSuper(node))
      yield { type: 'EmptyStatement' };
  },
};

/** `await promise` becomes `promise`. */
const awaitRemoval: Mutator = {
  name: 'AwaitRemoval',
  *mutate({ node }) {
    // A copy: what stands in the tree still gets mutants of its own put into it.
    if (node.type === 'AwaitExpression' && node.argument) yield structuredClone(node.argument);
  },
};

/** `n` becomes `n + 1`, but for names of properties and numbers in types. */
const numberIncrement: Mutator = {
  name: 'NumberIncrement',
  *mutate({ node, parent }) {
    if (node.type !== 'NumericLiteral' || typeof node.value !== 'number') return;
    if (parent?.type === 'TSLiteralType' || isName(node, parent)) return;
    yield { type: 'NumericLiteral', value: node.value + 1 };
  },
};

/** Ours, to stand beside Stryker's. */
export const OWN_MUTATORS: readonly Mutator[] = [statementDeletion, awaitRemoval, numberIncrement];

/** Stryker empties blocks; deleting the one statement of a block would be the same mutant again. */
function isOnlyStatement(parent: SyntaxNode | undefined): boolean {
  return parent?.type === 'BlockStatement' && Array.isArray(parent.body) && parent.body.length === 1;
}

/** A class that extends another cannot be made without; every test would notice. */
function callsSuper({ expression }: SyntaxNode): boolean {
  return typeof expression === 'object' && expression.callee?.type === 'Super';
}

function isName(node: SyntaxNode, parent: SyntaxNode | undefined): boolean {
  return parent?.key === node && parent.computed !== true;
}
