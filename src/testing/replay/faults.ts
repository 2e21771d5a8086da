/**
 * What can go wrong in a replay, as data. Lines are named by their numbers in the tape's file, so that a fault can be read
 * beside it.
 */

/** One thing that goes wrong. */
export type TapeFault =
  /** The server is gone after a line of the tape, whosever it is: what it had to say later is never said. */
  | {
      readonly fault: 'crash';
      readonly afterLine: number;
      /** @defaultValue `null` */
      readonly exitCode?: number | null | undefined;
      /** @defaultValue `'SIGKILL'`, unless there is an exit code */
      readonly signal?: string | null | undefined;
    }
  /** The server's output ends after a line of the tape, and the server lives on and reads. */
  | { readonly fault: 'endStdout'; readonly afterLine: number }
  /** What the server writes comes in pieces of so many bytes. */
  | { readonly fault: 'split'; readonly bytes: number }
  /** A line of the server comes so many milliseconds later, and with it all that follow. */
  | { readonly fault: 'delay'; readonly line: number; readonly ms: number }
  /** A line of the server comes twice. */
  | { readonly fault: 'duplicate'; readonly line: number }
  /** The server never sends this line, the answer to a request. */
  | { readonly fault: 'dropAnswer'; readonly line: number }
  /** The server turns the request of this line away with `-32001` so many times before it takes it. */
  | {
      readonly fault: 'overload';
      readonly line: number;
      /** @defaultValue `1` */
      readonly times?: number | undefined;
    }
  /** The server writes so many bytes of log to stderr after a line of the tape. */
  | { readonly fault: 'floodStderr'; readonly afterLine: number; readonly bytes: number }
  /** The server reads nothing more from its stdin after a line of the tape. */
  | { readonly fault: 'stopReading'; readonly afterLine: number };

/** What goes wrong in one replay; nothing when it is empty. */
export type FaultPlan = readonly TapeFault[];
