/**
 * Checks of scripted replies. Every message names the place in the script, the value and what was
 * expected, for example `enqueue[1][0].pieces[2]`. A reply that passed can be played without surprises.
 */
import {
  checkKnownKeys,
  checkText,
  checkWholeNumber,
  isPlainObject,
  rejectArgument,
} from '../../support/argument-checks.js';
import { Gate } from './gate.js';
import type { ReplyStep } from './reply-steps.js';

/** The events that end a response; nothing can be sent after one of them. */
const FINAL_EVENTS: readonly string[] = ['response.completed', 'response.failed', 'response.incomplete'];

/**
 * The steps of a reply, checked and copied, so that later changes to the caller's array do no harm.
 * @throws InvalidArgumentError when it is no reply.
 */
export function checkReply(argument: string, reply: unknown): readonly ReplyStep[] {
  const steps: readonly unknown[] = Array.isArray(reply) ? [...reply] : [reply];
  if (steps.length === 0) rejectArgument(argument, reply, 'one or more steps, for example text("Hello")');
  return steps.map((step, index) => {
    const place = Array.isArray(reply) ? `${argument}[${index}]` : argument;
    checkStep(place, step);
    const isLast = index === steps.length - 1;
    if (endsReply(step) && !isLast)
      rejectArgument(place, step, `"${step.type}" as the last step of its reply`);
    if (step.type === 'http_error' && steps.length > 1)
      rejectArgument(place, step, '"http_error" as the only step of its reply');
    return step;
  });
}

/** The same for a list of replies. @throws InvalidArgumentError when one of them is no reply. */
export function checkReplies(argument: string, replies: readonly unknown[]): (readonly ReplyStep[])[] {
  return replies.map((reply, index) => checkReply(`${argument}[${index}]`, reply));
}

/** Whether the model says nothing more in this reply after the step. */
export function endsReply(step: ReplyStep): boolean {
  if (step.type === 'raw_event') return FINAL_EVENTS.includes(step.event.type);
  return step.type === 'failure' || step.type === 'http_error' || step.type === 'disconnect';
}

/** Every gate of a reply, at whatever depth. */
export function gatesOf(steps: readonly ReplyStep[]): Gate[] {
  return steps.flatMap((step) => {
    if (step instanceof Gate) return [step];
    return 'pieces' in step ? step.pieces.filter((piece) => piece instanceof Gate) : [];
  });
}

type StepFields = Readonly<Record<string, unknown>>;
const STEP_CHECKS: Readonly<Record<string, (argument: string, step: StepFields) => void>> = {
  text(argument, step) {
    checkKnownKeys(argument, step, ['type', 'pieces', 'phase']);
    checkChoice(`${argument}.phase`, step['phase'], [undefined, 'commentary', 'final_answer']);
    checkPieces(`${argument}.pieces`, step['pieces']);
  },
  reasoning(argument, step) {
    checkKnownKeys(argument, step, ['type', 'part', 'pieces']);
    checkChoice(`${argument}.part`, step['part'], ['summary', 'text']);
    checkPieces(`${argument}.pieces`, step['pieces']);
  },
  tool_call(argument, step) {
    checkKnownKeys(argument, step, ['type', 'name', 'arguments', 'namespace', 'callId']);
    requireText(`${argument}.name`, step['name']);
    checkText(`${argument}.namespace`, step['namespace']);
    checkText(`${argument}.callId`, step['callId']);
    checkToolArguments(`${argument}.arguments`, step['arguments']);
  },
  custom_tool_call(argument, step) {
    checkKnownKeys(argument, step, ['type', 'name', 'input', 'callId']);
    requireText(`${argument}.name`, step['name']);
    requireText(`${argument}.input`, step['input']);
    checkText(`${argument}.callId`, step['callId']);
  },
  echo(argument, step) {
    checkKnownKeys(argument, step, ['type', 'prefix']);
    if (typeof step['prefix'] !== 'string') rejectArgument(`${argument}.prefix`, step['prefix'], 'text');
  },
  usage(argument, step) {
    checkKnownKeys(argument, step, ['type', ...TOKEN_COUNTS]);
    for (const name of TOKEN_COUNTS)
      checkWholeNumber(`${argument}.${name}`, step[name], { min: 0, unit: 'tokens' });
    for (const name of ['inputTokens', 'outputTokens'])
      if (step[name] === undefined)
        rejectArgument(`${argument}.${name}`, undefined, 'a whole number of tokens');
  },
  failure(argument, step) {
    checkKnownKeys(argument, step, ['type', 'code', 'message']);
    requireText(`${argument}.code`, step['code']);
    requireText(`${argument}.message`, step['message']);
  },
  http_error(argument, step) {
    checkKnownKeys(argument, step, ['type', 'status', 'message']);
    const range = { min: 400, max: 599, unit: 'an HTTP error status' };
    if (step['status'] === undefined)
      rejectArgument(`${argument}.status`, undefined, 'a status from 400 to 599');
    checkWholeNumber(`${argument}.status`, step['status'], range);
    requireText(`${argument}.message`, step['message']);
  },
  disconnect(argument, step) {
    checkKnownKeys(argument, step, ['type']);
  },
  raw_event(argument, step) {
    checkKnownKeys(argument, step, ['type', 'event']);
    if (!isPlainObject(step['event'])) rejectArgument(`${argument}.event`, step['event'], 'an event object');
    requireText(`${argument}.event.type`, step['event']['type']);
    checkSerialisable(`${argument}.event`, step['event']);
  },
};
const TOKEN_COUNTS = ['inputTokens', 'cachedInputTokens', 'outputTokens', 'reasoningOutputTokens'] as const;

/** @throws InvalidArgumentError when `step` is not a step of a reply. */
export function checkStep(argument: string, step: unknown): asserts step is ReplyStep {
  if (step instanceof Gate) return;
  const kinds = Object.keys(STEP_CHECKS).join(', ');
  if (!isPlainObject(step))
    rejectArgument(argument, step, `a reply step such as text("Hello") (types: ${kinds})`);
  const kind = step['type'];
  const check = typeof kind === 'string' && Object.hasOwn(STEP_CHECKS, kind) ? STEP_CHECKS[kind] : undefined;
  if (check === undefined) rejectArgument(`${argument}.type`, kind, `one of ${kinds}`);
  check(argument, step);
}

function checkPieces(argument: string, pieces: unknown): void {
  if (!Array.isArray(pieces) || pieces.length === 0)
    rejectArgument(argument, pieces, 'one or more pieces of text');
  for (const [index, piece] of pieces.entries()) checkPiece(`${argument}[${index}]`, piece);
}

function checkPiece(argument: string, piece: unknown): void {
  if (piece instanceof Gate || (typeof piece === 'string' && piece !== '')) return;
  if (!isPlainObject(piece) || piece['type'] !== 'repeat')
    rejectArgument(argument, piece, 'non-empty text, repeatText(...) or gate()');
  checkKnownKeys(argument, piece, ['type', 'piece', 'count']);
  requireText(`${argument}.piece`, piece['piece']);
  if (piece['count'] === undefined)
    rejectArgument(`${argument}.count`, undefined, 'a whole number of pieces');
  checkWholeNumber(`${argument}.count`, piece['count'], { min: 1, unit: 'pieces' });
}

function checkToolArguments(argument: string, value: unknown): void {
  if (typeof value === 'string') return;
  if (!isPlainObject(value)) rejectArgument(argument, value, 'a plain object, or JSON text');
  checkSerialisable(argument, value);
}

function checkSerialisable(argument: string, value: unknown): void {
  try {
    JSON.stringify(value);
  } catch (cause) {
    rejectArgument(argument, value, `something that JSON can carry (${String(cause)})`);
  }
}

function checkChoice(argument: string, value: unknown, choices: readonly (string | undefined)[]): void {
  const isChoice = choices.some((choice) => choice === value);
  if (!isChoice) rejectArgument(argument, value, `one of ${choices.map(String).join(', ')}`);
}

function requireText(argument: string, value: unknown): asserts value is string {
  if (typeof value !== 'string' || value === '') rejectArgument(argument, value, 'non-empty text');
}
