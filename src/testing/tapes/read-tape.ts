/**
 * Reads a tape. Owns what is a tape and what is none, and that the error names the file, the line and what was expected
 * there. It knows nothing of what the messages mean.
 */
import { readFileSync } from 'node:fs';
import { checkText, isPlainObject, rejectArgument } from '../../support/argument-checks.js';
import { InvalidArgumentError } from '../../support/errors.js';
import {
  TAPE_FORMAT,
  type Tape,
  type TapeEnd,
  type TapeGap,
  type TapeHeader,
  type TapeLine,
} from './tape.js';

/**
 * Reads a tape from a file.
 *
 * @throws InvalidArgumentError when the file cannot be read or is no tape; it names the line and what was expected there
 */
export function readTape(path: string): Tape {
  checkText('path', path);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InvalidArgumentError('path', `path: no tape can be read from ${path}: ${reason}`, { cause });
  }
  return tapeOf(text, path);
}

/** A tape from its text; `path` is for messages. @internal */
export function tapeOf(text: string, path: string): Tape {
  const [first = '', ...rest] = wholeLines(text);
  const header = headerOf(objectOf(first, path, 1), path);
  const lines: (TapeLine | TapeGap)[] = [];
  let end: TapeEnd | undefined;
  for (const [index, source] of rest.entries()) {
    const line = index + 2;
    if (end !== undefined) notATape(path, line, source, 'nothing after the line that says how it ended');
    const entry = entryOf(objectOf(source, path, line), path, line);
    if (entry.kind === 'ended') end = entry;
    else lines.push(entry);
  }
  return { path, header, lines, end };
}

/** The lines of the text. Who writes a tape ends each line, so a last one that has no end and is no JSON was cut off. */
function wholeLines(text: string): string[] {
  const lines = text.split('\n');
  const last = lines.at(-1) ?? '';
  if (lines.length > 1 && (last === '' || !isJson(last))) lines.pop();
  return lines;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function headerOf(header: Readonly<Record<string, unknown>>, path: string): TapeHeader {
  const { tape, recordedAt, protocol, server } = header;
  if (typeof tape === 'number' && tape > TAPE_FORMAT)
    throw new InvalidArgumentError(
      path,
      `${path}: a tape of format ${tape}, and this version of codex-async-client reads format ${TAPE_FORMAT}; read it with a newer one`,
    );
  if (tape !== TAPE_FORMAT) notATape(path, 1, header, `{"tape":${TAPE_FORMAT},...}, the header`);
  return {
    tape: TAPE_FORMAT,
    recordedAt: typeof recordedAt === 'string' ? recordedAt : '',
    protocol: typeof protocol === 'string' ? protocol : '',
    server: typeof server === 'string' ? server : null,
  };
}

function entryOf(
  entry: Readonly<Record<string, unknown>>,
  path: string,
  line: number,
): TapeLine | TapeGap | TapeEnd {
  const { atMs, sent, received, missed, ended } = entry;
  if (typeof atMs !== 'number') notATape(path, line, entry, '"atMs", a number of milliseconds');
  if (isPlainObject(sent)) return { kind: 'sent', line, atMs, message: sent };
  if (isPlainObject(received)) return { kind: 'received', line, atMs, message: received };
  if (typeof missed === 'number') return { kind: 'missed', line, atMs, missed };
  if (isPlainObject(ended)) return endOf(ended, { line, atMs });
  notATape(path, line, entry, '"sent" or "received" with a message, "missed" or "ended"');
}

function endOf(
  { by, exitCode, signal }: Readonly<Record<string, unknown>>,
  place: Pick<TapeEnd, 'line' | 'atMs'>,
): TapeEnd {
  return {
    kind: 'ended',
    ...place,
    by: by === 'client' || by === 'server' ? by : 'recorder',
    exitCode: typeof exitCode === 'number' ? exitCode : null,
    signal: typeof signal === 'string' ? signal : null,
  };
}

function objectOf(source: string, path: string, line: number): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(source);
    if (isPlainObject(value)) return value;
  } catch {
    // Said below.
  }
  return notATape(path, line, source, 'a JSON object');
}

function notATape(path: string, line: number, given: unknown, expected: string): never {
  return rejectArgument(`${path}:${line}`, given, expected);
}
