/** What a user may hand over as the input of a turn, and the protocol's items it stands for. */

import type { SentUserInput } from '../../protocol/generated.js';
import { isPlainObject, rejectArgument } from '../../support/argument-checks.js';

/** One piece of input: a text, or an input item of the protocol (`text`, `image` by URL, `localImage` by path, ...). */
export type TurnInputItem = string | SentUserInput;

/** The input of a turn: a text, or pieces in order. */
export type TurnInput = string | readonly TurnInputItem[];

/** Params of the protocol with input that may be a plain text. */
export type WithTurnInput<P extends { input: unknown }> = Omit<P, 'input'> & {
  /** A text, or texts and input items (images by URL or path, mentions, ...) in order. */
  readonly input: TurnInput;
};

/** @throws InvalidArgumentError when there is no input, or a piece is neither a text nor an item */
export function userInputOf(argument: string, input: TurnInput): SentUserInput[] {
  if (typeof input === 'string') return [textOf(input)];
  if (!Array.isArray(input) || input.length === 0) {
    rejectArgument(argument, input, 'a text, or an array of texts and input items');
  }
  return input.map((piece: unknown, index) => userInputItem(`${argument}[${index}]`, piece));
}

function userInputItem(argument: string, piece: unknown): SentUserInput {
  if (typeof piece === 'string') return textOf(piece);
  if (!isPlainObject(piece) || typeof piece['type'] !== 'string') {
    rejectArgument(argument, piece, 'a text or an input item such as { type: "localImage", path }');
  }
  if (piece['type'] === 'text' && typeof piece['text'] !== 'string')
    rejectArgument(`${argument}.text`, piece['text'], 'a string');
  // Items of a newer protocol pass: the server is the judge of them.
  return (piece['type'] === 'text' ? { text_elements: [], ...piece } : piece) as SentUserInput;
}

function textOf(text: string): SentUserInput {
  return { type: 'text', text, text_elements: [] };
}
