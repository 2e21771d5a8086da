/**
 * One tool as it was defined: what the server is told of it, how the arguments of a call become its input, and how what the
 * user answers becomes content. Owns that what does not fit is told with its places.
 */
import type { DynamicToolCallOutputContentItem, DynamicToolNamespaceTool } from '../protocol/generated.js';
import { issueText } from '../schemas/issue-text.js';
import type { SchemaIssue, SchemaValidation } from '../schemas/output-schema.js';
import { saidSchemaOf } from '../schemas/said-schema.js';
import { type SchemaNode, SchemaTree } from '../schemas/schema-nodes.js';
import { checkOfSaid, isPending, type ValueCheck, valueCheckOf } from '../schemas/value-check.js';
import { describeValue, isPlainObject, rejectArgument } from '../support/argument-checks.js';
import { InvalidArgumentError } from '../support/errors.js';
import { jsonText } from '../support/json-text.js';
import { checkDefinition, checkName } from './definition-checks.js';
import { contentOf } from './tool-content.js';
import type { ToolDefinition } from './tool-definition.js';

type Content = readonly DynamicToolCallOutputContentItem[];

/** How many issues a refusal or an error names. */
const NAMED_ISSUES = 20;

/** One tool. */
export class ToolForm {
  readonly name: string;
  /** What the server is told. */
  readonly spec: DynamicToolNamespaceTool;
  readonly #checkInput: ValueCheck;
  readonly #checkOutput: ValueCheck | undefined;

  /** @throws InvalidArgumentError that names the part which cannot work */
  constructor(name: string, definition: ToolDefinition, isInNamespace: boolean) {
    const argument = `definitions.${name}`;
    checkName(argument, name, 'tool');
    checkDefinition(argument, definition, isInNamespace);
    const { description, input, output, deferLoading } = definition;
    const said = saidSchemaOf<unknown>(`${argument}.input`, input);
    const inputSchema = objectSchema(`${argument}.input`, said.said);
    this.name = name;
    this.spec = {
      type: 'function',
      name,
      description,
      // It was made from JSON text.
      inputSchema: inputSchema as DynamicToolNamespaceTool['inputSchema'],
      ...(deferLoading === undefined ? {} : { deferLoading }),
    };
    this.#checkInput = checkOfSaid({ ...said, said: inputSchema });
    this.#checkOutput = output === undefined ? undefined : valueCheckOf(`${argument}.output`, output);
  }

  /** The input that the arguments of a call make; never rejects. */
  async input(args: unknown): Promise<SchemaValidation<unknown>> {
    if (!isPlainObject(args))
      return { issues: [{ message: `expected an object of arguments, got ${describeValue(args)}` }] };
    return this.#checkInput(args);
  }

  /**
   * The content that says an answer; at once where nothing has to be waited for.
   * @throws InvalidArgumentError when the answer cannot be JSON, or its schema finds fault with it
   */
  content(answer: unknown): Content | Promise<Content> {
    if (isPending(answer)) rejectArgument('answer', answer, 'a value, not a promise of one: await it first');
    if (this.#checkOutput === undefined) return contentOf(answer);
    // What is no JSON is no answer, whatever the schema lets through.
    jsonText('answer', answer);
    const checked = this.#checkOutput(answer);
    return isPending(checked) ? checked.then((made) => this.#checked(made)) : this.#checked(checked);
  }

  /** What the model is told of a call that was not handed out, so that it can mend it. */
  refusalOf(issues: readonly SchemaIssue[]): string {
    const lines = issues.slice(0, NAMED_ISSUES).map((issue) => `- ${issueText(issue)}`);
    const more = issues.length > NAMED_ISSUES ? [`- and ${issues.length - NAMED_ISSUES} more`] : [];
    return [
      `The arguments of ${this.name} do not fit its schema, so it was not run:`,
      ...lines,
      ...more,
      'Call it again with arguments that fit.',
    ].join('\n');
  }

  #checked(checked: SchemaValidation<unknown>): Content {
    if (checked.issues === undefined) return textOf(checked.value);
    const issues = checked.issues.slice(0, NAMED_ISSUES).map(issueText).join('; ');
    const message = `answer: expected what the output schema of ${this.name} lets through; ${issues}`;
    throw new InvalidArgumentError('answer', message);
  }
}

/** A text as it is, anything else as JSON. */
function textOf(value: unknown): Content {
  return [{ type: 'inputText', text: typeof value === 'string' ? value : jsonText('answer', value) }];
}

/** The schema, whose root may be a reference. @throws InvalidArgumentError when it is not one of an object */
function objectSchema(argument: string, said: unknown): SchemaNode {
  const root = rootOf(said);
  if (root?.['type'] === 'object') return root;
  return rejectArgument(
    `${argument}.type`,
    root?.['type'],
    '"object": a tool is called with named arguments',
  );
}

function rootOf(said: unknown): SchemaNode | undefined {
  if (!isPlainObject(said) || said['$ref'] === undefined) return isPlainObject(said) ? said : undefined;
  const { $ref, ...rest } = said;
  const target = new SchemaTree(said).target({ $ref });
  return target === undefined ? undefined : { ...target, ...rest };
}
