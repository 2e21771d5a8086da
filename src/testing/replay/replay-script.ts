/**
 * A tape as it is played: the lines of the conversation, each with what it is matched by, and each answer with the request
 * that it answers. Made once for a tape; it never changes.
 *
 * An answer whose request is not on the tape is left out: the recording began after the request, and a program that
 * begins with the tape never sent it, or was never asked. So is the end of a handshake whose beginning is not on the tape.
 */
import { memberOf } from '../../support/argument-checks.js';
import { InvalidArgumentError } from '../../support/errors.js';
import type { Tape, TapeLine, TapeMessage } from '../tapes/tape.js';

/** One line that is played. */
export interface ScriptLine {
  /** Its place among the lines that are played, from 0. */
  readonly index: number;
  readonly line: TapeLine;
  /** What a line of the program is matched by: equal for the lines that can stand for each other. */
  readonly key: string;
  /** The request that this line answers; `undefined` for what is no answer. */
  readonly answers: ScriptLine | undefined;
}

/** What is played. */
export interface ReplayScript {
  readonly tape: Tape;
  readonly lines: readonly ScriptLine[];
  /** Whether `initialize` is on the tape: without it the recording began after the handshake. */
  readonly hasHandshake: boolean;
}

const scripts = new WeakMap<Tape, ReplayScript>();

/**
 * The script of a tape.
 *
 * @throws InvalidArgumentError when lines are missing on the tape
 */
export function scriptOf(tape: Tape): ReplayScript {
  const known = scripts.get(tape);
  if (known !== undefined) return known;
  const begins = hasHandshake(tape);
  const script = { tape, lines: scriptLines(tape, begins), hasHandshake: begins };
  scripts.set(tape, script);
  return script;
}

/** What a line of a client is matched by: method and thread, or for an answer the request's id. */
export function keyOf(message: TapeMessage): string {
  const { id, method, params } = message;
  if (typeof method !== 'string') return answerKey(id);
  return JSON.stringify([
    id === undefined ? 'notification' : 'request',
    method,
    memberOf(params, 'threadId'),
  ]);
}

/** A message that has an id and a method, and so waits for an answer. */
export function isRequest({ id, method }: TapeMessage): boolean {
  return id !== undefined && typeof method === 'string';
}

/** A message that has an id and no method. */
export function isAnswer({ id, method }: TapeMessage): boolean {
  return id !== undefined && method === undefined;
}

function answerKey(id: unknown): string {
  return JSON.stringify(['answer', id]);
}

function scriptLines(tape: Tape, begins: boolean): readonly ScriptLine[] {
  const asked = { sent: new Map<string, ScriptLine>(), received: new Map<string, ScriptLine>() };
  const lines: ScriptLine[] = [];
  for (const line of tape.lines) {
    if (line.kind === 'missed')
      throw new InvalidArgumentError(
        'tape',
        `tape: ${tape.path} cannot be replayed, because ${line.missed} lines are missing at its line ${line.line}; record it again`,
      );
    const other = line.kind === 'sent' ? 'received' : 'sent';
    const id = answerKey(line.message['id']);
    const answers = isAnswer(line.message) ? asked[other].get(id) : undefined;
    if (isAnswer(line.message) && answers === undefined) continue;
    if (!begins && isInitialized(line)) continue;
    const scripted = { index: lines.length, line, key: keyOf(line.message), answers };
    if (isRequest(line.message)) asked[line.kind].set(id, scripted);
    lines.push(scripted);
  }
  return lines;
}

/** The end of the handshake. */
function isInitialized({ kind, message }: TapeLine): boolean {
  return kind === 'sent' && message['method'] === 'initialized';
}

function hasHandshake({ lines }: Tape): boolean {
  return lines.some((line) => line.kind === 'sent' && line.message['method'] === 'initialize');
}
