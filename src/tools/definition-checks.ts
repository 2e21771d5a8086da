/** Checks of what a user says of tools: what codex would refuse, before anything is sent, with the place. */
import { checkBoolean, checkKnownKeys, describeValue, rejectArgument } from '../support/argument-checks.js';
import { InvalidArgumentError } from '../support/errors.js';

/** Codex's own limits, those of the Responses API. */
const NAME_LENGTHS = { tool: 128, namespace: 64 } as const;

/** Codex calls the tools of MCP servers so. */
const RESERVED = /^mcp(?:__|$)/;

/** @throws InvalidArgumentError when codex takes no tool, or namespace, of the name */
export function checkName(argument: string, name: unknown, kind: keyof typeof NAME_LENGTHS): void {
  const maxLength = NAME_LENGTHS[kind];
  if (typeof name !== 'string' || !/^[a-zA-Z0-9_-]+$/.test(name) || name.length > maxLength) {
    const expected = `1 to ${maxLength} letters, digits, "_" and "-"`;
    const message = `${argument}: expected a name of ${expected}, got ${describeValue(name)}`;
    throw new InvalidArgumentError(argument, message);
  }
  if (RESERVED.test(name))
    rejectArgument(argument, name, 'another name: codex keeps mcp and mcp__... for the tools of MCP servers');
}

/** @throws InvalidArgumentError when there is no text that the model could go by */
export function checkDescription(argument: string, description: unknown): void {
  if (typeof description === 'string' && description.trim() !== '') return;
  rejectArgument(argument, description, 'a text that tells the model what it is for');
}

/** What a definition has, apart from its schemas. @throws InvalidArgumentError */
export function checkDefinition(argument: string, definition: unknown, isInNamespace: boolean): void {
  checkKnownKeys(argument, definition, ['description', 'input', 'output', 'deferLoading']);
  const { description, deferLoading }: { description?: unknown; deferLoading?: unknown } = Object(definition);
  checkDescription(`${argument}.description`, description);
  checkBoolean(`${argument}.deferLoading`, deferLoading);
  if (deferLoading === true && !isInNamespace)
    rejectArgument(
      `${argument}.deferLoading`,
      deferLoading,
      'it in a namespace alone, because codex finds deferred tools by theirs; give options.namespace',
    );
}
