/** What a call is answered with on the wire: content items, and whether the tool did what it was called for. */
import type { DynamicToolCallOutputContentItem, DynamicToolCallResponse } from '../protocol/generated.js';
import { describeValue, isPlainObject, rejectArgument } from '../support/argument-checks.js';
import { InvalidArgumentError } from '../support/errors.js';
import { jsonText } from '../support/json-text.js';

type Item = DynamicToolCallOutputContentItem;

/** The kinds of content, and the member that has it. */
const CONTENT: Readonly<Record<Item['type'], string>> = {
  inputText: 'text',
  inputImage: 'imageUrl',
  inputAudio: 'audioUrl',
};

/**
 * An answer without a schema: a text, or an array with content items, as it is; any other value as JSON.
 * @throws InvalidArgumentError when it cannot be JSON, or only some of an array are content items
 */
export function contentOf(answer: unknown): readonly Item[] {
  if (typeof answer === 'string') return [{ type: 'inputText', text: answer }];
  if (!Array.isArray(answer) || !answer.some(isContentType))
    return [{ type: 'inputText', text: jsonText('answer', answer) }];
  answer.forEach(checkItem);
  // Each was looked at.
  return answer as Item[];
}

/** The answer of a tool that could not do it, for the model to read. */
export function failureOf(text: string): DynamicToolCallResponse {
  return { contentItems: [{ type: 'inputText', text }], success: false };
}

function isContentType(item: unknown): item is Record<string, unknown> & { readonly type: Item['type'] } {
  return isPlainObject(item) && Object.hasOwn(CONTENT, String(item['type']));
}

function checkItem(item: unknown, index: number): void {
  const argument = `answer[${index}]`;
  if (!isContentType(item)) {
    const kinds = Object.keys(CONTENT).join(', ');
    const message = `${argument}: expected a content item (${kinds}) as beside it, got ${describeValue(item)}; give a value as JSON text to mix the two`;
    throw new InvalidArgumentError(argument, message);
  }
  const member = CONTENT[item.type];
  if (typeof item[member] !== 'string') rejectArgument(`${argument}.${member}`, item[member], 'a string');
}
