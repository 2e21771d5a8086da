/**
 * What a server wrote, read a second time by other means than the client's: line by line, from the whole text. It says
 * what a client must have handed out and settled once a server that wrote exactly these bytes is gone.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The file of the short session that every fault point plays, or a part of it. */
export const SHORT_SESSION = fileURLToPath(
  new URL('../../fixtures/transcripts/short-session.jsonl', import.meta.url),
);

/** A message as it stands on the wire. */
export type WireLine = Readonly<Record<string, unknown>>;

/** What a client owes its user for the bytes that it got. */
export interface Owed {
  /** Notifications and server requests, in wire order. */
  readonly messages: readonly WireLine[];
  /** Answers by id, the first one of each. */
  readonly answers: ReadonlyMap<unknown, WireLine>;
  /** A line that starts like a message and is none; nothing after it counts. */
  readonly isBroken: boolean;
  readonly noiseLines: number;
}

/** The lines of the short session, each with its line end. */
export function sessionLines(): Buffer[] {
  return linesOf(readFileSync(SHORT_SESSION));
}

/** Reads what was written. */
export function owedFor(written: Buffer): Owed {
  const messages: WireLine[] = [];
  const answers = new Map<unknown, WireLine>();
  let noiseLines = 0;
  for (const line of linesOf(written)) {
    const isWhole = line.at(-1) === 0x0a;
    if (line[0] !== 0x7b) {
      if (isWhole) noiseLines += 1;
      continue;
    }
    const message = parsed(line.toString());
    if (message === undefined && isWhole) return { messages, answers, isBroken: true, noiseLines };
    if (message === undefined) continue;
    if ('method' in message) messages.push(message);
    else if (!answers.has(message['id'])) answers.set(message['id'], message);
  }
  return { messages, answers, isBroken: false, noiseLines };
}

/** A JSON-RPC message, or nothing. */
function parsed(line: string): WireLine | undefined {
  try {
    const message = JSON.parse(line);
    return ['method', 'result', 'error'].some((member) => member in message) ? message : undefined;
  } catch {
    return undefined;
  }
}

/** Cut after each line end; what follows the last one is a line of its own. */
function linesOf(written: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  for (let start = 0; start < written.length; ) {
    const newline = written.indexOf(0x0a, start);
    const end = newline === -1 ? written.length : newline + 1;
    lines.push(written.subarray(start, end));
    start = end;
  }
  return lines;
}
