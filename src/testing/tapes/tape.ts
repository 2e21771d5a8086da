/**
 * What a tape is: a recorded conversation between a client and a server, as data and as text. Types and the words of the
 * format; reading and writing stand beside it.
 *
 * As text a tape is UTF-8, one JSON object a line, each ended by `\n`: first the header, then one line for each line of the
 * conversation, `{"atMs":12,"sent":{...}}` or `{"atMs":13,"received":{...}}`, in the order in which they passed, last
 * `{"atMs":900,"ended":{...}}`. A line of the file has a number, from 1, by which faults and errors name it.
 */

/** The format that is written, and read. */
export const TAPE_FORMAT = 1;

/** A message of the conversation: any JSON object. */
export type TapeMessage = Readonly<Record<string, unknown>>;

/** The first line of a tape. */
export interface TapeHeader {
  /** The format. */
  readonly tape: typeof TAPE_FORMAT;
  /** When the recording began, as ISO 8601 in UTC. */
  readonly recordedAt: string;
  /** The version of codex that this package's types were made from. */
  readonly protocol: string;
  /** The server's version, or `null` where it was not known when the first line of the server came. */
  readonly server: string | null;
}

/** One line of the client or of the server. */
export interface TapeLine {
  readonly kind: 'sent' | 'received';
  /** The line's number in the file. */
  readonly line: number;
  /** When it passed, in milliseconds since the recording began. */
  readonly atMs: number;
  /** What it said. */
  readonly message: TapeMessage;
}

/** Lines that the recording missed: such a tape can be looked at, and not replayed. */
export interface TapeGap {
  readonly kind: 'missed';
  /** The line's number in the file. */
  readonly line: number;
  /** When the lines were missed, in milliseconds since the recording began. */
  readonly atMs: number;
  /** How many lines are missing here. */
  readonly missed: number;
}

/** How the conversation ended. A tape without it was cut off. */
export interface TapeEnd {
  readonly kind: 'ended';
  /** The line's number in the file. */
  readonly line: number;
  /** When the conversation ended, in milliseconds since the recording began. */
  readonly atMs: number;
  /** Who ended it: `shutdown()`, the server by itself, or the recording was stopped before either. */
  readonly by: 'client' | 'server' | 'recorder';
  /** The server's exit code, or `null` when it is not known or a signal ended it. */
  readonly exitCode: number | null;
  /** The signal that ended the server, for example `SIGKILL`, or `null`. */
  readonly signal: string | null;
}

/** A recorded conversation. */
export interface Tape {
  /** Where it was read, for messages. */
  readonly path: string;
  /** When it was recorded, and of which versions. */
  readonly header: TapeHeader;
  /** What was said, in the order in which it passed. */
  readonly lines: readonly (TapeLine | TapeGap)[];
  /** How it ended; `undefined` for a tape that was cut off. */
  readonly end: TapeEnd | undefined;
}
