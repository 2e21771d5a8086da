/**
 * What `attach` accepts, as types by structure alone: users compile these declarations, and need no Node.js types for
 * it. The check is in `attached-streams.ts`.
 */

/** A readable byte stream of Node.js, such as a `ChildProcess`'s `stdout` or a `PassThrough`. */
export interface AttachableReadable {
  /** More may come. */
  readonly readable: boolean;
  /** Everything was read. */
  readonly readableEnded: boolean;
  /** It was closed. */
  readonly destroyed: boolean;
}

/** A writable byte stream of Node.js, such as a `ChildProcess`'s `stdin` or a `PassThrough`. */
export interface AttachableWritable {
  /** It takes more. */
  readonly writable: boolean;
  /** It was told that no more comes. */
  readonly writableEnded: boolean;
  /** It was closed. */
  readonly destroyed: boolean;
}

/** How an attached server ended. Both are `null` when that is not known. */
export interface AttachableExit {
  /** The exit code, or `null` when a signal ended it. */
  readonly exitCode: number | null;
  /** The signal that ended it, for example `SIGKILL`. */
  readonly signal: string | null;
}

/**
 * A server somebody else started: a `ChildProcess`, an execa subprocess, or just its streams. Its streams must not be
 * read or written by others from then on.
 *
 * `kill` decides who owns it. With `kill` (a `ChildProcess` has one) `shutdown()` ends stdin and stops it; without,
 * `shutdown()` leaves it alive and its stdin open. Pass `{ stdin, stdout, stderr, pid }` of a `ChildProcess` to keep it alive.
 */
export interface AttachableChild {
  /** Where requests and answers are written. */
  readonly stdin: AttachableWritable | null | undefined;
  /** Where messages are read. */
  readonly stdout: AttachableReadable | null | undefined;
  /** Read from now on for as long as it lasts; without it error messages have no stderr. */
  readonly stderr?: AttachableReadable | null | undefined;
  /** The process id, for `AsyncClient.pid`. */
  readonly pid?: number | undefined;
  /**
   * Settles when the server is gone, with how it ended: `closed` and `ServerClosedError` have it from here. Without it the
   * end of stdout is the end, and how it came is unknown. A `ChildProcess` tells its exit itself, and needs none.
   */
  readonly exit?: PromiseLike<AttachableExit> | undefined;
  /** Sends the signal to the process. */
  kill?(signal: 'SIGTERM' | 'SIGKILL'): unknown;
}
